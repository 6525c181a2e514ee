// A group of tasks can be stopped from within, and then publishes what it has. If all of it has been cancelled from
// outside as well, by the time that the group has wound up, the group takes that for its own stop, and publishes. The
// fix: let the scopes tell whose cancellation it is: the outermost catches it.
//
// After cpython gh-155433 and gh-116720 (asyncio.TaskGroup).
#include <utility>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

Task<> Work(Setting& setting) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 2; ++task) {
      nursery.StartSoon(TaskName("work"), [&]() -> Task<> {
        for (int step = 0; step < 2; ++step) {
          co_await setting.Pad();
          co_await Checkpoint();
        }
      });
    }
    co_return;
  });
}

// True if the group was stopped from within.
Task<bool> RunGroup(Setting& setting, CancelScope own) {
  if (setting.fixed()) {
    const ScopeExit exit = co_await WithScope(own, [&] { return Work(setting); });
    co_return exit.cancelled_caught;
  }
  Outcome<> outcome;
  co_await WithScope(own, [&]() -> Task<> { outcome = co_await Capture(Work(setting)); });
  if (own.cancel_called() && outcome.is_cancelled()) co_return true;
  co_await Resolve(std::move(outcome));
  co_return false;
}

Task<> Body(Setting& setting) {
  CancelScope everything;
  CancelScope own;
  bool published = false;
  bool too_late = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("group"), [&]() -> Task<> {
      co_await WithScope(everything, [&]() -> Task<> {
        const bool stopped = co_await RunGroup(setting, own);
        if (!stopped) co_return;
        published = true;
        too_late = everything.cancel_called();
      });
    });
    nursery.StartSoon(TaskName("stopper"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 2; ++step) co_await Checkpoint();
      own.Cancel();
    });
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 6; ++step) co_await Checkpoint();
      everything.Cancel();
    });
    co_return;
  });
  setting.Observe(published ? "published" : "nothing");
  Require(!too_late, "it publishes although everything is cancelled");
}

}  // namespace

Program OwnCancelHidesOuter() {
  return {.name = "own_cancel_hides_outer",
          .essence = "a group that is stopped from within and from outside minds its own stop only",
          .source = "cpython gh-155433, gh-116720",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
