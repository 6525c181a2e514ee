#include "hocket/parking_lot.h"

#include <exception>

#include "hocket/check.h"
#include "hocket/errors.h"
#include "runtime/lot_breaker.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::LotBreaker;
using internal::LotNode;
using internal::Scheduler;
using internal::TaskState;

namespace {

Failure Broken() { return Failure::FromException(std::make_exception_ptr(BrokenResourceError())); }

// Ends the wait of somebody who stood in a broken lot.
void Fail(TaskState* waiter) {
  waiter->waiting->SetFailure(Broken());
  Scheduler::Current().Wake(waiter);
}

}  // namespace

namespace internal {

LotBreaker::LotBreaker(TaskState* task, ParkingLot& lot) : task_(task), lot_(lot) {
  task_->breakers.PushBack(this);
  lot_.breakers_.PushBack(this);
}

bool LotAwaiter::await_ready() noexcept {
  if (lot_.broken()) SetFailure(Broken());
  return lot_.broken();
}

void LotAwaiter::Suspend(Frame& frame) noexcept {
  lot_.Enqueue(node_, Scheduler::Current().current_task());
  Scheduler::Current().Park(frame, *this, true);
}

Access LotAwaiter::declared() const noexcept { return {.object = lot_.id(), .kind = AccessKind::kWait}; }

bool LotAwaiter::Abort() noexcept {
  node_.lot->Remove(node_);
  return true;
}

}  // namespace internal

ParkingLot::ParkingLot() noexcept : id_(Scheduler::InRun() ? Scheduler::Current().NewObject() : 0) {}

ParkingLot::~ParkingLot() {
  while (LotBreaker* breaker = breakers_.front()) delete breaker;
}

void ParkingLot::Enqueue(LotNode& node, TaskState* waiter) noexcept {
  node.waiter = waiter;
  node.lot = this;
  nodes_.PushBack(&node);
  ++size_;
}

void ParkingLot::Remove(LotNode& node) noexcept {
  internal::List<LotNode, internal::LotTag>::Remove(&node);
  --size_;
}

LotNode* ParkingLot::Pop() noexcept {
  LotNode* node = nodes_.front();
  Remove(*node);
  return node;
}

std::size_t ParkingLot::Unpark(std::size_t count) noexcept {
  if (empty()) return 0;
  Scheduler::Current().Touch({.object = id_, .kind = AccessKind::kSignal});
  std::size_t unparked = 0;
  for (; unparked < count && !empty(); ++unparked) Scheduler::Current().Wake(Pop()->waiter);
  return unparked;
}

void ParkingLot::Repark(ParkingLot& other, std::size_t count) noexcept {
  HOCKET_CHECK(&other != this) << "a lot cannot repark into itself";
  for (; count > 0 && !empty(); --count) {
    LotNode* node = Pop();
    if (other.broken_) {
      Fail(node->waiter);
    } else {
      other.Enqueue(*node, node->waiter);
    }
  }
}

void ParkingLot::Break() noexcept {
  if (broken_) return;
  broken_ = true;
  Scheduler::Current().Touch({.object = id_, .kind = AccessKind::kSignal});
  while (!empty()) Fail(Pop()->waiter);
}

void ParkingLot::AddBreaker(const TaskRef& task) {
  TaskState* state = TaskState::Of(task);
  HOCKET_CHECK(state != nullptr) << "a breaker is a task";
  if (state->ended) {
    Break();
    throw BrokenResourceError();
  }
  new LotBreaker(state, *this);
}

void ParkingLot::RemoveBreaker(const TaskRef& task) {
  for (LotBreaker* breaker = breakers_.front(); breaker != nullptr; breaker = breakers_.Next(breaker)) {
    if (breaker->task() != TaskState::Of(task)) continue;
    delete breaker;
    return;
  }
  throw MisuseError("the task is no breaker of this parking lot");
}

}  // namespace hocket
