// Something that happens when the run's clock reaches a point in time.
#ifndef HOCKET_INTERNAL_TIMER_H_
#define HOCKET_INTERNAL_TIMER_H_

#include <cstddef>
#include <cstdint>

#include "hocket/time.h"

namespace hocket::internal {

class Timer {
 public:
  Timer() noexcept {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  virtual void OnDeadline() noexcept = 0;

 protected:
  ~Timer() { Unregister(); }
  // Registers for `deadline`, or moves there. kForever unregisters.
  void Register(Time deadline) noexcept;
  void Unregister() noexcept;
  bool registered() const noexcept { return index_ != kUnregistered; }

 private:
  friend class TimerHeap;
  static constexpr std::size_t kUnregistered = static_cast<std::size_t>(-1);
  std::size_t index_ = kUnregistered;  // in the heap
};

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_TIMER_H_
