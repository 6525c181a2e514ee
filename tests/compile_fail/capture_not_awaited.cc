// expect: a captured task does nothing unless it is awaited
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  const Outcome<> outcome = co_await Capture(Work());
  co_await Resolve(outcome);
#else
  Capture(Work());
  co_return;
#endif
}
