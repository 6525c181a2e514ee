// expect: call to deleted constructor
#include <utility>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Work() { co_return; }

Task<> Main() {
#ifdef FIXED
  const auto work = Work;
  co_await work();
#else
  Task<> task = Work();
  Task<> other = std::move(task);
  co_return;
#endif
}
