// expect: no matching function for call
#include "hocket/hocket.h"

using namespace hocket;

Task<> Stop(CancelScope& scope) {
  scope.Cancel();
  co_return;
}

Task<> Main() {
#ifdef FIXED
  CancelScope scope;
  co_await Stop(scope);
#else
  co_await Stop(CancelScope());
#endif
}
