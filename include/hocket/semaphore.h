// Semaphore: a number of tokens that tasks take and put back.
//
// Anybody may release. A released token goes to the first waiter at once. What cannot happen: a token that a cancelled
// task has taken along. To limit how many tasks do something, CapacityLimiter says who holds what. Threads: the run's.
#ifndef HOCKET_SEMAPHORE_H_
#define HOCKET_SEMAPHORE_H_

#include <cstddef>
#include <optional>
#include <source_location>

#include "hocket/internal/attempt.h"
#include "hocket/parking_lot.h"

namespace hocket {

class Semaphore;

namespace internal {

class SemaphoreAwaiter final : public AttemptAwaiter {
 public:
  explicit SemaphoreAwaiter(Semaphore& semaphore) noexcept : semaphore_(semaphore) {}
  const char* operation() const noexcept override { return "Semaphore.Acquire"; }
  Access declared() const noexcept override;
  bool Abort() noexcept override;

 private:
  Attempted Attempt() override;
  void Enqueue() noexcept override;
  Semaphore& semaphore_;
  LotNode node_;
};

}  // namespace internal

class Semaphore {
 public:
  // REQUIRES: initial <= max, if there is one.
  explicit Semaphore(std::size_t initial, std::optional<std::size_t> max = std::nullopt,
                     std::source_location made_at = std::source_location::current());
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore();

  // Waits for a token, and takes it. A checkpoint.
  [[nodiscard]] internal::SemaphoreAwaiter Acquire() noexcept { return internal::SemaphoreAwaiter(*this); }
  // Takes a token if there is one; throws WouldBlock otherwise.
  void AcquireNow();
  // Throws MisuseError if there would be more than `max` tokens.
  void Release();

  std::size_t value() const noexcept;
  std::size_t waiting() const noexcept { return lot_.size(); }

 private:
  friend class internal::SemaphoreAwaiter;
  bool TryAcquire() noexcept;

  ParkingLot lot_;
  std::size_t value_;
  std::size_t initial_;
  std::optional<std::size_t> max_;
  std::source_location made_at_;
};

}  // namespace hocket

#endif  // HOCKET_SEMAPHORE_H_
