// expect: the body of a nursery is a callable (Nursery&) -> Task<>
#include "hocket/hocket.h"

using namespace hocket;

Task<> Main() {
#ifdef FIXED
  co_await WithNursery([](Nursery&) -> Task<> { co_return; });
#else
  co_await WithNursery([]() -> Task<> { co_return; });
#endif
}
