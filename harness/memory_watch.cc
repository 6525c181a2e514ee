#include "harness/memory_watch.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace hocket::testing {

namespace {

constexpr std::chrono::milliseconds kPeriod{10};

}  // namespace

std::uint64_t MebibytesOf(pid_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/statm";
  std::FILE* const file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  unsigned long long reserved = 0;
  unsigned long long resident = 0;
  const bool known = std::fscanf(file, "%llu %llu", &reserved, &resident) == 2;
  std::fclose(file);
  return known ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / (1024 * 1024) : 0;
}

MemoryWatch::MemoryWatch(std::uint64_t limit) : limit_(limit) {
  current_limit_ = limit_;
  if (limit_ > 0) thread_ = std::thread([this] { Watch(); });
}

MemoryWatch::~MemoryWatch() {
  current_limit_ = 0;
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void MemoryWatch::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kPeriod, [this] { return stopped_; })) {
    const std::uint64_t now = MebibytesOf(getpid());
    if (now <= limit_) continue;
    std::fprintf(stderr, "hocket: memory: %llu MiB are more than HOCKET_MEMORY_LIMIT=%llu\n",
                 static_cast<unsigned long long>(now), static_cast<unsigned long long>(limit_));
    std::abort();
  }
}

}  // namespace hocket::testing
