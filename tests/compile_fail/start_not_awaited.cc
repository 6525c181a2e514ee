// expect: a task does nothing unless it is awaited
#include "hocket/hocket.h"

using namespace hocket;

Task<> Serve(TaskStatus<> status) {
  status.Started();
  co_return;
}

Task<> Main() {
  co_await WithNursery([](Nursery& nursery) -> Task<> {
#ifdef FIXED
    co_await
#endif
        nursery.Start(Serve);
    co_return;
  });
}
