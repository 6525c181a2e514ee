// Condition: waiting for a change of what a lock protects.
//
//     co_await lock.Acquire();
//     while (queue.empty()) co_await changed.Wait();   // gives the lock up meanwhile
//
// Wait returns with the lock held, however it ends: a cancelled wait acquires the lock again before it unwinds, and
// that cannot be cancelled. What cannot happen: a notification that is lost. A waiter that has been notified and is
// cancelled before it has the lock again passes the notification on (in Trio it swallows it).
//
// A lock that breaks tells those who have been notified, not those who wait for a notification.
//
// Threads: the run's. Lifetime: the condition outlives its waiters, the lock outlives the condition.
#ifndef HOCKET_CONDITION_H_
#define HOCKET_CONDITION_H_

#include <cstddef>

#include "hocket/cancel_scope.h"
#include "hocket/capture.h"
#include "hocket/internal/awaiter.h"
#include "hocket/lock.h"
#include "hocket/parking_lot.h"
#include "hocket/task.h"

namespace hocket {

class Condition;

namespace internal {

class ConditionAwaiter final : public FallibleOperation<ConditionAwaiter> {
 public:
  explicit ConditionAwaiter(Condition& condition) noexcept : condition_(condition) {}
  const char* operation() const noexcept override { return "Condition.Wait"; }
  Access declared() const noexcept override;
  void AppendHolders(const TaskList& living, TaskList& holders) const override;
  bool Abort() noexcept override;

 private:
  friend class Operation<ConditionAwaiter>;
  void Suspend(Frame& frame) noexcept;
  Condition& condition_;
  LotNode node_;
};

// An awaiter must be awaited in a coroutine of its own to be captured.
inline Task<> WaitInLine(Condition& condition) { co_await ConditionAwaiter(condition); }

}  // namespace internal

class Condition {
 public:
  explicit Condition(Lock& lock) noexcept : lock_(lock) {}

  // Gives the lock up and waits for a notification. Throws MisuseError if the current task does not hold the lock,
  // BrokenResourceError if the lock breaks.
  [[nodiscard]] Task<> Wait();

  // Lets the first `count` waiters go on, one after the other, as they get the lock. Throws MisuseError if the current
  // task does not hold the lock.
  void Notify(std::size_t count = 1);
  void NotifyAll() { Notify(ParkingLot::kAll); }

  std::size_t waiting() const noexcept { return lot_.size(); }

 private:
  friend class internal::ConditionAwaiter;
  void RequireOwner(const char* purpose) const;
  Lock& lock_;
  ParkingLot lot_;
};

inline Task<> Condition::Wait() {
  RequireOwner("wait");
  lock_.Release();
  const Outcome<> outcome = co_await Capture(internal::WaitInLine(*this));
  if (!outcome.has_value()) {
    co_await Shielded([this]() -> Task<> { co_await lock_.Acquire(); });
  }
  co_await internal::LeaveAwaiter(outcome.failure());
}

}  // namespace hocket

#endif  // HOCKET_CONDITION_H_
