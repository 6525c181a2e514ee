// expect: a TaskStatus at the end
#include "hocket/hocket.h"

using namespace hocket;

#ifdef FIXED
Task<> Serve(int, TaskStatus<int> status) {
  status.Started(1);
  co_return;
}
#else
Task<> Serve(int) { co_return; }
#endif

Task<int> Main(Nursery& nursery) { co_return co_await nursery.Start<int>(Serve, 1); }
