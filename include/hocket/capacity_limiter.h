// CapacityLimiter: at most so many borrowers at a time, each known by name.
//
// A borrower is the current task, or any number that the caller makes up for it. Each holds one token at most. What
// cannot happen: a newcomer that overtakes who waits; a token that is taken away when the total is lowered; a borrower
// that was cancelled and still counts. Threads: the run's.
#ifndef HOCKET_CAPACITY_LIMITER_H_
#define HOCKET_CAPACITY_LIMITER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <source_location>

#include "hocket/internal/attempt.h"
#include "hocket/parking_lot.h"

namespace hocket {

class CapacityLimiter;

namespace internal {

// Tasks and numbers apart.
struct Borrower {
  bool is_task;
  std::uint64_t id;
  friend auto operator<=>(const Borrower&, const Borrower&) = default;
};

class LimiterAwaiter final : public AttemptAwaiter {
 public:
  LimiterAwaiter(CapacityLimiter& limiter, Borrower borrower) noexcept : limiter_(limiter), borrower_(borrower) {}
  const char* operation() const noexcept override { return "CapacityLimiter.Acquire"; }
  Access declared() const noexcept override;
  void AppendHolders(const TaskList& living, TaskList& holders) const override;
  bool Abort() noexcept override;

 private:
  friend class hocket::CapacityLimiter;
  Attempted Attempt() override;
  void Enqueue() noexcept override;
  CapacityLimiter& limiter_;
  Borrower borrower_;
  LotNode node_;
};

}  // namespace internal

class CapacityLimiter {
 public:
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

  explicit CapacityLimiter(std::size_t total, std::source_location made_at = std::source_location::current()) noexcept
      : total_(total), made_at_(made_at) {}
  CapacityLimiter(const CapacityLimiter&) = delete;
  CapacityLimiter& operator=(const CapacityLimiter&) = delete;
  ~CapacityLimiter();

  // Waits for a token for the current task, or for `borrower`. A checkpoint. Throws MisuseError if it has one already,
  // or has been given one when it is its turn, because somebody else waited on behalf of the same borrower (in Trio
  // both would go on, and the limit would be exceeded).
  [[nodiscard]] internal::LimiterAwaiter Acquire();
  [[nodiscard]] internal::LimiterAwaiter AcquireOnBehalfOf(std::uint64_t borrower) noexcept;
  // Takes a token if one is free and nobody waits; throws WouldBlock otherwise.
  void AcquireNow();
  void AcquireOnBehalfOfNow(std::uint64_t borrower);
  // Throws MisuseError if the borrower has none.
  void Release();
  void ReleaseOnBehalfOf(std::uint64_t borrower);

  std::size_t total() const noexcept;
  // More tokens are given out at once; with fewer, those out stay out.
  void set_total(std::size_t total);
  std::size_t borrowed() const noexcept;
  std::size_t waiting() const noexcept { return lot_.size(); }

 private:
  friend class internal::LimiterAwaiter;
  // False if the borrower must wait. Throws MisuseError.
  bool TryAcquire(internal::Borrower borrower);
  void ReleaseFor(internal::Borrower borrower);
  void GiveOut();

  ParkingLot lot_;
  std::set<internal::Borrower> borrowers_;
  std::size_t total_;
  std::source_location made_at_;
};

}  // namespace hocket

#endif  // HOCKET_CAPACITY_LIMITER_H_
