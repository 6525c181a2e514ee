// expect: deleted function
#include <functional>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Watch(const CancelScope& scope) {
  co_await Checkpoint();
  static_cast<void>(scope.cancel_called());
}

void Start(Nursery& nursery) {
#ifdef FIXED
  nursery.StartSoon(Watch, CancelScope());
#else
  nursery.StartSoon(Watch, std::cref(CancelScope()));
#endif
}
