#include "harness/detectors/hang_watch.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_format.h"
#include "hocket/check.h"

namespace hocket::testing {

HangWatch::HangWatch(HangWatchOptions options)
    : options_(std::move(options)),
      steps_(std::max(options_.limit, Duration(1)), [this](const std::string& message) { Report(message); }) {
  if (options_.limit <= Duration::zero()) return;
  HOCKET_CHECK(current_ == nullptr) << "one hang watch at a time";
  current_ = this;
  thread_ = std::thread([this] { Watch(); });
}

HangWatch::~HangWatch() {
  if (!thread_.joinable()) return;
  current_ = nullptr;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

HangWatchOptions HangWatch::TakeOptions() {
  HangWatchOptions options;
  if (current_ != nullptr) options = current_->options_;
  Forget();
  return options;
}

Duration HangWatch::DeadlyLimit() noexcept {
  return current_ != nullptr && current_->options_.aborts ? current_->options_.limit : Duration::zero();
}

Observer* HangWatch::ExecutionBegins(Observer* inner, bool alone) {
  if (alone || inner != nullptr) {
    steps_.PassOnTo(inner);
    return &steps_;
  }
  announced_.fetch_add(1, std::memory_order_relaxed);
  return inner;
}

void HangWatch::ExecutionEnds() noexcept {
  const std::uint64_t announced = announced_.load(std::memory_order_relaxed);
  if (announced % 2 == 1) announced_.store(announced + 1, std::memory_order_relaxed);
}

// Looks four times in each limit; an execution is timed from the first look that finds it.
void HangWatch::Watch() {
  using Clock = std::chrono::steady_clock;
  std::uint64_t announced = 0;
  Clock::time_point since;
  Clock::duration next_report{};
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, options_.limit / 4, [this] { return stopped_; })) {
    const Clock::time_point now = Clock::now();
    if (const std::uint64_t current = announced_.load(std::memory_order_relaxed);
        current != announced || current % 2 == 0) {
      announced = current;
      since = now;
      next_report = options_.limit;
    } else if (now - since >= next_report) {
      next_report = std::max(next_report * 2, now - since);
      Report(absl::StrFormat("an execution has been running for %.1f s: a task may never yield; run alone, it names it",
                             std::chrono::duration<double>(now - since).count()));
    }
  }
}

void HangWatch::Report(const std::string& what) {
  const std::uint64_t index = index_.load(std::memory_order_relaxed);
  std::string message = absl::StrFormat("hang: %s, execution %d: %s\n", options_.test, index, what);
  // A process that dies of it says the command as it would of any death.
  if (!options_.aborts) message += "replay: " + options_.replay_command(index) + "\n";
  if (options_.report != nullptr) {
    options_.report(message);
  } else {
    std::fprintf(stderr, "hocket: %s", message.c_str());
    std::fflush(stderr);
  }
  if (options_.aborts) std::abort();
}

void HangWatch::Steps::OnBegin() noexcept {
  watchdog_.BeforeRun();
  PassingObserver::OnBegin();
}
void HangWatch::Steps::OnEnd() noexcept {
  PassingObserver::OnEnd();
  watchdog_.AfterRun();
}
void HangWatch::Steps::OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept {
  watchdog_.TaskSpawned(task, spawned.Path());
  PassingObserver::OnSpawn(task, spawned);
}
void HangWatch::Steps::OnStep(std::uint32_t task) noexcept {
  watchdog_.BeforeStep(task);
  PassingObserver::OnStep(task);
}
void HangWatch::Steps::OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                              const std::source_location& body) noexcept {
  watchdog_.AfterStep(task, operation, where);
  PassingObserver::OnPark(task, operation, where, body);
}
void HangWatch::Steps::OnExit(std::uint32_t task, const Failure& failure) noexcept {
  watchdog_.AfterStep(task, "exit", {});
  watchdog_.TaskExited(task, failure);
  PassingObserver::OnExit(task, failure);
}

}  // namespace hocket::testing
