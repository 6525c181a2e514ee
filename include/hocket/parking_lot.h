// ParkingLot: tasks that wait in line. The queue inside of a lock, and of a primitive of your own.
//
// Strictly first in, first out. What cannot happen: a task that overtakes another one; a cancelled task that stays in
// the line; a task that is woken by nobody. Threads: the run's. Lifetime: the lot outlives the waits in it.
#ifndef HOCKET_PARKING_LOT_H_
#define HOCKET_PARKING_LOT_H_

#include <cstddef>
#include <limits>

#include "hocket/access.h"
#include "hocket/internal/awaiter.h"
#include "hocket/internal/list.h"
#include "hocket/task_ref.h"

namespace hocket {

class ParkingLot;

namespace internal {

struct LotTag;
struct BreakerOfLotTag;
struct BreakerOfTaskTag;
class LotBreaker;
class LockAwaiter;
class ConditionAwaiter;
class SemaphoreAwaiter;
class LimiterAwaiter;

// A task's place in a line. Leaves it when it is destroyed, which happens in runs that are given up.
struct LotNode : Hook<LotTag> {
  LotNode() = default;
  LotNode(const LotNode&) = delete;
  LotNode& operator=(const LotNode&) = delete;
  ~LotNode();

  TaskState* waiter = nullptr;
  ParkingLot* lot = nullptr;
};

class LotAwaiter final : public FallibleOperation<LotAwaiter> {
 public:
  explicit LotAwaiter(ParkingLot& lot) noexcept : lot_(lot) {}
  bool await_ready() noexcept;
  const char* operation() const noexcept override { return "ParkingLot.Park"; }
  Access declared() const noexcept override;
  bool Abort() noexcept override;

 private:
  friend class Operation<LotAwaiter>;
  void Suspend(Frame& frame) noexcept;
  ParkingLot& lot_;
  LotNode node_;
};

}  // namespace internal

class ParkingLot {
 public:
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  ParkingLot() noexcept;
  ParkingLot(const ParkingLot&) = delete;
  ParkingLot& operator=(const ParkingLot&) = delete;
  ~ParkingLot();

  // Waits at the end of the line. Throws BrokenResourceError at once if the lot is broken, or when it breaks.
  [[nodiscard]] internal::LotAwaiter Park() noexcept { return internal::LotAwaiter(*this); }

  // Lets the first `count` tasks go on. Returns how many there were.
  std::size_t Unpark(std::size_t count = 1) noexcept;
  // Moves the first `count` tasks to the end of another line, in their order. They go on waiting; if that lot is
  // broken, they get a BrokenResourceError. REQUIRES: another lot.
  void Repark(ParkingLot& other, std::size_t count = 1) noexcept;

  // Everybody who waits, or comes later, gets a BrokenResourceError.
  void Break() noexcept;
  bool broken() const noexcept;
  // When `task` ends, the lot breaks: for a lot whose tasks wait for what only `task` can do. A task that has ended
  // breaks the lot now, and throws BrokenResourceError.
  void AddBreaker(const TaskRef& task);
  // Throws MisuseError if `task` is not registered as often as that.
  void RemoveBreaker(const TaskRef& task);

  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }

 private:
  friend struct internal::LotNode;
  friend class internal::LotAwaiter;
  friend class internal::LotBreaker;
  friend class Lock;
  friend class Condition;
  friend class CapacityLimiter;
  friend class Semaphore;
  friend class internal::LockAwaiter;
  friend class internal::ConditionAwaiter;
  friend class internal::SemaphoreAwaiter;
  friend class internal::LimiterAwaiter;

  ObjectId id() const noexcept { return id_; }
  void Touch(AccessKind kind) const noexcept;
  void Enqueue(internal::LotNode& node, internal::TaskState* waiter) noexcept;
  void Remove(internal::LotNode& node) noexcept;
  internal::LotNode* front() const noexcept { return nodes_.front(); }
  // Takes the first node out, or where the run says so a drawn one. REQUIRES: !empty().
  internal::LotNode* Pop() noexcept;

  internal::List<internal::LotNode, internal::LotTag> nodes_;
  internal::List<internal::LotBreaker, internal::BreakerOfLotTag> breakers_;
  std::size_t size_ = 0;
  ObjectId id_;
  bool broken_ = false;
};

inline internal::LotNode::~LotNode() {
  if (linked()) lot->Remove(*this);
}

}  // namespace hocket

#endif  // HOCKET_PARKING_LOT_H_
