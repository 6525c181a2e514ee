// stack: whoever pops looks whether there is an element and takes it in the next step. Two that look at the last
// element both take it. The fix: a lock around both steps.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock lock;
  int size = 0;
  int popped = 0;
};

Task<> Pop(Setting& setting, State& state) {
  std::optional<LockGuard> guard;
  if (setting.fixed()) {
    co_await state.lock.Acquire();
    guard.emplace(state.lock);
  }
  co_await setting.Pad();
  co_await Checkpoint();
  if (state.size == 0) co_return;
  co_await setting.Pad();
  co_await Checkpoint();
  Require(state.size > 0, "an element was popped twice");
  --state.size;
  ++state.popped;
}

Task<> PushAndPop(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await Checkpoint();
  ++state.size;
  co_await Pop(setting, state);
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("pop"), Pop, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("push"), PushAndPop, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.popped));
}

}  // namespace

Program Stack() {
  return {.name = "stack",
          .essence = "two look at the last element and both take it",
          .source = "SCTBench, stack",
          .body = Body};
}

}  // namespace hocket::bugs
