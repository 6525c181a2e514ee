// kubernetes11298: a task waits at a condition without a predicate. If the notification comes before the wait, it is
// gone, and the task waits for ever. The fix: a flag that the wait looks at.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock lock;
  Condition changed{lock};
  bool done = false;
};

Task<> Wait(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  if (setting.fixed() && state.done) co_return;
  co_await state.changed.Wait();
}

Task<> Finish(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  state.done = true;
  state.changed.NotifyAll();
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("wait"), Wait, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("finish"), Finish, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe("done");
}

}  // namespace

Program Kubernetes11298() {
  return {.name = "kubernetes11298",
          .essence = "a condition is notified before anybody waits",
          .source = "github.com/kubernetes/kubernetes/pull/11298; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
