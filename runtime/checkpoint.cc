#include "hocket/checkpoint.h"

#include "runtime/checkpoint_turn.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

const char* CheckpointAwaiter::operation() const noexcept { return CheckpointOperation(delivering_); }

// What the caller has announced is what the step does, as far as it says.
void CheckpointAwaiter::TouchAtTurn() const noexcept {
  if (flavour_ != Flavour::kShielded) task_->scope->TouchRead();
  if (access_.object != 0) Scheduler::Current().Touch(access_);
}

// Counts as a cancel point; if it is cancelled, that counts later.
bool CheckpointAwaiter::NotCancelled() noexcept {
  TaskState* const task = Scheduler::Current().current_task();
  task->scope->TouchRead();
  if (task->scope->effective()) return false;
  ++task->cancel_points;
  return true;
}

void CheckpointAwaiter::Suspend(Frame& frame) noexcept {
  Scheduler::Current().ParkReady(frame, *this, /*cancel_point=*/flavour_ != Flavour::kShielded);
}

Turn CheckpointAwaiter::OnTurn(bool) noexcept {
  return flavour_ == Flavour::kShielded ? Turn::kResume : CheckpointTurn(task_, delivering_);
}

}  // namespace hocket::internal
