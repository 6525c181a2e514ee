// expect: no member named 'yield_value'
#include "hocket/hocket.h"

using namespace hocket;

Task<int> Main() {
#ifdef FIXED
  co_return 1;
#else
  co_yield 1;
  co_return 1;
#endif
}
