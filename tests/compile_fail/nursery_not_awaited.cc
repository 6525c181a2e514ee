// expect: a task does nothing unless it is awaited
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  co_await
#endif
      WithNursery([](Nursery& nursery) -> Task<> {
        nursery.StartSoon(Work);
        co_return;
      });
  co_return;
}
