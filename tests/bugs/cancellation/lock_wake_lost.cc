// A lock's release only marks the lock as free and wakes the first waiter, which then tries again. If that waiter is
// cancelled between the wake-up and its next try, the wake-up is used up: the lock is free, and everybody else in the
// line sleeps. The fix: a waiter that was woken and unwinds wakes the next one.
//
// After bpo-27585, bpo-32734 and anyio#1145.
#include <deque>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class WakingLock {
 public:
  explicit WakingLock(bool fixed) : fixed_(fixed) {}

  Access WillChange() const noexcept { return state_.Will(AccessKind::kUpdate); }

  Task<> Acquire() {
    state_.Update();
    while (locked_) {
      Waiter waiter(*this);
      waiters_.push_back(&waiter);
      co_await waiter.woken.Wait();
      co_await Checkpoint(WillChange());  // a cancellation that came after the wake-up arrives here
      state_.Update();
      waiter.has_wake_up = false;
    }
    locked_ = true;
  }

  void Release() {
    state_.Update();
    locked_ = false;
    WakeNext();
  }

 private:
  struct Waiter {
    explicit Waiter(WakingLock& lock_in) : lock(lock_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      lock.state_.Update();
      std::erase(lock.waiters_, this);
      // If somebody has overtaken this one, their release wakes the next.
      if (has_wake_up && lock.fixed_ && !lock.locked_) lock.WakeNext();
    }

    WakingLock& lock;
    Event woken;
    bool has_wake_up = false;
  };

  void WakeNext() {
    if (waiters_.empty()) return;
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->has_wake_up = true;
    waiter->woken.Set();
  }

  const bool fixed_;
  SharedObject state_;
  bool locked_ = false;
  std::deque<Waiter*> waiters_;
};

class Held {
 public:
  explicit Held(WakingLock& lock) : lock_(lock) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { lock_.Release(); }

 private:
  WakingLock& lock_;
};

Task<> Work(Setting& setting, WakingLock& lock) {
  co_await setting.Pad();
  co_await lock.Acquire();
  const Held held(lock);
  co_await setting.Pad();
  co_await Checkpoint(lock.WillChange());
}

Task<> Body(Setting& setting) {
  WakingLock lock(setting.fixed());
  CancelScope scope;
  bool worked = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 4; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("holder"), Work, std::ref(setting), std::ref(lock));
    nursery.StartSoon(TaskName("cancelled"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await Work(setting, lock);
        worked = true;
      });
    });
    nursery.StartSoon(TaskName("sleeper"), Work, std::ref(setting), std::ref(lock));
    co_return;
  });
  setting.Observe(worked ? "worked" : "cancelled");
}

}  // namespace

Program LockWakeLost() {
  return {.name = "lock_wake_lost",
          .essence = "a lock is free and all sleep, because the one that was woken was cancelled",
          .source = "bpo-27585, bpo-32734, anyio#1145",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
