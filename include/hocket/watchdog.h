// Watchdog: tells of a task that holds up its run because it comes to no checkpoint.
//
//     Watchdog watchdog(1s);
//     Instruments instruments;
//     instruments.Add(watchdog);
//     Run(main, {.observer = &instruments});
//
// writes to standard error when a step has been going on for a second, and again each time that has doubled:
//
//     hocket: main/0/worker.1 has been running for 1.0 s without a checkpoint, since Checkpoint at server.cc:40
//     the tasks when that step began:
//       main waits in Nursery.Exit for main/0
//       ...
//
// The task tree (task_tree.h) is made by the run's thread when a step begins, because nobody else may look at a task
// that runs. Not at every step: making trees takes 10 ms and a twentieth of the run's time at most, so that where there
// are many tasks the tree may be that of a few steps earlier, and says so.
//
// For production; it only tells, for nothing can stop such a task. An explored run has its step limit, against tasks
// that come to checkpoints for ever.
#ifndef HOCKET_WATCHDOG_H_
#define HOCKET_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "hocket/instruments.h"
#include "hocket/task_snapshot.h"
#include "hocket/time.h"

namespace hocket {

// Threads: the run's for the hooks; `report` is called by a thread of the watchdog's own. One run at a time.
class Watchdog final : public Instrument {
 public:
  // REQUIRES: limit > 0. Real time, whatever clock the run has. Without `report`, standard error.
  explicit Watchdog(Duration limit, std::function<void(const std::string& message)> report = nullptr);
  ~Watchdog() override;

  void BeforeRun() override;
  void AfterRun() override;
  void TaskSpawned(std::uint32_t task, const std::string& path) override;
  void BeforeStep(std::uint32_t task) override;
  void AfterStep(std::uint32_t task, const char* operation, const std::source_location& where) override;
  void TaskExited(std::uint32_t task, const Failure& failure) override;

 private:
  using Clock = std::chrono::steady_clock;
  void Watch();
  void LookAtTasks();
  std::string Message(Clock::duration running) const;
  std::string Tasks() const;

  const Duration limit_;
  const std::function<void(const std::string&)> report_;
  std::thread thread_;
  Clock::time_point begin_;          // of the run
  Clock::duration spent_looking_{};  // at its tasks

  std::mutex mutex_;  // guards what follows
  std::condition_variable stop_;
  bool stopped_ = false;
  std::uint64_t steps_ = 0;
  struct Standing {
    std::string path;
    const char* operation = "start";
    std::source_location where;
  };
  std::unordered_map<std::uint32_t, Standing> tasks_;
  const Standing* running_ = nullptr;
  std::vector<TaskSnapshot> snapshot_;  // of the tasks as they were when the step of this number began, at this time
  std::uint64_t snapshot_step_ = 0;
  Time snapshot_time_;
};

}  // namespace hocket

#endif  // HOCKET_WATCHDOG_H_
