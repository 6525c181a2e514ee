// A connection is opened and passed to a new task, which waits for its turn before it takes the connection over. If it
// is cancelled before that, the connection belongs to nobody. The fix: the task owns the connection from its very
// beginning, before its first cancel point.
//
// After asyncio, where a task that is cancelled before its first step never runs, and Kotlin's CoroutineStart.ATOMIC.
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Connection {
 public:
  explicit Connection(int& closed) : closed_(closed) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ++closed_; }

 private:
  int& closed_;
};

Task<> Answer(Setting& setting, bool& answered) {
  co_await setting.Pad();
  co_await Checkpoint({.kind = AccessKind::kYield});
  answered = true;
}

Task<> Serve(Setting& setting, int& closed, bool& answered) {
  if (setting.fixed()) {
    const Connection connection(closed);
    co_await Checkpoint({.kind = AccessKind::kYield});
    co_await Answer(setting, answered);
  } else {
    co_await Checkpoint({.kind = AccessKind::kYield});
    const Connection connection(closed);
    co_await Answer(setting, answered);
  }
}

Task<> Body(Setting& setting) {
  int opened = 0;
  int closed = 0;
  bool answered = false;
  CancelScope scope;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("listener"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await WithNursery([&](Nursery& servers) -> Task<> {
          co_await setting.Pad();
          co_await Checkpoint({.kind = AccessKind::kYield});
          ++opened;
          servers.StartSoon(TaskName("server"), Serve, std::ref(setting), std::ref(closed), std::ref(answered));
        });
      });
    });
    co_return;
  });
  setting.Observe("opened " + std::to_string(opened));
  setting.Observe(answered ? "answered" : "cancelled");
  Require(opened == closed, "a connection has leaked");
}

}  // namespace

Program CancelledBeforeFirstStep() {
  return {.name = "cancelled_before_first_step",
          .essence = "a task that is cancelled before it has begun never owns what it was given",
          .source = "asyncio's Task.cancel, Kotlin's CoroutineStart.ATOMIC",
          .body = Body,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
