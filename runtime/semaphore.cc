#include "hocket/semaphore.h"

#include "hocket/check.h"
#include "hocket/errors.h"
#include "runtime/scheduler.h"

namespace hocket {

using internal::Scheduler;

namespace internal {

AttemptAwaiter::Attempted SemaphoreAwaiter::Attempt() {
  return semaphore_.TryAcquire() ? Attempted::kDone : Attempted::kMustWait;
}

void SemaphoreAwaiter::Enqueue() noexcept { semaphore_.lot_.Enqueue(node_, task_); }

bool SemaphoreAwaiter::Abort() noexcept {
  semaphore_.lot_.Remove(node_);
  return true;
}

Access SemaphoreAwaiter::declared() const noexcept {
  return {.object = semaphore_.lot_.id(), .kind = AccessKind::kUpdate};
}

}  // namespace internal

Semaphore::Semaphore(std::size_t initial, std::optional<std::size_t> max, std::source_location made_at)
    : value_(initial), initial_(initial), max_(max), made_at_(made_at) {
  HOCKET_CHECK(!max_ || initial <= *max_)
      << "a semaphore begins with " << static_cast<std::uint64_t>(initial) << " tokens, more than its maximum";
}

std::size_t Semaphore::value() const noexcept {
  lot_.Touch(AccessKind::kRead);
  return value_;
}

Semaphore::~Semaphore() {
  if (value_ == initial_ || !Scheduler::InRun()) return;
  const bool fewer = value_ < initial_;
  Scheduler::Current().NotePermitsLeft("Semaphore", fewer ? initial_ - value_ : value_ - initial_, "permit",
                                       fewer ? "not released" : "more than it began with", made_at_);
}

bool Semaphore::TryAcquire() noexcept {
  lot_.Touch(AccessKind::kUpdate);
  if (value_ == 0) return false;
  --value_;
  return true;
}

void Semaphore::AcquireNow() {
  if (!TryAcquire()) throw WouldBlock();
}

void Semaphore::Release() {
  lot_.Touch(AccessKind::kUpdate);
  if (lot_.Unpark(1) > 0) return;
  if (max_ && value_ == *max_) throw MisuseError("the semaphore has all its tokens already");
  ++value_;
}

}  // namespace hocket
