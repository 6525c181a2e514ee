// counter3: three tasks add one to a counter, each by reading it and writing it back. Two that read before either of
// them writes lose an addition. The fix: the addition is one step.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

Task<> Add(Setting& setting, Shared<int>& counter) {
  co_await setting.Pad();
  if (setting.fixed()) {
    co_await Checkpoint(counter.Will(AccessKind::kUpdate));
    counter += 1;
    co_return;
  }
  co_await Checkpoint(counter.Will(AccessKind::kRead));
  const int before = counter;
  co_await setting.Pad();
  co_await Checkpoint(counter.Will(AccessKind::kWrite));
  counter = before + 1;
}

Task<> Body(Setting& setting) {
  Shared<int> counter;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 3; ++task) nursery.StartSoon(TaskName("add"), Add, std::ref(setting), std::ref(counter));
    co_return;
  });
  const int sum = counter;
  setting.Observe(std::to_string(sum));
  Require(sum == 3, "an addition was lost");
}

}  // namespace

Program Counter3() {
  return {.name = "counter3",
          .essence = "a counter is read and written back in two steps",
          .source = "the classic lost update",
          .body = Body,
          .fifo_shows = true,
          .declares = true,
          .study = true};
}

}  // namespace hocket::bugs
