// lazy01: two tasks add to a value and a third one takes for granted that they are not through yet. All of them hold
// the lock, which keeps nobody from coming last. The fix: the second addition waits for the check.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock lock;
  int value = 0;
  int seen = 0;
  Event checked;
};

Task<> AddOne(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  co_await setting.Pad();
  state.value += 1;
}

Task<> AddTwo(Setting& setting, State& state) {
  if (setting.fixed()) co_await state.checked.Wait();
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  co_await setting.Pad();
  state.value += 2;
}

Task<> Check(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  co_await setting.Pad();
  state.seen = state.value;
  state.checked.Set();
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("check"), Check, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("add"), AddOne, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("add"), AddTwo, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.seen));
  Require(state.seen < 3, "both additions came before the check");
}

}  // namespace

Program Lazy01() {
  return {.name = "lazy01",
          .essence = "a lock is taken for an order",
          .source = "SCTBench, lazy01",
          .body = Body,
          .study = true};
}

}  // namespace hocket::bugs
