// Memory watch: ends a process that has too much in memory, before the machine does, which would say nothing.
//
// The idea: a thread looks at what the process has in memory a hundred times a second. A limit of the kernel's
// (RLIMIT_AS) counts what is only reserved, which sanitizers do by the terabyte. Under one, bad_alloc is an exception
// like any other. Left out: what is allocated between two looks.
//
// Test: tests/death_test.cc.
#ifndef HOCKET_HARNESS_MEMORY_WATCH_H_
#define HOCKET_HARNESS_MEMORY_WATCH_H_

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace hocket::testing {

// As long as it lives, this process aborts when it has more than `limit` MiB in memory; 0: never.
class MemoryWatch {
 public:
  explicit MemoryWatch(std::uint64_t limit);
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;
  ~MemoryWatch();

  // The limit of the watch that was made last and lives; 0: none.
  static std::uint64_t CurrentLimit() noexcept { return current_limit_; }

 private:
  void Watch();

  static inline std::atomic<std::uint64_t> current_limit_{0};

  const std::uint64_t limit_;
  std::mutex mutex_;  // guards stopped_
  std::condition_variable stop_;
  bool stopped_ = false;
  std::thread thread_;
};

// What a process has in memory, in MiB; 0 if it is not known.
std::uint64_t MebibytesOf(pid_t process);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_MEMORY_WATCH_H_
