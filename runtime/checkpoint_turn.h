// The second half of a checkpoint, shared by every operation that is one.
#ifndef HOCKET_RUNTIME_CHECKPOINT_TURN_H_
#define HOCKET_RUNTIME_CHECKPOINT_TURN_H_

#include "hocket/internal/awaiter.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

// A checkpoint yields first and looks for a cancellation then. One that it finds arrives a turn later, and only if the
// scope is still cancelled (a shield may have been put up in between). `delivering` is the awaiter's memory of which
// turn it is.
inline Turn CheckpointTurn(TaskState* task, bool& delivering) noexcept {
  const bool cancelled = task->scope->effective();
  if (delivering) return cancelled ? Turn::kUnwind : Turn::kResume;
  if (!cancelled) return Turn::kResume;
  delivering = true;
  ++task->cancel_points;
  Scheduler::Current().NoteCancelled(task);
  Scheduler::Current().Wake(task);
  return Turn::kAgain;
}

inline const char* CheckpointOperation(bool delivering) noexcept { return delivering ? "Cancelled" : "Checkpoint"; }

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_CHECKPOINT_TURN_H_
