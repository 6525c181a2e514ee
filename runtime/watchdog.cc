#include "hocket/watchdog.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <utility>

#include "hocket/check.h"
#include "hocket/task_tree.h"
#include "runtime/scheduler.h"

namespace hocket {

namespace {

// How much of a run's time may go into looking at its tasks.
constexpr std::chrono::milliseconds kFreeLooking{10};
constexpr int kShareOfLooking = 20;  // one of so many

}  // namespace

Watchdog::Watchdog(Duration limit, std::function<void(const std::string&)> report)
    : limit_(limit), report_(report != nullptr ? std::move(report) : [](const std::string& message) {
        std::cerr << "hocket: " + message + "\n" << std::flush;
      }) {
  HOCKET_CHECK(limit > Duration::zero()) << "a watchdog needs a limit, not " << limit.count() << " ns";
}

Watchdog::~Watchdog() { AfterRun(); }

void Watchdog::BeforeRun() {
  stopped_ = false;
  begin_ = Clock::now();
  spent_looking_ = {};
  snapshot_.clear();
  snapshot_step_ = steps_;
  thread_ = std::thread([this] { Watch(); });
}

void Watchdog::AfterRun() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    running_ = nullptr;
    tasks_.clear();
  }
  stop_.notify_one();
  thread_.join();
}

void Watchdog::TaskSpawned(std::uint32_t task, const std::string& path) {
  const std::lock_guard lock(mutex_);
  tasks_[task].path = path;
}

void Watchdog::BeforeStep(std::uint32_t task) {
  {
    const std::lock_guard lock(mutex_);
    ++steps_;
    running_ = &tasks_[task];
  }
  LookAtTasks();
}

void Watchdog::LookAtTasks() {
  const Clock::time_point begin = Clock::now();
  if (spent_looking_ > kFreeLooking + (begin - begin_) / kShareOfLooking) return;
  internal::Scheduler& scheduler = internal::Scheduler::Current();
  std::vector<TaskSnapshot> snapshot = scheduler.Snapshots();
  const Time now = scheduler.now();
  {
    const std::lock_guard lock(mutex_);
    snapshot_.swap(snapshot);
    snapshot_step_ = steps_;
    snapshot_time_ = now;
  }
  spent_looking_ += Clock::now() - begin;
}

void Watchdog::AfterStep(std::uint32_t task, const char* operation, const std::source_location& where) {
  const std::lock_guard lock(mutex_);
  running_ = nullptr;
  Standing& standing = tasks_[task];
  standing.operation = operation;
  standing.where = where;
}

void Watchdog::TaskExited(std::uint32_t task, const Failure&) {
  const std::lock_guard lock(mutex_);
  tasks_.erase(task);
}

// Looks at the run four times in each limit. A step is timed from the first look that finds it.
void Watchdog::Watch() {
  std::unique_lock lock(mutex_);
  std::uint64_t step = 0;
  Clock::time_point since;
  Clock::duration next_report{};
  while (!stop_.wait_for(lock, limit_ / 4, [this] { return stopped_; })) {
    const Clock::time_point now = Clock::now();
    if (running_ == nullptr || steps_ != step) {
      step = steps_;
      since = now;
      next_report = limit_;
    } else if (now - since >= next_report) {
      next_report = std::max(next_report * 2, now - since);
      const std::string message = Message(now - since);
      lock.unlock();
      report_(message);
      lock.lock();
    }
  }
}

std::string Watchdog::Message(Clock::duration running) const {
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.1f", std::chrono::duration<double>(running).count());
  std::string message =
      running_->path + " has been running for " + seconds + " s without a checkpoint, since " + running_->operation;
  if (running_->where.line() != 0) {
    message += std::string(" at ") + running_->where.file_name() + ":" + std::to_string(running_->where.line());
  }
  return message + Tasks();
}

std::string Watchdog::Tasks() const {
  if (snapshot_.empty()) return "";
  std::string text = "\nthe tasks when that step began";
  if (steps_ != snapshot_step_) text += ", or rather " + std::to_string(steps_ - snapshot_step_) + " steps before";
  std::istringstream tree(FormatTaskTree(snapshot_, snapshot_time_));
  text += ":";
  for (std::string line; std::getline(tree, line);) text += "\n  " + line;
  return text;
}

}  // namespace hocket
