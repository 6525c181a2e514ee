// The deadlines of a run, earliest first; among equal ones, in the order in which they were set.
#ifndef HOCKET_RUNTIME_TIMER_HEAP_H_
#define HOCKET_RUNTIME_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hocket/internal/timer.h"

namespace hocket::internal {

// A binary heap that knows where each timer is, so that a deadline that moves leaves nothing behind.
class TimerHeap {
 public:
  bool empty() const noexcept { return entries_.empty(); }
  // kForever if there is none.
  Time earliest() const noexcept { return entries_.empty() ? kForever : entries_.front().when; }

  void Set(Timer* timer, Time when);
  void Remove(Timer* timer) noexcept;
  // Takes the earliest timer out. REQUIRES: !empty().
  Timer* Pop() noexcept;
  // Forgets all timers and begins a new run; keeps the memory.
  void Clear() noexcept;

 private:
  struct Entry {
    Time when;
    std::uint64_t order;
    Timer* timer;
    bool Before(const Entry& other) const noexcept {
      return when != other.when ? when < other.when : order < other.order;
    }
  };
  void Place(std::size_t index, const Entry& entry) noexcept {
    entries_[index] = entry;
    entry.timer->index_ = index;
  }
  void SiftUp(std::size_t index, const Entry& entry) noexcept;
  void SiftDown(std::size_t index, const Entry& entry) noexcept;

  std::vector<Entry> entries_;
  std::uint64_t next_order_ = 0;
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_TIMER_HEAP_H_
