#include "runtime/nursery_state.h"

#include <utility>

#include "hocket/check.h"
#include "hocket/exception_group.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

NurseryState::NurseryState(TaskState* owner)
    : scope_(new ScopeState({})), owner_(owner), id_(Scheduler::Current().NewObject()) {
  scope_->Enter(owner);
}

void NurseryState::ChildStarted(TaskState* child) {
  AddRef(this);
  children_.PushBack(child);
}

void NurseryState::ChildEnded(TaskState* child, Failure failure) noexcept {
  List<TaskState, NurseryTag>::Remove(child);
  if (failure) AddFailure(std::move(failure));
  CheckClosed();
  Release(this);
}

void NurseryState::BodyEnded(Failure failure) noexcept {
  if (failure) AddFailure(std::move(failure));
  body_runs_ = false;
  CheckClosed();
}

Failure NurseryState::Leave() noexcept {
  HOCKET_CHECK(closed_) << "a nursery is left before its tasks have ended: await what BodyEnded returned";
  left_ = true;
  Failure failure;
  if (!failures_.empty()) failure = Failure::FromGroup(ExceptionGroup("Exceptions from a nursery", std::move(failures_)));
  return scope_->Leave(owner_, std::move(failure));
}

void NurseryState::Abandon() noexcept {
  HOCKET_CHECK(children_.empty()) << "a nursery is torn down before its tasks";
  closed_ = left_ = true;
  scope_->Abandon();
}

void NurseryState::ChildAbandoned(TaskState* child) noexcept {
  List<TaskState, NurseryTag>::Remove(child);
  Release(this);
}

void NurseryState::AddFailure(Failure failure) noexcept {
  failures_.push_back(std::move(failure));
  scope_->Cancel();
}

void NurseryState::CheckClosed() noexcept {
  if (body_runs_ || !children_.empty()) return;
  closed_ = true;
  Scheduler::Current().Touch({.object = id_, .kind = AccessKind::kSignal});
  if (exit_ != nullptr) Scheduler::Current().Wake(std::exchange(exit_, nullptr)->task());
}

}  // namespace hocket::internal
