#include "hocket/capacity_limiter.h"

#include <exception>
#include <utility>

#include "hocket/check.h"
#include "hocket/errors.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::Borrower;
using internal::LimiterAwaiter;
using internal::Scheduler;

namespace internal {

AttemptAwaiter::Attempted LimiterAwaiter::Attempt() {
  try {
    return limiter_.TryAcquire(borrower_) ? Attempted::kDone : Attempted::kMustWait;
  } catch (...) {
    SetFailure(Failure::FromCurrentException());
    return Attempted::kFailed;
  }
}

void LimiterAwaiter::Enqueue() noexcept { limiter_.lot_.Enqueue(node_, task_); }

bool LimiterAwaiter::Abort() noexcept {
  limiter_.lot_.Remove(node_);
  return true;
}

void LimiterAwaiter::AppendHolders(const TaskList& living, TaskList& holders) const {
  if (!node_.linked()) return;  // not in line any more: the limiter may be gone
  for (const TaskState* task : living) {
    if (limiter_.borrowers_.count({true, task->id}) > 0) holders.push_back(task);
  }
}

Access LimiterAwaiter::declared() const noexcept { return {.object = limiter_.lot_.id(), .kind = AccessKind::kUpdate}; }

}  // namespace internal

namespace {

Borrower CurrentBorrower() { return {true, Scheduler::Current().current_task()->id}; }

MisuseError HasToken() { return MisuseError("the borrower has a token of this limiter already"); }

}  // namespace

CapacityLimiter::~CapacityLimiter() {
  if (borrowers_.empty() || !Scheduler::InRun()) return;
  Scheduler::Current().NotePermitsLeft("CapacityLimiter", borrowers_.size(), "permit", "not released", made_at_);
}

LimiterAwaiter CapacityLimiter::Acquire() { return LimiterAwaiter(*this, CurrentBorrower()); }
LimiterAwaiter CapacityLimiter::AcquireOnBehalfOf(std::uint64_t borrower) noexcept {
  return LimiterAwaiter(*this, {false, borrower});
}

void CapacityLimiter::AcquireNow() {
  if (!TryAcquire(CurrentBorrower())) throw WouldBlock();
}
void CapacityLimiter::AcquireOnBehalfOfNow(std::uint64_t borrower) {
  if (!TryAcquire({false, borrower})) throw WouldBlock();
}
void CapacityLimiter::Release() { ReleaseFor(CurrentBorrower()); }
void CapacityLimiter::ReleaseOnBehalfOf(std::uint64_t borrower) { ReleaseFor({false, borrower}); }

std::size_t CapacityLimiter::total() const noexcept {
  lot_.Touch(AccessKind::kRead);
  return total_;
}
std::size_t CapacityLimiter::borrowed() const noexcept {
  lot_.Touch(AccessKind::kRead);
  return borrowers_.size();
}

bool CapacityLimiter::TryAcquire(Borrower borrower) {
  lot_.Touch(AccessKind::kUpdate);
  if (borrowers_.count(borrower) > 0) throw HasToken();
  if (borrowers_.size() >= total_ || !lot_.empty()) return false;
  borrowers_.insert(borrower);
  return true;
}

void CapacityLimiter::ReleaseFor(Borrower borrower) {
  lot_.Touch(AccessKind::kUpdate);
  if (borrowers_.erase(borrower) == 0) throw MisuseError("the borrower has no token of this limiter");
  GiveOut();
}

void CapacityLimiter::set_total(std::size_t total) {
  lot_.Touch(AccessKind::kUpdate);
  total_ = total;
  GiveOut();
}

void CapacityLimiter::GiveOut() {
  while (!lot_.empty() && borrowers_.size() < total_) {
    internal::TaskState* waiter = lot_.Pop()->waiter;
    // Several may have waited for the same borrower. One of them gets its token; the others come too late.
    if (!borrowers_.insert(static_cast<LimiterAwaiter*>(waiter->waiting)->borrower_).second) {
      waiter->waiting->SetFailure(Failure::FromException(std::make_exception_ptr(HasToken())));
    }
    Scheduler::Current().Wake(waiter);
  }
}

}  // namespace hocket
