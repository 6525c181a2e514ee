// expect: no matching constructor for initialization of
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  co_await WithNursery([](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Work);
    co_return;
  });
#else
  Nursery nursery;
  nursery.StartSoon(Work);
  co_return;
#endif
}
