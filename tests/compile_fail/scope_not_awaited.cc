// expect: a task does nothing unless it is awaited
#include <chrono>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Main() {
#ifdef FIXED
  co_await
#endif
      MoveOnAfter(std::chrono::seconds(1), []() -> Task<> { co_await SleepForever(); });
  co_return;
}
