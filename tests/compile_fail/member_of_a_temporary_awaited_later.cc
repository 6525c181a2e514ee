// expect: call to deleted constructor
#include <utility>

#include "hocket/hocket.h"

using namespace hocket;

struct Connection {
  Task<> Close() {
    co_await Checkpoint();
    ++closed;
  }
  int closed = 0;
};

Task<> Main() {
#ifdef FIXED
  co_await Connection().Close();
#else
  auto task = Connection().Close();
  co_await std::move(task);
#endif
}
