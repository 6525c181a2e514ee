#include "hocket/internal/attempt.h"

#include "runtime/checkpoint_turn.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

bool AttemptAwaiter::await_ready() {
  task_ = Scheduler::Current().current_task();
  ++task_->cancel_points;
  task_->scope->TouchRead();
  return !task_->scope->effective() && AttemptNow();
}

bool AttemptAwaiter::AttemptNow() {
  switch (Attempt()) {
    case Attempted::kDone:
      phase_ = Phase::kYielding;
      return false;
    case Attempted::kMustWait:
      phase_ = Phase::kWaiting;
      return false;
    case Attempted::kFailed:
      return true;
  }
  return true;
}

void AttemptAwaiter::Suspend(Frame& frame) noexcept {
  if (phase_ == Phase::kWaiting) {
    Enqueue();
    Scheduler::Current().Park(frame, *this, true);
  } else {
    task_->asks = phase_ == Phase::kCancelling;  // whether the cancellation is still there then
    Scheduler::Current().ParkReady(frame, *this, /*cancel_point=*/false);
  }
}

void AttemptAwaiter::TouchAtTurn() const noexcept {
  if (phase_ == Phase::kCancelling) task_->scope->TouchRead();
}

Turn AttemptAwaiter::OnTurn(bool aborted) noexcept {
  switch (phase_) {
    case Phase::kYielding:
      return Turn::kResume;
    case Phase::kWaiting:
      return aborted ? Turn::kUnwind : Turn::kResume;
    case Phase::kCancelling:
      break;
  }
  const Turn turn = CheckpointTurn(task_, delivering_);
  if (turn != Turn::kResume) return turn;
  // The cancellation has gone: a shield was put up meanwhile. Now the operation begins.
  if (AttemptNow()) return Turn::kResume;
  if (phase_ == Phase::kWaiting) {
    Enqueue();
    Scheduler::Current().WaitOn(task_);
  } else {
    Scheduler::Current().Wake(task_);
  }
  return Turn::kAgain;
}

}  // namespace hocket::internal
