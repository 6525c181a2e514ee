// permits2: two tasks need two of two permits and take them one at a time. If each has one, both wait for ever. The
// fix: only one task at a time collects.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Semaphore permits{2};
  Lock collecting;
};

Task<> UseTwo(Setting& setting, State& state) {
  co_await setting.Pad();
  std::optional<LockGuard> guard;
  if (setting.fixed()) {
    co_await state.collecting.Acquire();
    guard.emplace(state.collecting);
  }
  co_await state.permits.Acquire();
  co_await setting.Pad();
  co_await state.permits.Acquire();
  guard.reset();
  state.permits.Release();
  state.permits.Release();
}

Task<> ThinkAndUseTwo(Setting& setting, State& state) {
  co_await Checkpoint();
  co_await UseTwo(setting, state);
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("use"), UseTwo, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("think"), ThinkAndUseTwo, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.permits.value()));
}

}  // namespace

Program Permits2() {
  return {.name = "permits2",
          .essence = "two tasks collect two of two permits one by one",
          .source = "hold and wait: Coffman, Elphick, Shoshani (1971)",
          .body = Body};
}

}  // namespace hocket::bugs
