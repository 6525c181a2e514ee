#include "hocket/event.h"

#include <cstddef>

#include "runtime/checkpoint_turn.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::Scheduler;

Event::Event() noexcept : id_(Scheduler::InRun() ? Scheduler::Current().NewObject() : 0) {}

bool Event::is_set() const noexcept {
  Scheduler::TouchIfInRun(id_, AccessKind::kRead);
  return set_;
}

void Event::Set() noexcept {
  if (set_) return Scheduler::TouchIfInRun(id_, AccessKind::kRead);
  set_ = true;
  if (!Scheduler::InRun()) return;
  Scheduler& scheduler = Scheduler::Current();
  scheduler.Touch(id_, AccessKind::kSignal);
  while (!waiters_.empty()) scheduler.Wake(waiters_.PopFront()->task());
}

void Event::NoteWaitersLeft() noexcept {
  if (!Scheduler::InRun()) return;
  std::size_t count = 0;
  for (const auto* waiter = waiters_.front(); waiter != nullptr; waiter = waiters_.Next(waiter)) ++count;
  Scheduler::Current().NoteWaiterLeft(*waiters_.front()->task(), count);
}

namespace internal {

void EventAwaiter::Suspend(Frame& frame) noexcept {
  Scheduler& scheduler = Scheduler::Current();
  // Those that wait are all woken at once, so that the order in which they come says nothing.
  scheduler.Touch(event_.id_, AccessKind::kWait);
  was_set_ = event_.set_;
  if (was_set_) {
    scheduler.ParkReady(frame, *this, /*cancel_point=*/true);
    return;
  }
  event_.waiters_.PushBack(this);
  scheduler.Park(frame, *this, true);
}

Access EventAwaiter::declared() const noexcept { return {.object = event_.id_, .kind = AccessKind::kWait}; }

void EventAwaiter::TouchAtTurn() const noexcept {
  if (was_set_) task_->scope->TouchRead();
}

bool EventAwaiter::Abort() noexcept {
  Scheduler::Current().Touch(event_.id_, AccessKind::kWait);
  List<EventAwaiter, EventTag>::Remove(this);
  return true;
}

Turn EventAwaiter::OnTurn(bool aborted) noexcept {
  if (was_set_) return CheckpointTurn(task_, delivering_);
  return aborted ? Turn::kUnwind : Turn::kResume;
}

}  // namespace internal
}  // namespace hocket
