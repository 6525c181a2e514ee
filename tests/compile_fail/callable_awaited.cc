// expect: a callable has to be called
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  co_await Work();
#else
  co_await Work;
#endif
}
