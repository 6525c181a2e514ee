// expect: call to deleted constructor
#include <string>
#include <utility>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Greet(const std::string& name) {
  co_await Checkpoint();
  static_cast<void>(name.size());
}

Task<> Main() {
#ifdef FIXED
  static_cast<void>(co_await Capture(Greet("world")));
#else
  Task<> task = Greet("world");
  static_cast<void>(co_await Capture(std::move(task)));
#endif
}
