// starve: a task polls a flag a few times and then gives up, although who sets the flag is ready all the time. It takes
// a schedule that lets a runnable task wait for longer than one round, which batches of all that are ready never do.
// The fix: wait for an event.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kPatience = 4;

struct State {
  Shared<bool> flag;
  Event event;
};

Task<> Poll(Setting& setting, State& state) {
  if (setting.fixed()) co_await state.event.Wait();
  for (int polls = 0;; ++polls) {
    co_await setting.Pad();
    co_await Checkpoint(state.flag.Will(AccessKind::kRead));
    if (state.flag) co_return;
    Require(polls < kPatience, "the flag was not set in time");
  }
}

Task<> Set(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await Checkpoint(state.flag.Will(AccessKind::kWrite));
  state.flag = true;
  state.event.Set();
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("poll"), Poll, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("set"), Set, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe("set");
}

}  // namespace

Program Starve() {
  return {.name = "starve",
          .essence = "a flag is polled a bounded number of times",
          .source = "busy waiting under an unfair scheduler",
          .body = Body,
          .declares = true,
          .study = true};
}

}  // namespace hocket::bugs
