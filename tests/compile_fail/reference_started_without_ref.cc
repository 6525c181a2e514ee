// expect: std::ref for a reference
#include <functional>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Count(int& counter) {
  ++counter;
  co_return;
}

void Start(Nursery& nursery, int& counter) {
#ifdef FIXED
  nursery.StartSoon(Count, std::ref(counter));
#else
  nursery.StartSoon(Count, counter);
#endif
}
