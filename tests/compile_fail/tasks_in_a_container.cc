// expect: deleted constructor
#include <utility>
#include <vector>

#include "hocket/hocket.h"

using namespace hocket;

Task<> Work(int) { co_return; }

Task<> Main() {
#ifdef FIXED
  co_await WithNursery([](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 10; ++i) nursery.StartSoon(Work, i);
    co_return;
  });
#else
  std::vector<Task<> > tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(Work(i));
  for (Task<>& task : tasks) co_await std::move(task);
#endif
}
