// expect: nodiscard
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  const Outcome<> outcome = co_await Capture(Work());
  co_await Resolve(outcome);
#else
  co_await Capture(Work());
#endif
}
