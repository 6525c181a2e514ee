// expect: ignoring return value of function declared with 'nodiscard'
#include "hocket/hocket.h"

using namespace hocket;

Task<> Main(Event& event) {
#ifdef FIXED
  co_await event.Wait();
#else
  event.Wait();
  co_return;
#endif
}
