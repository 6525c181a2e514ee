// expect: pass a callable, not a task
#include "hocket/hocket.h"

using namespace hocket;

Task<> Work(int) { co_return; }

void Start(Nursery& nursery) {
#ifdef FIXED
  nursery.StartSoon(Work, 1);
#else
  nursery.StartSoon(Work(1));
#endif
}
