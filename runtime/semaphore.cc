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

Semaphore::Semaphore(std::size_t initial, std::optional<std::size_t> max) : value_(initial), max_(max) {
  HOCKET_CHECK(!max_ || initial <= *max_)
      << "a semaphore begins with " << static_cast<std::uint64_t>(initial) << " tokens, more than its maximum";
}

bool Semaphore::TryAcquire() noexcept {
  if (value_ == 0) return false;
  Scheduler::Current().Touch({.object = lot_.id(), .kind = AccessKind::kUpdate});
  --value_;
  return true;
}

void Semaphore::AcquireNow() {
  if (!TryAcquire()) throw WouldBlock();
}

void Semaphore::Release() {
  Scheduler::Current().Touch({.object = lot_.id(), .kind = AccessKind::kUpdate});
  if (lot_.Unpark(1) > 0) return;
  if (max_ && value_ == *max_) throw MisuseError("the semaphore has all its tokens already");
  ++value_;
}

}  // namespace hocket
