// expect: a task can await tasks and this library
#include <coroutine>

#include "hocket/hocket.h"

using namespace hocket;

// S11
Task<> Main() {
#ifdef FIXED
  co_await Checkpoint();
#else
  co_await std::suspend_always();
#endif
}
