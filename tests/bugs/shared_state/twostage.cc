// twostage, twostage_20: setters write first under one lock and second, which is to be first + 1, under another one; a
// reader reads them under the same locks. Between its two sections a setter has written only one of them, and a reader
// that passes through both meanwhile sees a second that is stale. The fix: the first lock is kept.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock first_lock;
  Lock second_lock;
  Shared<int> first;
  Shared<int> second;
  int seen_first = 0;
  int seen_second = 0;
};

Task<> Set(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.first_lock.Acquire();
  std::optional<LockGuard> guard(state.first_lock);
  co_await setting.Pad();
  co_await Checkpoint(state.first.Will(AccessKind::kWrite));
  state.first = 1;
  if (!setting.fixed()) guard.reset();
  co_await setting.Pad();
  co_await Checkpoint();
  co_await state.second_lock.Acquire();
  const LockGuard second_guard(state.second_lock);
  co_await setting.Pad();
  co_await Checkpoint(state.second.Will(AccessKind::kWrite));
  state.second = 2;
}

Task<> Read(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.first_lock.Acquire();
  std::optional<LockGuard> guard(state.first_lock);
  co_await setting.Pad();
  co_await Checkpoint(state.first.Will(AccessKind::kRead));
  state.seen_first = state.first;
  if (state.seen_first == 0) co_return;
  if (!setting.fixed()) guard.reset();
  co_await setting.Pad();
  co_await Checkpoint();
  co_await state.second_lock.Acquire();
  const LockGuard second_guard(state.second_lock);
  co_await setting.Pad();
  co_await Checkpoint(state.second.Will(AccessKind::kRead));
  state.seen_second = state.second;
}

template <int kTasks>
Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int setter = 1; setter < kTasks; ++setter) {
      nursery.StartSoon(TaskName("set"), Set, std::ref(setting), std::ref(state));
    }
    nursery.StartSoon(TaskName("read"), Read, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.seen_first));
  setting.Observe(std::to_string(state.seen_second));
  Require(state.seen_first == 0 || state.seen_second == state.seen_first + 1, "the second value is stale");
}

template <int kTasks>
Program TwoStage(const char* name) {
  return {.name = name,
          .essence = "what belongs together is written in two critical sections",
          .source = "SCTBench, twostage",
          .body = Body<kTasks>,
          .declares = true,
          .study = true};
}

}  // namespace

Program Twostage() { return TwoStage<2>("twostage"); }
Program Twostage20() { return TwoStage<20>("twostage_20"); }

}  // namespace hocket::bugs
