// expect: call to deleted constructor
#include <string>
#include <utility>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Greet(const std::string& name) {
  co_await Checkpoint();
  static_cast<void>(name.size());
}

// By the time of the co_await, the string that the parameter refers to is gone.
Task<> Main() {
#ifdef FIXED
  co_await Greet(std::string("world"));
#else
  Task<> task = Greet(std::string("world"));
  co_await std::move(task);
#endif
}
