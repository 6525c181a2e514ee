// waitgroup_add: workers count themselves as they begin, and a task waits until none of those that are counted is left.
// If it looks before they have begun, there is nobody to wait for. The fix: who starts them counts them.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kWorkers = 2;

struct WaitGroup {
  Lock lock;
  Condition changed{lock};
  int counted = 0;
};

struct State {
  WaitGroup group;
  int results = 0;
  int seen = 0;
};

Task<> Count(Setting& setting, WaitGroup& group, int change) {
  co_await setting.Pad();
  co_await group.lock.Acquire();
  const LockGuard guard(group.lock);
  group.counted += change;
  group.changed.NotifyAll();
}

Task<> Work(Setting& setting, State& state) {
  if (!setting.fixed()) co_await Count(setting, state.group, 1);
  co_await setting.Pad();
  ++state.results;
  co_await Count(setting, state.group, -1);
}

Task<> Collect(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await Checkpoint();
  co_await state.group.lock.Acquire();
  const LockGuard guard(state.group.lock);
  while (state.group.counted > 0) co_await state.group.changed.Wait();
  state.seen = state.results;
}

Task<> Body(Setting& setting) {
  State state;
  if (setting.fixed()) state.group.counted = kWorkers;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int worker = 0; worker < kWorkers; ++worker) {
      nursery.StartSoon(TaskName("work"), Work, std::ref(setting), std::ref(state));
    }
    nursery.StartSoon(TaskName("collect"), Collect, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.seen));
  Require(state.seen == kWorkers, "the results were collected too early");
}

}  // namespace

Program WaitgroupAdd() {
  return {.name = "waitgroup_add",
          .essence = "workers count themselves, too late for who waits for them",
          .source = "Go's sync.WaitGroup with Add inside of the goroutine",
          .body = Body};
}

}  // namespace hocket::bugs
