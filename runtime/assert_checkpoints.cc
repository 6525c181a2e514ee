#include "hocket/assert_checkpoints.h"

#include <string>

#include "hocket/errors.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

CheckpointCount CountCheckpoints() {
  const TaskState* task = Scheduler::Current().current_task();
  return {task->steps, task->cancel_points};
}

void CheckSomeSince(const CheckpointCount& before) {
  const CheckpointCount now = CountCheckpoints();
  if (now.schedule_points == before.schedule_points) {
    throw MisuseError("AssertCheckpoints: the body came to no schedule point");
  }
  if (now.cancel_points == before.cancel_points) {
    throw MisuseError("AssertCheckpoints: the body came to no cancel point");
  }
}

void CheckNoneSince(const CheckpointCount& before, const Failure& failure) {
  const CheckpointCount now = CountCheckpoints();
  if (now.schedule_points == before.schedule_points && now.cancel_points == before.cancel_points) return;
  throw MisuseError("AssertNoCheckpoints: the body came to " +
                    std::to_string(now.schedule_points - before.schedule_points) + " schedule points and " +
                    std::to_string(now.cancel_points - before.cancel_points) + " cancel points" +
                    (failure ? ", and ended with: " + failure.ToString() : ""));
}

}  // namespace hocket::internal
