// expect: constructor of
#include "hocket/hocket.h"

using namespace hocket;

Task<int> Number() { co_return 1; }

Task<int> Main() {
#ifdef FIXED
  const auto number = [] { return Number(); };
  const int first = co_await number();
  co_return first + co_await number();
#else
  Task<int> number = Number();
  const int first = co_await number;
  co_return first + co_await number;
#endif
}
