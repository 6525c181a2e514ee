#include "hocket/checkpoint.h"

#include "runtime/checkpoint_turn.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

bool CheckpointAwaiter::Cancelled() noexcept { return Scheduler::Current().current_task()->scope->effective(); }

const char* CheckpointAwaiter::operation() const noexcept { return CheckpointOperation(delivering_); }

void CheckpointAwaiter::Suspend(Frame& frame) noexcept { Scheduler::Current().ParkReady(frame, *this); }

Turn CheckpointAwaiter::OnTurn(bool) noexcept {
  return flavour_ == Flavour::kShielded ? Turn::kResume : CheckpointTurn(task_, delivering_);
}

}  // namespace hocket::internal
