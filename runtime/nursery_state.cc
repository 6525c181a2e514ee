#include "runtime/nursery_state.h"

#include <utility>

#include "hocket/check.h"
#include "hocket/exception_group.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

NurseryState::NurseryState(TaskState* owner) : owner_(owner), nursery_id_(Scheduler::Current().NewObject()) {
  Enter(owner);
}

NurseryState::NurseryState(ScopeState& around) : owner_(nullptr), nursery_id_(0) { EnterBelow(around); }

void NurseryState::ChildStarted() {
  AddRef(this);
  ++children_;
}

void NurseryState::ChildEnded(Failure&& failure) noexcept {
  --children_;
  if (failure) AddFailure(std::move(failure));
  CheckClosed();
  Release(this);
}

void NurseryState::BodyEnded(Failure failure) noexcept {
  if (failure) AddFailure(std::move(failure));
  body_runs_ = false;
  CheckClosed();
}

void NurseryState::StartEnds() noexcept {
  --pending_starts_;
  CheckClosed();
}

void NurseryState::MoveTo(NurseryState* target) noexcept {
  ForEachTask([this, target](TaskState* task) {
    if (task->nursery != this) return;
    task->nursery = target;
    target->ChildStarted();
    --children_;
    Release(this);  // the nursery lives on: its guard holds it
  });
  MoveContents(target, owner_);
  CheckClosed();
}

Failure NurseryState::LeaveNursery() noexcept {
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

void NurseryState::ChildAbandoned() noexcept {
  --children_;
  Release(this);
}

void NurseryState::AddFailure(Failure failure) noexcept {
  if (owner_ == nullptr) return Scheduler::Current().SystemFailed(std::move(failure));
  failures_.push_back(failure);
  Cancel(CancelSource::kNursery, {}, {}, std::move(failure));
}

void NurseryState::CheckClosed() noexcept {
  if (body_runs_ || children_ != 0 || pending_starts_ != 0 || closed_) return;
  closed_ = true;
  Scheduler::Current().Touch({.object = nursery_id_, .kind = AccessKind::kSignal});
  if (exit_ != nullptr) Scheduler::Current().Wake(std::exchange(exit_, nullptr)->task());
}

}  // namespace hocket::internal
