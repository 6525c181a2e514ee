// Two tasks wait for a condition, and whoever gets through notifies the next. The first one is notified and then
// cancelled while it waits for the lock: its notification is used up, and the second one sleeps although what it waits
// for has happened. The fix: a waiter that unwinds passes its notification on.
//
// After cpython#112202 and anyio#1075.
#include <deque>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class SwallowingCondition {
 public:
  SwallowingCondition(Lock& lock, bool fixed) : lock_(lock), fixed_(fixed) {}

  Task<> Wait() {
    state_.Update();
    Waiter waiter(*this);
    waiters_.push_back(&waiter);
    lock_.Release();
    Outcome<> waited = co_await Capture(AwaitNotification(waiter));
    Outcome<> locked = co_await Capture(TakeLock());
    if (!locked.has_value()) co_await Shielded([&] { return TakeLock(); });
    if (fixed_ && waiter.has_notification && (!waited.has_value() || !locked.has_value())) Notify();
    co_await Resolve(std::move(waited));
    co_await Resolve(std::move(locked));
  }

  void Notify() {
    state_.Update();
    if (waiters_.empty()) return;
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->has_notification = true;
    waiter->notified.Set();
  }

 private:
  struct Waiter {
    explicit Waiter(SwallowingCondition& condition_in) : condition(condition_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      condition.state_.Update();
      std::erase(condition.waiters_, this);
    }

    SwallowingCondition& condition;
    Event notified;
    bool has_notification = false;
  };

  static Task<> AwaitNotification(Waiter& waiter) { co_await waiter.notified.Wait(); }
  Task<> TakeLock() { co_await lock_.Acquire(); }

  Lock& lock_;
  const bool fixed_;
  SharedObject state_;
  std::deque<Waiter*> waiters_;
};

Task<> Pass(Setting& setting, Lock& lock, SwallowingCondition& changed, Shared<bool>& open) {
  co_await setting.Pad();
  co_await lock.Acquire();
  const LockGuard guard(lock);
  while (!open) co_await changed.Wait();
  changed.Notify();
}

Task<> Body(Setting& setting) {
  Lock lock;
  SwallowingCondition changed(lock, setting.fixed());
  Shared<bool> open(false);
  CancelScope scope;
  bool passed = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 5; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("cancelled"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await Pass(setting, lock, changed, open);
        passed = true;
      });
    });
    nursery.StartSoon(TaskName("sleeper"), Pass, std::ref(setting), std::ref(lock), std::ref(changed), std::ref(open));
    nursery.StartSoon(TaskName("opener"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await lock.Acquire();
      const LockGuard guard(lock);
      open = true;
      changed.Notify();
    });
    co_return;
  });
  setting.Observe(passed ? "passed" : "cancelled");
}

}  // namespace

Program NotifyLost() {
  return {.name = "notify_lost",
          .essence = "a waiter that is notified and then cancelled takes the notification along",
          .source = "cpython#112202, anyio#1075",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
