// wronglock3: a reader reads a value twice under one lock, and three writers write it under another one. It fails if a
// write falls between the two reads. The fix: the writers take the reader's lock.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock read_lock;
  Lock write_lock;
  Shared<int> value;
  int first = 0;
  int second = 0;
};

Task<> Write(Setting& setting, State& state) {
  Lock& lock = setting.fixed() ? state.read_lock : state.write_lock;
  co_await setting.Pad();
  co_await lock.Acquire();
  const LockGuard guard(lock);
  co_await setting.Pad();
  co_await Checkpoint(state.value.Will(AccessKind::kUpdate));
  state.value += 1;
}

Task<> Read(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.read_lock.Acquire();
  const LockGuard guard(state.read_lock);
  co_await setting.Pad();
  co_await Checkpoint(state.value.Will(AccessKind::kRead));
  state.first = state.value;
  co_await setting.Pad();
  co_await Checkpoint(state.value.Will(AccessKind::kRead));
  state.second = state.value;
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int writer = 0; writer < 3; ++writer) {
      nursery.StartSoon(TaskName("write"), Write, std::ref(setting), std::ref(state));
    }
    nursery.StartSoon(TaskName("read"), Read, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.first));
  setting.Observe(std::to_string(state.second));
  Require(state.first == state.second, "the value changed under the reader's lock");
}

}  // namespace

Program Wronglock3() {
  return {.name = "wronglock3",
          .essence = "readers and writers take different locks",
          .source = "SCTBench, wronglock_3",
          .body = Body,
          .declares = true,
          .study = true};
}

}  // namespace hocket::bugs
