#include "hocket/park.h"

#include <utility>

#include "runtime/scheduler.h"

namespace hocket {

namespace internal {

// Whether somebody may wake it depends on whether it is parked already.
void ParkAwaiterBase::Suspend(Frame& frame) noexcept {
  Scheduler& scheduler = Scheduler::Current();
  scheduler.Touch(scheduler.current_task()->id, AccessKind::kWait);
  scheduler.Park(frame, *this, true);
}

}  // namespace internal

void Wake(const TaskRef& task, std::exception_ptr error) {
  if (internal::Scheduler::Current().abandoning()) return;
  internal::TaskState* state = internal::TaskState::Of(task);
  HOCKET_CHECK(state != nullptr && !state->ended) << "Wake needs a task that has not ended";
  HOCKET_CHECK(state->waiting != nullptr && !state->ready())
      << "Wake needs a task that is parked and has not been woken: a wait ends exactly once";
  HOCKET_CHECK(state->waiting->EndsByWake())
      << "Wake needs a task that is parked in a Park; this one waits in " << state->waiting->operation();
  internal::Scheduler::Current().Touch(state->id, AccessKind::kSignal);
  if (error != nullptr) state->waiting->SetFailure(Failure::FromException(std::move(error)));
  internal::Scheduler::Current().Wake(state);
}

}  // namespace hocket
