// stringbuffer: appending another buffer asks for its length in one critical section and copies that many characters
// in the next one. It fails if the other buffer is emptied between the two. The fix: one critical section.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  Lock lock;
  Shared<int> length{3};
  int copied = 0;
};

Task<> Erase(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  co_await setting.Pad();
  co_await Checkpoint(state.length.Will(AccessKind::kWrite));
  state.length = 0;
}

Task<> Append(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  std::optional<LockGuard> guard(state.lock);
  co_await setting.Pad();
  co_await Checkpoint(state.length.Will(AccessKind::kRead));
  const int length = state.length;
  if (!setting.fixed()) {
    guard.reset();
    co_await setting.Pad();
    co_await Checkpoint();
    co_await state.lock.Acquire();
    guard.emplace(state.lock);
  }
  co_await setting.Pad();
  co_await Checkpoint(state.length.Will(AccessKind::kRead));
  Require(length <= state.length, "more characters are copied than there are");
  state.copied = length;
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("erase"), Erase, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("append"), Append, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.copied));
}

}  // namespace

Program Stringbuffer() {
  return {.name = "stringbuffer",
          .essence = "a length is asked for in one critical section and used in the next one",
          .source = "java.lang.StringBuffer, JDK 1.4; SCTBench, stringbuffer-jdk1.4",
          .body = Body,
          .declares = true,
          .study = true};
}

}  // namespace hocket::bugs
