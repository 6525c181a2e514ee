#include "hocket/nursery.h"

#include <utility>

#include "hocket/check.h"
#include "hocket/errors.h"
#include "hocket/exception_group.h"
#include "runtime/nursery_state.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::NurseryState;
using internal::Scheduler;

Nursery::Nursery(NurseryState* state) noexcept : state_(state) { AddRef(state_); }
Nursery::Nursery(const Nursery& other) noexcept : Nursery(other.state_) {}
Nursery& Nursery::operator=(const Nursery& other) noexcept {
  AddRef(other.state_);
  Release(state_);
  state_ = other.state_;
  return *this;
}
Nursery::~Nursery() { Release(state_); }

CancelScope Nursery::cancel_scope() const noexcept { return internal::ScopeState::Handle(state_->scope()); }

NurseryGuard::NurseryGuard() : state_(new NurseryState(Scheduler::Current().current_task())) { AddRef(state_); }

NurseryGuard::~NurseryGuard() {
  if (!state_->left()) {
    HOCKET_CHECK(Scheduler::Current().abandoning()) << "a NurseryGuard was destroyed while its nursery was open";
    state_->AbandonNursery();
  }
  Release(state_);
}

Nursery NurseryGuard::nursery() const noexcept { return Nursery(state_); }

internal::NurseryExitAwaiter NurseryGuard::BodyEnded(Failure failure) noexcept {
  state_->BodyEnded(std::move(failure));
  return internal::NurseryExitAwaiter(state_);
}

Failure NurseryGuard::Exit() noexcept { return state_->LeaveNursery(); }

namespace internal {

Nursery SystemNursery() { return Nursery(Scheduler::Current().system_nursery()); }

// One read of "no task is left": a schedule point if that holds already, otherwise a wait that no cancellation ends.
void NurseryExitAwaiter::Suspend(Frame& frame) noexcept {
  Scheduler& scheduler = Scheduler::Current();
  if (nursery_->closed()) {
    scheduler.ParkReady(frame, *this, /*cancel_point=*/false);
  } else {
    scheduler.Park(frame, *this, false);
    nursery_->WaitClosed(this);
  }
}

Access NurseryExitAwaiter::declared() const noexcept {
  return {.object = nursery_->nursery_id(), .offset = 0, .size = 1, .kind = AccessKind::kWait};
}

void NurseryExitAwaiter::AppendHolders(const TaskList& living, TaskList& holders) const {
  for (const TaskState* task : living) {
    if (task->nursery == nursery_) holders.push_back(task);
  }
}

StartHandshake::StartHandshake(const Nursery& target) : target_(target) {
  if (Scheduler::InRun()) target_.state_->TouchClosed();
  if (target_.state_->closed()) {
    throw MisuseError("the nursery is closed to new tasks: its body and all its tasks have ended");
  }
  target_.state_->StartBegins();
}

StartHandshake::~StartHandshake() { End(); }

void StartHandshake::End() noexcept {
  if (!std::exchange(pending_, false) || !Scheduler::InRun() || Scheduler::Current().abandoning()) return;
  target_.state_->StartEnds();
}

void StartHandshake::Started() {
  if (std::exchange(started_, true)) throw MisuseError("started was called twice on the same task status");
  cradle_->state_->TouchRead();
  if (cradle_->state_->effective()) return;
  cradle_->state_->MoveTo(target_.state_);
}

Failure Unwrapped(const Failure& failure) {
  if (!failure || !failure.is_group()) return failure;
  const ExceptionGroup group = failure.group();
  return group.members().size() == 1 ? group.members().front() : failure;
}

void ThrowNotStarted() { throw MisuseError("the task ended without calling started"); }

}  // namespace internal
}  // namespace hocket
