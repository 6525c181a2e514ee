// expect: call to deleted constructor
#include <utility>

#include "hocket/hocket.h"

using namespace hocket;

// By the time of the co_await, the lambda that the captures live in is gone.
Task<> Main(int x) {
#ifdef FIXED
  const auto body = [x]() -> Task<> {
    co_await Checkpoint();
    static_cast<void>(x + 1);
  };
  co_await body();
#else
  Task<> task = [x]() -> Task<> {
    co_await Checkpoint();
    static_cast<void>(x + 1);
  }();
  co_await std::move(task);
#endif
}
