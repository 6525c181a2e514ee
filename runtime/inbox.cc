#include "runtime/inbox.h"

#include <utility>

namespace hocket::internal {

bool Inbox::Post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    Add(std::move(job));
  }
  changed_.notify_one();
  return true;
}

bool Inbox::PostOnce(const void* key, std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (!keys_.insert(key).second) return true;
    Add(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void Inbox::Add(std::function<void()> job) {
  jobs_.push_back(std::move(job));
  has_posts_.store(true, std::memory_order_release);
}

void Inbox::Open() noexcept {
  const std::lock_guard lock(mutex_);
  ++posters_;
}

void Inbox::CloseOne() noexcept {
  {
    const std::lock_guard lock(mutex_);
    --posters_;
  }
  changed_.notify_one();
}

bool Inbox::open() const {
  const std::lock_guard lock(mutex_);
  return posters_ > 0;
}

std::size_t Inbox::pending() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

std::vector<std::function<void()>> Inbox::Take() {
  const std::lock_guard lock(mutex_);
  keys_.clear();
  has_posts_.store(false, std::memory_order_release);
  return std::exchange(jobs_, {});
}

void Inbox::WaitUntil(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return !jobs_.empty() || posters_ == 0; };
  if (until == std::chrono::steady_clock::time_point::max()) {
    changed_.wait(lock, something);
  } else if (posters_ == 0) {
    changed_.wait_until(lock, until, [this] { return !jobs_.empty(); });
  } else {
    changed_.wait_until(lock, until, something);
  }
}

// Jobs are destroyed outside the lock, by the caller: one that holds a poster would take it again.
std::vector<std::function<void()>> Inbox::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  return Take();
}

}  // namespace hocket::internal
