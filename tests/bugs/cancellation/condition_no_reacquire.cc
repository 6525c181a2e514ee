// A condition's wait gives the lock up and takes it again when it is notified; when it is cancelled it just unwinds,
// without the lock. Its caller, which holds the lock as far as it knows, releases it on the way out: somebody else's,
// or nobody's. It takes a cancellation during the wait. The fix: take the lock again, shielded, however the wait ends.
//
// After cpython#86766 (bpo-42600) and bpo-32751.
#include <deque>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class ForgetfulCondition {
 public:
  ForgetfulCondition(Lock& lock, bool fixed) : lock_(lock), fixed_(fixed) {}

  Task<> Wait() {
    lock_.Release();
    if (!fixed_) {
      co_await AwaitNotification();
      co_await lock_.Acquire();
      co_return;
    }
    Outcome<> outcome = co_await Capture(AwaitNotification());
    co_await Shielded([&]() -> Task<> { co_await lock_.Acquire(); });
    co_await Resolve(std::move(outcome));
  }

  void Notify() {
    state_.Update();
    if (waiters_.empty()) return;
    waiters_.front()->notified.Set();
    waiters_.pop_front();
  }

 private:
  struct Waiter {
    explicit Waiter(ForgetfulCondition& condition_in) : condition(condition_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      condition.state_.Update();
      std::erase(condition.waiters_, this);
    }

    ForgetfulCondition& condition;
    Event notified;
  };

  Task<> AwaitNotification() {
    state_.Update();
    Waiter waiter(*this);
    waiters_.push_back(&waiter);
    co_await waiter.notified.Wait();
  }

  Lock& lock_;
  const bool fixed_;
  SharedObject state_;
  std::deque<Waiter*> waiters_;
};

Task<> Body(Setting& setting) {
  Lock lock;
  ForgetfulCondition changed(lock, setting.fixed());
  Shared<bool> ready(false);
  CancelScope scope;
  bool saw_it = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 5; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await setting.Pad();
        co_await lock.Acquire();
        co_await Finally(
            [&]() -> Task<> {
              while (!ready) co_await changed.Wait();
              saw_it = true;
            },
            [&]() -> Task<> {
              lock.Release();  // throws if the lock is not ours
              co_return;
            });
      });
    });
    nursery.StartSoon(TaskName("notifier"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await lock.Acquire();
      const LockGuard guard(lock);
      co_await setting.Pad();
      co_await Checkpoint(ready.Will(AccessKind::kWrite));
      ready = true;
      changed.Notify();
    });
    co_return;
  });
  setting.Observe(saw_it ? "saw it" : "cancelled");
  Require(!lock.locked(), "the lock is still held");
}

}  // namespace

Program ConditionNoReacquire() {
  return {.name = "condition_no_reacquire",
          .essence = "a cancelled wait for a condition unwinds without the lock, which its caller then releases",
          .source = "bpo-42600, bpo-32751",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
