// expect: what is started has to return a Task
#include "hocket/hocket.h"

using namespace hocket;

void Start(Nursery& nursery) {
#ifdef FIXED
  nursery.StartSoon([]() -> Task<> { co_return; });
#else
  nursery.StartSoon([] {});
#endif
}
