#include "hocket/capture.h"

#include <utility>

#include "runtime/scheduler.h"

namespace hocket::internal {

void UnwindFrom(Frame& frame, Failure cancellation) noexcept {
  Scheduler::Current().RequestUnwind(frame, std::move(cancellation));
}

void LeaveAwaiter::Suspend(Frame& frame) noexcept {
  if (leaving_.is_cancelled()) {
    UnwindFrom(frame, std::move(leaving_));
    return;
  }
  FailWith(frame, std::move(leaving_));
  if (frame.parent != nullptr) {
    Scheduler::Current().RequestResume(frame.parent->handle());
  } else {
    Scheduler::Current().RootFinished(frame);
  }
}

}  // namespace hocket::internal
