#include "hocket/event.h"

#include "runtime/checkpoint_turn.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::Scheduler;

Event::Event() noexcept : id_(Scheduler::InRun() ? Scheduler::Current().NewObject() : 0) {}

void Event::Set() noexcept {
  if (set_) return;
  set_ = true;
  if (!Scheduler::InRun()) return;
  Scheduler::Current().Touch({.object = id_, .kind = AccessKind::kSignal});
  while (internal::EventAwaiter* waiter = waiters_.front()) {
    internal::List<internal::EventAwaiter, internal::EventTag>::Remove(waiter);
    Scheduler::Current().Wake(waiter->task());
  }
}

namespace internal {

void EventAwaiter::Suspend(Frame& frame) noexcept {
  was_set_ = event_.set_;
  if (was_set_) {
    Scheduler::Current().ParkReady(frame, *this, /*cancel_point=*/true);
    return;
  }
  event_.waiters_.PushBack(this);
  Scheduler::Current().Park(frame, *this, true);
}

Access EventAwaiter::declared() const noexcept { return {.object = event_.id_, .kind = AccessKind::kWait}; }

bool EventAwaiter::Abort() noexcept {
  List<EventAwaiter, EventTag>::Remove(this);
  return true;
}

Turn EventAwaiter::OnTurn(bool aborted) noexcept {
  if (was_set_) return CheckpointTurn(task_, delivering_);
  return aborted ? Turn::kUnwind : Turn::kResume;
}

}  // namespace internal
}  // namespace hocket
