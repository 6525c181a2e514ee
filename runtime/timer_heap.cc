#include "runtime/timer_heap.h"

#include "hocket/check.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

void TimerHeap::Set(Timer* timer, Time when) {
  const Entry entry{when, next_order_++, timer};
  if (timer->index_ == Timer::kUnregistered) {
    entries_.push_back(entry);
    SiftUp(entries_.size() - 1, entry);
    return;
  }
  const std::size_t index = timer->index_;
  if (entry.Before(entries_[index])) {
    SiftUp(index, entry);
  } else {
    SiftDown(index, entry);
  }
}

void TimerHeap::Remove(Timer* timer) noexcept {
  const std::size_t index = timer->index_;
  HOCKET_CHECK(index < entries_.size()) << "a timer is removed that is not registered";
  timer->index_ = Timer::kUnregistered;
  const Entry last = entries_.back();
  entries_.pop_back();
  if (index == entries_.size()) return;
  if (index > 0 && last.Before(entries_[(index - 1) / 2])) {
    SiftUp(index, last);
  } else {
    SiftDown(index, last);
  }
}

Timer* TimerHeap::Pop() noexcept {
  Timer* timer = entries_.front().timer;
  Remove(timer);
  return timer;
}

void TimerHeap::Clear() noexcept {
  for (const Entry& entry : entries_) entry.timer->index_ = Timer::kUnregistered;
  entries_.clear();
  next_order_ = 0;
}

void TimerHeap::SiftUp(std::size_t index, const Entry& entry) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!entry.Before(entries_[parent])) break;
    Place(index, entries_[parent]);
    index = parent;
  }
  Place(index, entry);
}

void TimerHeap::SiftDown(std::size_t index, const Entry& entry) noexcept {
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= entries_.size()) break;
    if (child + 1 < entries_.size() && entries_[child + 1].Before(entries_[child])) ++child;
    if (!entries_[child].Before(entry)) break;
    Place(index, entries_[child]);
    index = child;
  }
  Place(index, entry);
}

void Timer::Register(Time deadline) noexcept {
  if (deadline == kForever) {
    Unregister();
  } else {
    Scheduler::Current().timers().Set(this, deadline);
  }
}

void Timer::Unregister() noexcept {
  if (registered()) Scheduler::Current().timers().Remove(this);
}

}  // namespace hocket::internal
