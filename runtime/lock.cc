#include "hocket/lock.h"

#include <utility>

#include "hocket/check.h"
#include "hocket/errors.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::Scheduler;
using internal::TaskState;

namespace internal {

AttemptAwaiter::Attempted LockAwaiter::Attempt() {
  try {
    if (lock_.TryAcquire()) return Attempted::kDone;
    if (!lock_.lot_.broken()) return Attempted::kMustWait;
    throw BrokenResourceError();
  } catch (...) {
    SetFailure(Failure::FromCurrentException());
    return Attempted::kFailed;
  }
}

void LockAwaiter::Enqueue() noexcept { lock_.lot_.Enqueue(node_, task_); }

bool LockAwaiter::Abort() noexcept {
  lock_.lot_.Remove(node_);
  return true;
}

void LockAwaiter::AppendHolders(const TaskList&, TaskList& holders) const {
  if (!node_.linked() || !lock_.owner()) return;  // not in line any more: the lock may be gone
  holders.push_back(TaskState::Of(lock_.owner()));
}

Access LockAwaiter::declared() const noexcept { return {.object = lock_.lot_.id(), .kind = AccessKind::kUpdate}; }

}  // namespace internal

const TaskRef& Lock::owner() const noexcept {
  lot_.Touch(AccessKind::kRead);
  return owner_;
}

Lock::~Lock() {
  if (owner_ && Scheduler::InRun()) Scheduler::Current().NoteLockLeft(*TaskState::Of(owner_), made_at_);
}

bool Lock::TryAcquire() {
  TaskRef task = CurrentTask();
  lot_.Touch(AccessKind::kRead);
  if (owner_ == task) throw MisuseError("the task holds this lock already, and it is not re-entrant");
  if (owner_ || !lot_.empty()) return false;
  lot_.Touch(AccessKind::kUpdate);
  SetOwner(std::move(task));
  return true;
}

void Lock::AcquireNow() {
  if (!TryAcquire()) throw WouldBlock();
}

void Lock::Release() {
  // A task that is torn down in Condition.Wait does not hold the lock, and its destructors cannot know.
  if (Scheduler::Current().abandoning()) return;
  lot_.Touch(AccessKind::kUpdate);
  if (!(owner_ == CurrentTask())) throw MisuseError("the task does not hold this lock");
  TaskRef next;
  if (!lot_.empty()) {
    TaskState* waiter = lot_.Pop()->waiter;
    next = TaskState::Ref(waiter);
    Scheduler::Current().Wake(waiter);
  }
  SetOwner(std::move(next));
}

void Lock::SetOwner(TaskRef owner) {
  if (owner_) lot_.RemoveBreaker(owner_);
  owner_ = std::move(owner);
  if (owner_) lot_.AddBreaker(owner_);
}

LockGuard::~LockGuard() {
  if (!Scheduler::InRun() || Scheduler::Current().abandoning()) return;
  HOCKET_CHECK(lock_.owner() == CurrentTask()) << "a LockGuard's lock was released by somebody else";
  lock_.Release();
}

}  // namespace hocket
