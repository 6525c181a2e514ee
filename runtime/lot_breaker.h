// "When this task ends, that lot breaks."
#ifndef HOCKET_RUNTIME_LOT_BREAKER_H_
#define HOCKET_RUNTIME_LOT_BREAKER_H_

#include "hocket/internal/frame.h"
#include "hocket/internal/list.h"
#include "hocket/parking_lot.h"

namespace hocket::internal {

// In the list of its task and in that of its lot; whichever goes first takes it along.
class LotBreaker final : public Hook<BreakerOfTaskTag>, public Hook<BreakerOfLotTag> {
 public:
  LotBreaker(TaskState* task, ParkingLot& lot);

  static void* operator new(std::size_t size) { return AllocateBlock(size); }
  static void operator delete(void* block, std::size_t size) noexcept { FreeBlock(block, size); }

  TaskState* task() const noexcept { return task_; }
  ParkingLot& lot() const noexcept { return lot_; }

 private:
  TaskState* task_;
  ParkingLot& lot_;
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_LOT_BREAKER_H_
