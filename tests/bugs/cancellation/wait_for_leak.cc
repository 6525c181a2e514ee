// A caller waits for a connection that another task opens, and gives up when it is cancelled. If the connection is
// there already, but the caller has not run since, nobody takes it and nobody closes it. The fix: a caller that gives
// up closes what has been delivered to it.
//
// After bpo-37658 (asyncio.wait_for) and asyncpg#467.
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

// Where the opener leaves the connection, and the caller looks for it.
struct Slot {
  SharedObject state;
  Event delivered;
  bool has_connection = false;
  bool given_up = false;
  int opened = 0;
  int closed = 0;

  Access WillChange() const noexcept { return state.Will(AccessKind::kUpdate); }
};

class Connection {
 public:
  explicit Connection(Slot& slot) : slot_(slot) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    slot_.state.Update();
    ++slot_.closed;
  }

 private:
  Slot& slot_;
};

// What the caller leaves behind if it unwinds.
class GiveUp {
 public:
  GiveUp(Slot& slot, bool fixed) : slot_(slot), fixed_(fixed) {}
  GiveUp(const GiveUp&) = delete;
  GiveUp& operator=(const GiveUp&) = delete;
  ~GiveUp() {
    slot_.state.Update();
    slot_.given_up = true;
    if (slot_.has_connection && fixed_) ++slot_.closed;
  }

 private:
  Slot& slot_;
  const bool fixed_;
};

Task<> AwaitConnection(Setting& setting, Slot& slot) {
  const GiveUp give_up(slot, setting.fixed());
  co_await setting.Pad();
  co_await slot.delivered.Wait();
  co_await Checkpoint(slot.WillChange());  // a cancellation that came after the wake-up arrives here
  slot.state.Update();
  slot.has_connection = false;  // the caller's, from now on
}

Task<> Body(Setting& setting) {
  Slot slot;
  CancelScope scope;
  bool used = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 4; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("opener"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint(slot.WillChange());
      slot.state.Update();
      if (slot.given_up) co_return;
      ++slot.opened;
      slot.has_connection = true;
      slot.delivered.Set();
    });
    nursery.StartSoon(TaskName("caller"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await AwaitConnection(setting, slot);
        const Connection connection(slot);
        co_await setting.Pad();
        co_await Checkpoint({.kind = AccessKind::kYield});
        used = true;
      });
    });
    co_return;
  });
  setting.Observe(used ? "used" : "cancelled");
  setting.Observe("opened " + std::to_string(slot.opened));
  Require(slot.opened == slot.closed, "a connection has leaked");
}

}  // namespace

Program WaitForLeak() {
  return {.name = "wait_for_leak",
          .essence = "a result that is delivered just before its waiter is cancelled is never closed",
          .source = "bpo-37658, asyncpg#467",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
