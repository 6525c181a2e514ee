// Hang watch: tells of an execution that does not come back, because a task in it never yields.
//
// The idea: nothing can stop such a task, so another thread tells of it, in two stages. Executions only announce that
// they begin and end, which costs two stores each; of one that runs for too long the test, its index and the command
// that runs it alone are printed. Where one execution is run alone (by that command, or as a replay), its steps are
// watched as well, by hocket/watchdog.h, and the task and the operation that it went on from are printed. Left out: the
// task in the first stage, for publishing it would cost every step of every execution.
//
// Test: tests/detectors/hang_test.cc.
#ifndef HOCKET_HARNESS_DETECTORS_HANG_WATCH_H_
#define HOCKET_HARNESS_DETECTORS_HANG_WATCH_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "harness/detectors/passing_observer.h"
#include "hocket/time.h"
#include "hocket/watchdog.h"

namespace hocket::testing {

struct HangWatchOptions {
  Duration limit{};  // none: nothing is watched
  bool aborts = false;
  std::string test;
  // How to run the execution with this index alone.
  std::function<std::string(std::uint64_t index)> replay_command;
  std::function<void(const std::string& message)> report;  // none: standard error
};

// Watches the executions of the thread that makes it, for as long as it lives. Not more than one at a time.
class HangWatch {
 public:
  explicit HangWatch(HangWatchOptions options);
  HangWatch(const HangWatch&) = delete;
  HangWatch& operator=(const HangWatch&) = delete;
  ~HangWatch();

  // Of this thread; none if nothing is watched.
  static HangWatch* Current() noexcept { return current_; }

  // In a process forked from the one that watches, where the watch's thread is not: it has no watch from now on, and
  // the one given would watch as that did.
  static HangWatchOptions TakeOptions();
  static void Forget() noexcept { current_ = nullptr; }
  // The limit beyond which the process is to die; 0: it is not.
  static Duration DeadlyLimit() noexcept;

  // The next executions are run for the one with this index.
  void SetExecution(std::uint64_t index) noexcept { index_.store(index, std::memory_order_relaxed); }

  // Announcements of an execution. Gives the observer to run it with: `inner`, unless its steps are watched too.
  Observer* ExecutionBegins(Observer* inner, bool alone);
  void ExecutionEnds() noexcept;

 private:
  // Feeds a Watchdog.
  class Steps final : public PassingObserver {
   public:
    Steps(Duration limit, std::function<void(const std::string&)> report) : watchdog_(limit, std::move(report)) {}
    void OnBegin() noexcept override;
    void OnEnd() noexcept override;
    void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override;
    void OnStep(std::uint32_t task) noexcept override;
    void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                const std::source_location& body) noexcept override;
    void OnExit(std::uint32_t task, const Failure& failure) noexcept override;

   private:
    Watchdog watchdog_;
  };

  void Watch();
  void Report(const std::string& what);

  static inline constinit thread_local HangWatch* current_ = nullptr;

  const HangWatchOptions options_;
  Steps steps_;
  std::atomic<std::uint64_t> index_{0};
  std::atomic<std::uint64_t> announced_{0};  // odd while an execution runs whose steps are not watched
  std::mutex mutex_;                         // guards stopped_
  std::condition_variable stop_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_HANG_WATCH_H_
