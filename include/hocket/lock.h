// Lock: mutual exclusion between tasks, across checkpoints.
//
//     co_await lock.Acquire();
//     const LockGuard guard(lock);   // releases
//
// Fair: a released lock belongs to the first waiter at once, before that one runs, so whoever releases and acquires
// again queues up behind it. Not re-entrant. What cannot happen: two owners; an owner that was cancelled while
// acquiring; a lock that stays taken by a task that has ended: then it is broken, and everybody who waits for it gets a
// BrokenResourceError.
//
// Threads: the run's. Lifetime: the lock outlives whoever holds it or waits for it.
#ifndef HOCKET_LOCK_H_
#define HOCKET_LOCK_H_

#include <source_location>

#include "hocket/internal/attempt.h"
#include "hocket/parking_lot.h"
#include "hocket/task_ref.h"

namespace hocket {

class Lock;

namespace internal {

class LockAwaiter final : public AttemptAwaiter {
 public:
  explicit LockAwaiter(Lock& lock) noexcept : lock_(lock) {}
  const char* operation() const noexcept override { return "Lock.Acquire"; }
  Access declared() const noexcept override;
  void AppendHolders(const TaskList& living, TaskList& holders) const override;
  bool Abort() noexcept override;

 private:
  Attempted Attempt() override;
  void Enqueue() noexcept override;
  Lock& lock_;
  LotNode node_;
};

}  // namespace internal

class Lock {
 public:
  explicit Lock(std::source_location made_at = std::source_location::current()) noexcept : made_at_(made_at) {}
  ~Lock();

  // Waits until the lock is free, and takes it. A checkpoint. Throws MisuseError if the current task holds it already,
  // BrokenResourceError if its owner has ended.
  [[nodiscard]] internal::LockAwaiter Acquire() noexcept { return internal::LockAwaiter(*this); }
  // Takes the lock if that needs no waiting; throws WouldBlock otherwise, and MisuseError as Acquire does.
  void AcquireNow();
  // Throws MisuseError if the current task does not hold the lock. Does nothing while a run is given up.
  void Release();

  bool locked() const noexcept { return static_cast<bool>(owner()); }
  // No task if the lock is free.
  const TaskRef& owner() const noexcept;
  // How many tasks wait.
  std::size_t waiting() const noexcept { return lot_.size(); }

 private:
  friend class internal::LockAwaiter;
  friend class internal::ConditionAwaiter;
  friend class Condition;
  // False if the lock is taken.
  bool TryAcquire();
  void SetOwner(TaskRef owner);

  ParkingLot lot_;
  TaskRef owner_;
  std::source_location made_at_;
};

// Releases a lock that the current task holds. A lock that was lost meanwhile is a bug (CHECK): where that is to be an
// exception, call Release.
class LockGuard {
 public:
  explicit LockGuard(Lock& lock) noexcept : lock_(lock) {}
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;
  ~LockGuard();

 private:
  Lock& lock_;
};

}  // namespace hocket

#endif  // HOCKET_LOCK_H_
