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

// Ends the wait of who has been taken out of the line of a lot that is broken.
void Fail(TaskState* waiter) noexcept {
  waiter->waiting->SetFailure(Broken());
  Scheduler::Current().Wake(waiter);
}

}  // namespace

namespace internal {

LotBreaker::LotBreaker(TaskState* task, ParkingLot& lot) : task_(task), lot_(lot) {
  task_->extra().breakers.PushBack(this);
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
  if (!empty() && Scheduler::InRun()) Scheduler::Current().NoteWaiterLeft(*nodes_.front()->waiter, size_);
  while (LotBreaker* breaker = breakers_.front()) delete breaker;
}

void ParkingLot::Touch(AccessKind kind) const noexcept { Scheduler::TouchIfInRun(id_, kind); }

bool ParkingLot::broken() const noexcept {
  Touch(AccessKind::kRead);
  return broken_;
}

std::size_t ParkingLot::size() const noexcept {
  Touch(AccessKind::kRead);
  return size_;
}

void ParkingLot::Enqueue(LotNode& node, TaskState* waiter) noexcept {
  Touch(AccessKind::kUpdate);
  node.waiter = waiter;
  node.lot = this;
  nodes_.PushBack(&node);
  ++size_;
}

void ParkingLot::Remove(LotNode& node) noexcept {
  Touch(AccessKind::kUpdate);
  internal::List<LotNode, internal::LotTag>::Remove(&node);
  --size_;
}

LotNode* ParkingLot::Pop() noexcept {
  LotNode* node = nodes_.front();
  for (std::uint32_t others = Scheduler::Current().DrawWake(size_); others > 0; --others) node = nodes_.Next(node);
  Remove(*node);
  return node;
}

std::size_t ParkingLot::Unpark(std::size_t count) noexcept {
  Touch(AccessKind::kSignal);
  std::size_t unparked = 0;
  for (; unparked < count && !empty(); ++unparked) Scheduler::Current().Wake(Pop()->waiter);
  return unparked;
}

void ParkingLot::Repark(ParkingLot& other, std::size_t count) noexcept {
  HOCKET_CHECK(&other != this) << "a lot cannot repark into itself";
  Touch(AccessKind::kUpdate);
  other.Touch(AccessKind::kUpdate);
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
  Touch(AccessKind::kSignal);
  if (broken_) return;
  broken_ = true;
  while (!empty()) Fail(Pop()->waiter);
}

void ParkingLot::AddBreaker(const TaskRef& task) {
  TaskState* state = TaskState::Of(task);
  HOCKET_CHECK(state != nullptr) << "a breaker is a task";
  Scheduler::Current().Touch(state->id, AccessKind::kRead);
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
