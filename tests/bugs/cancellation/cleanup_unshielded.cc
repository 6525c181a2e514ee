// A session is closed in two steps with a wait between them. When the session is cancelled, that wait is a cancel point
// like any other, and the second step is left out: half-closed. The fix: shield the cleanup.
//
// Why Trio's documentation wants cleanup that waits to be shielded, or to have a deadline of its own.
#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

enum class State { kNew, kOpen, kClosing, kClosed };

Task<> Close(Setting& setting, State& state) {
  state = State::kClosing;
  co_await setting.Pad();
  co_await Checkpoint({.kind = AccessKind::kYield});  // the peer is told
  state = State::kClosed;
}

Task<> Body(Setting& setting) {
  State state = State::kNew;
  CancelScope scope;
  bool worked = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("session"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await setting.Pad();
        co_await Checkpoint({.kind = AccessKind::kYield});
        state = State::kOpen;
        co_await Finally(
            [&]() -> Task<> {
              co_await setting.Pad();
              co_await Checkpoint({.kind = AccessKind::kYield});
              worked = true;
            },
            [&]() -> Task<> {
              if (setting.fixed()) {
                co_await Shielded([&] { return Close(setting, state); });
              } else {
                co_await Close(setting, state);
              }
            });
      });
    });
    co_return;
  });
  setting.Observe(worked ? "worked" : "cancelled");
  setting.Observe(state == State::kNew ? "not opened" : "opened");
  Require(state == State::kNew || state == State::kClosed, "the session is half-closed");
}

}  // namespace

Program CleanupUnshielded() {
  return {.name = "cleanup_unshielded",
          .essence = "cleanup that waits is cut short by the cancellation that it cleans up after",
          .source = "Trio's documentation of cancellation and cleanup",
          .body = Body,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
