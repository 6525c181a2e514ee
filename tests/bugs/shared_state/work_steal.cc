// work_steal: the owner of a queue of jobs takes them from one end while a thief takes them from the other one. Each
// looks first and takes then, so that both can have the same last job. The fix: a lock.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kJobs = 2;

struct State {
  Lock lock;
  int head = 0;
  int tail = kJobs;
  int done = 0;
};

// Whether there was a job.
Task<bool> Take(Setting& setting, State& state, bool from_tail) {
  std::optional<LockGuard> guard;
  if (setting.fixed()) {
    co_await state.lock.Acquire();
    guard.emplace(state.lock);
  }
  co_await setting.Pad();
  co_await Checkpoint();
  const int head = state.head;
  const int tail = state.tail;
  if (head >= tail) co_return false;
  co_await setting.Pad();
  co_await Checkpoint();
  if (from_tail) {
    state.tail = tail - 1;
  } else {
    state.head = head + 1;
  }
  ++state.done;
  co_return true;
}

Task<> Own(Setting& setting, State& state) {
  for (bool more = true; more;) more = co_await Take(setting, state, /*from_tail=*/true);
}

Task<> Steal(Setting& setting, State& state) {
  const bool stolen = co_await Take(setting, state, /*from_tail=*/false);
  static_cast<void>(stolen);
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("own"), Own, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("steal"), Steal, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.done));
  Require(state.done == kJobs, "a job was done twice");
}

}  // namespace

Program WorkSteal() {
  return {.name = "work_steal",
          .essence = "owner and thief take the same last job",
          .source = "CHESS, WorkStealQueue",
          .body = Body};
}

}  // namespace hocket::bugs
