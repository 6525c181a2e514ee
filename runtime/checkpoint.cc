#include "hocket/checkpoint.h"

#include "runtime/checkpoint_turn.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

bool CheckpointAwaiter::await_ready() const noexcept {
  if (flavour_ != Flavour::kIfCancelled) return false;
  const ScopeState* scope = Scheduler::Current().current_task()->scope;
  return !scope->effective();
}

const char* CheckpointAwaiter::operation() const noexcept { return CheckpointOperation(delivering_); }

void CheckpointAwaiter::Suspend(Frame& frame) { task_ = Scheduler::Current().ParkReady(frame, *this); }

Turn CheckpointAwaiter::OnTurn(bool) noexcept {
  return flavour_ == Flavour::kShielded ? Turn::kResume : CheckpointTurn(task_, delivering_);
}

}  // namespace hocket::internal
