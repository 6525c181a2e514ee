// What other threads have posted to a run.
#ifndef HOCKET_RUNTIME_INBOX_H_
#define HOCKET_RUNTIME_INBOX_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <vector>

namespace hocket::internal {

// Threads: Post, Open and CloseOne from any; the rest from the run's.
class Inbox {
 public:
  bool Post(std::function<void()> job);
  bool PostOnce(const void* key, std::function<void()> job);
  void Open() noexcept;      // one more poster
  void CloseOne() noexcept;  // one less

  bool open() const;
  std::size_t pending() const;
  bool has_posts() const noexcept { return has_posts_.load(std::memory_order_acquire); }
  // What was posted until now, in order.
  std::vector<std::function<void()>> Take();
  // Waits until there is a post, the last poster has gone, or `until` has come.
  void WaitUntil(std::chrono::steady_clock::time_point until);
  // The run has ended: refuses posts from now on, and gives those that have not run.
  std::vector<std::function<void()>> Close();

 private:
  void Add(std::function<void()> job);
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> jobs_;
  std::set<const void*> keys_;  // of what was posted once; only asked whether it has one
  int posters_ = 0;
  bool closed_ = false;
  std::atomic<bool> has_posts_{false};
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_INBOX_H_
