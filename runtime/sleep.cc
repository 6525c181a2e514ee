#include "hocket/sleep.h"

#include "hocket/check.h"
#include "runtime/checkpoint_turn.h"
#include "runtime/hash.h"
#include "runtime/scheduler.h"

namespace hocket {

Time Now() {
  internal::Scheduler& scheduler = internal::Scheduler::Current();
  scheduler.Touch(internal::kClockTaskId, AccessKind::kRead);
  return scheduler.now();
}

internal::SleepAwaiter Sleep(Duration duration) {
  HOCKET_CHECK(duration >= Duration::zero()) << "cannot sleep for " << duration.count() << " ns";
  const Time now = Now();
  return internal::SleepAwaiter(duration >= kForever - now ? kForever : now + duration, duration == Duration::zero());
}

namespace internal {

// A sleep is a wait in a cancel scope of its own that the deadline cancels; its scope and its leaf are this one object.
void SleepAwaiter::Suspend(Frame& frame) noexcept {
  Scheduler& scheduler = Scheduler::Current();
  scheduler.Touch(kClockTaskId, AccessKind::kRead);
  if (checkpoint_ || scheduler.now() >= deadline_) {
    scheduler.ParkReady(frame, *this, /*cancel_point=*/true);
    return;
  }
  Register(deadline_);
  scheduler.Park(frame, *this, true);
}

Access SleepAwaiter::declared() const noexcept { return {.object = kClockTaskId, .kind = AccessKind::kWait}; }

void SleepAwaiter::TouchAtTurn() const noexcept {
  task_->scope->TouchRead();
  if (!checkpoint_) Scheduler::Current().Touch(kClockTaskId, AccessKind::kRead);
}

bool SleepAwaiter::Abort() noexcept {
  Scheduler::Current().Touch(kClockTaskId, AccessKind::kRead);
  Unregister();
  return true;
}

void SleepAwaiter::OnDeadline() noexcept { Scheduler::Current().Wake(task_); }

// Whatever ended the wait first, what is visible now decides: a cancellation from outside has precedence over the
// deadline, and if it has been shielded off since then, the deadline counts.
Turn SleepAwaiter::OnTurn(bool) noexcept {
  if (checkpoint_) return CheckpointTurn(task_, delivering_);
  return Scheduler::Current().now() >= deadline_ && !task_->scope->effective() ? Turn::kResume : Turn::kUnwind;
}

}  // namespace internal
}  // namespace hocket
