// double_checked: a value is made on first use, by whoever holds the lock; that it is made is looked up without the
// lock first. The flag is set before the value is there, and between the two somebody comes past the lock. The fix: the
// flag comes last.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock lock;
  int made = 0;
  int value = 0;
};

Task<> MakeOnce(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  if (state.made == 1) co_return;
  int& first = setting.fixed() ? state.value : state.made;
  int& second = setting.fixed() ? state.made : state.value;
  co_await setting.Pad();
  co_await Checkpoint();
  first = 1;
  co_await setting.Pad();
  co_await Checkpoint();
  second = 1;
}

Task<> Use(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await Checkpoint();
  if (state.made == 0) co_await MakeOnce(setting, state);
  co_await setting.Pad();
  co_await Checkpoint();
  Require(state.value == 1, "the value is used before it is made");
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int user = 0; user < 2; ++user) {
      nursery.StartSoon(TaskName("use"), Use, std::ref(setting), std::ref(state));
    }
    co_return;
  });
  setting.Observe(std::to_string(state.value));
}

}  // namespace

Program DoubleChecked() {
  return {.name = "double_checked",
          .essence = "a flag is set before what it stands for is there",
          .source = "double-checked locking",
          .body = Body};
}

}  // namespace hocket::bugs
