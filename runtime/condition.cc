#include "hocket/condition.h"

#include <string>

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

// Who has been notified waits for the lock.
void ConditionAwaiter::AppendHolders(const TaskList&, TaskList& holders) const {
  if (!node_.linked() || node_.lot == &condition_.lot_ || !condition_.lock_.owner()) return;
  holders.push_back(TaskState::Of(condition_.lock_.owner()));
}

Access ConditionAwaiter::declared() const noexcept {
  return {.object = condition_.lock_.lot_.id(), .kind = AccessKind::kUpdate};
}

}  // namespace internal

void Condition::RequireOwner(const char* purpose) const {
  if (lock_.owner() == CurrentTask()) return;
  throw MisuseError(std::string("the task must hold the lock to ") + purpose);
}

void Condition::Notify(std::size_t count) {
  RequireOwner("notify");
  lot_.Repark(lock_.lot_, count);
}

}  // namespace hocket
