#include "hocket/condition.h"

#include <utility>

#include "hocket/cancel_scope.h"
#include "hocket/capture.h"
#include "hocket/errors.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::Scheduler;

namespace internal {

void ConditionAwaiter::Suspend(Frame& frame) noexcept {
  condition_.lot_.Enqueue(node_, Scheduler::Current().current_task());
  Scheduler::Current().Park(frame, *this, true);
}

bool ConditionAwaiter::Abort() noexcept {
  const bool notified = node_.lot != &condition_.lot_;
  node_.lot->Remove(node_);
  // The notification was for somebody; it goes to who would have got it next.
  if (notified) condition_.lot_.Repark(condition_.lock_.lot_, 1);
  return true;
}

Access ConditionAwaiter::declared() const noexcept {
  return {.object = condition_.lock_.lot_.id(), .kind = AccessKind::kUpdate};
}

namespace {

// An awaiter must be awaited in a coroutine of its own to be captured.
Task<> WaitInLine(Condition& condition) { co_await ConditionAwaiter(condition); }

}  // namespace

}  // namespace internal

Task<> Condition::Wait() {
  if (!(lock_.owner() == CurrentTask())) throw MisuseError("the task must hold the lock to wait");
  lock_.Release();
  Outcome<> outcome = co_await Capture(internal::WaitInLine(*this));
  if (!outcome.has_value()) {
    co_await Shielded([this]() -> Task<> { co_await lock_.Acquire(); });
  }
  co_await internal::LeaveAwaiter(outcome.failure());
}

void Condition::Notify(std::size_t count) {
  if (!(lock_.owner() == CurrentTask())) throw MisuseError("the task must hold the lock to notify");
  lot_.Repark(lock_.lot_, count);
}

}  // namespace hocket
