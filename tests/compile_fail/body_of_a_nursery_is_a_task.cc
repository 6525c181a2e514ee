// expect: deleted constructor
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
  co_await WithNursery(Work());
#endif
}
