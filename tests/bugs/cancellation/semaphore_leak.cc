// A semaphore's release gives its permit straight to the first waiter and wakes it. If that waiter is cancelled before
// it runs, nobody has the permit and nobody can give it back: from then on the semaphore is one short. The fix: a
// waiter that unwinds with a permit releases it.
//
// After cpython#90155 (bpo-45997) and tokio#2325.
#include <deque>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class HandoffSemaphore {
 public:
  HandoffSemaphore(int permits, bool fixed) : fixed_(fixed), permits_(permits) {}

  Access WillChange() const noexcept { return state_.Will(AccessKind::kUpdate); }

  Task<> Acquire() {
    state_.Update();
    if (permits_ > 0) {
      --permits_;
      co_return;
    }
    Waiter waiter(*this);
    waiters_.push_back(&waiter);
    co_await waiter.served.Wait();
    co_await Checkpoint(WillChange());  // a cancellation that came after the wake-up arrives here
    state_.Update();
    waiter.has_permit = false;  // the caller's, from now on
  }

  void Release() {
    state_.Update();
    if (waiters_.empty()) {
      ++permits_;
      return;
    }
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->has_permit = true;
    waiter->served.Set();
  }

  int permits() const { return permits_; }

 private:
  struct Waiter {
    explicit Waiter(HandoffSemaphore& semaphore_in) : semaphore(semaphore_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      semaphore.state_.Update();
      std::erase(semaphore.waiters_, this);
      if (has_permit && semaphore.fixed_) semaphore.Release();
    }

    HandoffSemaphore& semaphore;
    Event served;
    bool has_permit = false;
  };

  const bool fixed_;
  SharedObject state_;
  int permits_;
  std::deque<Waiter*> waiters_;
};

class Permit {
 public:
  explicit Permit(HandoffSemaphore& semaphore) : semaphore_(semaphore) {}
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() { semaphore_.Release(); }

 private:
  HandoffSemaphore& semaphore_;
};

Task<> Work(Setting& setting, HandoffSemaphore& semaphore) {
  co_await setting.Pad();
  co_await Checkpoint(semaphore.WillChange());
  co_await semaphore.Acquire();
  const Permit permit(semaphore);
  co_await setting.Pad();
  co_await Checkpoint(semaphore.WillChange());
}

Task<> Body(Setting& setting) {
  HandoffSemaphore semaphore(1, setting.fixed());
  CancelScope scope;
  bool worked = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("holder"), Work, std::ref(setting), std::ref(semaphore));
    nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await Work(setting, semaphore);
        worked = true;
      });
    });
    co_return;
  });
  setting.Observe(worked ? "worked" : "cancelled");
  setting.Observe("permits " + std::to_string(semaphore.permits()));
  Require(semaphore.permits() == 1, "a permit has leaked");
}

}  // namespace

Program SemaphoreLeak() {
  return {.name = "semaphore_leak",
          .essence = "a permit that was handed to a waiter is lost if that one is cancelled before it runs",
          .source = "cpython#90155, tokio#2325",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
