#include "runtime/nursery_state.h"

#include <utility>

#include "hocket/check.h"
#include "hocket/exception_group.h"
#include "runtime/hash.h"
#include "runtime/observed.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

NurseryState::NurseryState(TaskState* owner) : owner_(owner), nursery_id_(Scheduler::Current().NewObject()) {
  Enter(owner);
}

NurseryState::NurseryState(ScopeState& around) : owner_(nullptr), nursery_id_(kSystemNurseryId) { EnterBelow(around); }

void NurseryState::TouchState(AccessKind kind) const noexcept {
  if (Scheduler::InRun()) Scheduler::Current().Touch({.object = nursery_id_, .offset = 0, .size = 1, .kind = kind});
}
void NurseryState::TouchFailures(AccessKind kind) const noexcept {
  Scheduler::Current().Touch({.object = nursery_id_, .offset = 1, .size = 1, .kind = kind});
}

void NurseryState::TouchClosed() const noexcept {
  Scheduler& scheduler = Scheduler::Current();
  if (scheduler.has_current_task()) {
    const TaskState* const task = scheduler.current_task();
    if (task->nursery == this || (task == owner_ && body_runs_)) return;
  }
  TouchState(AccessKind::kRead);
}

void NurseryState::BodyEnded(Failure failure) noexcept {
  const Quiet quiet;
  if (failure) AddFailure(std::move(failure));
  body_runs_ = false;
  CheckClosed();
}

void NurseryState::StartEnds() noexcept {
  --pending_starts_;
  CheckClosed();
}

void NurseryState::MoveTo(NurseryState* target) noexcept {
  const Quiet quiet;
  for (const NurseryState* nursery :
       {static_cast<const NurseryState*>(this), static_cast<const NurseryState*>(target)}) {
    nursery->TouchState(AccessKind::kWrite);
    nursery->TouchWrite();
  }
  ForEachTask([this, target](TaskState* task) {
    if (task->nursery != this) return;
    task->nursery = target;
    target->ChildStarted();
    --children_;
    if (Observer* const observer = Scheduler::Current().observer())
      observer->OnJoin(task->spawn_number, target->scope()->id());
  });
  MoveContents(target, owner_);
  CheckClosed();
}

Failure NurseryState::LeaveNursery() noexcept {
  const Quiet quiet;
  HOCKET_CHECK(closed_) << "a nursery is left before its tasks have ended: await what BodyEnded returned";
  left_ = true;
  Failure failure;
  if (!failures_.empty())
    failure = Failure::FromGroup(ExceptionGroup("Exceptions from a nursery", std::move(failures_)));
  return Leave(owner_, std::move(failure));
}

void NurseryState::AbandonNursery() noexcept {
  HOCKET_CHECK(children_ == 0) << "a nursery is torn down before its tasks";
  closed_ = left_ = true;
  Abandon();
}

void NurseryState::AddFailure(Failure failure) noexcept {
  // Cancellations are all alike; where they stand among errors is not.
  TouchFailures(failure.is_cancelled() ? AccessKind::kRead : AccessKind::kWrite);
  if (owner_ == nullptr) return Scheduler::Current().SystemFailed(std::move(failure));
  failures_.push_back(failure);
  Cancel(CancelSource::kNursery, {}, {}, std::move(failure));
}

void NurseryState::Close() noexcept {
  closed_ = true;
  TouchState(AccessKind::kSignal);
  if (exit_ != nullptr) Scheduler::Current().Wake(std::exchange(exit_, nullptr)->task());
}

}  // namespace hocket::internal
