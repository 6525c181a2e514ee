// reorder3 to reorder20: setters write a and then b, and a checker reads a and then b. It fails if it sees one of the
// two writes and not the other one: it must read a after somebody has written it, and b before anybody has. The fix: a
// lock around both.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock lock;
  Shared<int> a;
  Shared<int> b;
  int seen_a = 0;
  int seen_b = 0;
};

Task<> Set(Setting& setting, State& state) {
  std::optional<LockGuard> guard;
  if (setting.fixed()) {
    co_await state.lock.Acquire();
    guard.emplace(state.lock);
  }
  co_await setting.Pad();
  co_await Checkpoint(state.a.Will(AccessKind::kWrite));
  state.a = 1;
  co_await setting.Pad();
  co_await Checkpoint(state.b.Will(AccessKind::kWrite));
  state.b = -1;
}

Task<> Check(Setting& setting, State& state) {
  std::optional<LockGuard> guard;
  if (setting.fixed()) {
    co_await state.lock.Acquire();
    guard.emplace(state.lock);
  }
  co_await setting.Pad();
  co_await Checkpoint(state.a.Will(AccessKind::kRead));
  state.seen_a = state.a;
  co_await setting.Pad();
  co_await Checkpoint(state.b.Will(AccessKind::kRead));
  state.seen_b = state.b;
}

template <int kTasks>
Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int setter = 1; setter < kTasks; ++setter) {
      nursery.StartSoon(TaskName("set"), Set, std::ref(setting), std::ref(state));
    }
    nursery.StartSoon(TaskName("check"), Check, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.seen_a));
  setting.Observe(std::to_string(state.seen_b));
  Require(state.seen_a == -state.seen_b, "one of two writes was seen");
}

template <int kTasks>
Program Reorder(const char* name) {
  return {.name = name,
          .essence = "two variables are written, and read, one after the other",
          .source = "SCTBench, reorder",
          .body = Body<kTasks>,
          .declares = true,
          .study = true};
}

}  // namespace

Program Reorder3() { return Reorder<3>("reorder3"); }
Program Reorder5() { return Reorder<5>("reorder5"); }
Program Reorder10() { return Reorder<10>("reorder10"); }
Program Reorder20() { return Reorder<20>("reorder20"); }

}  // namespace hocket::bugs
