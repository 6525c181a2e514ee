// expect: a task does nothing unless it is awaited
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  co_await Work();
#else
  Work();
  co_return;
#endif
}
