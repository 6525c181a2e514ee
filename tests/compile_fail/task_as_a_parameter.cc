// expect: call to deleted constructor
#include <utility>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

#ifdef FIXED
template <class Body>
Task<> Twice(Body body) {
  co_await body();
  co_await body();
}
#else
Task<> Twice(Task<> body) {
  co_await std::move(body);
  co_await std::move(body);
}
#endif

Task<> Main() {
#ifdef FIXED
  co_await Twice(Work);
#else
  co_await Twice(Work());
#endif
}
