#include "hocket/run.h"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/scheduler.h"

namespace hocket {

Runner::Runner() : scheduler_(std::make_unique<internal::Scheduler>()) {}
Runner::~Runner() = default;

RunOutcome Runner::RunBody(internal::MainBody main, const RunOptions& options) {
  return scheduler_->Run(main, options);
}

bool Unwinding() noexcept { return internal::Scheduler::InRun() && internal::Scheduler::Current().unwinding(); }

const char* ToString(RunOutcome::Kind kind) noexcept {
  switch (kind) {
    case RunOutcome::Kind::kCompleted:
      return "completed";
    case RunOutcome::Kind::kFailed:
      return "failed";
    case RunOutcome::Kind::kCancelled:
      return "cancelled";
    case RunOutcome::Kind::kDeadlock:
      return "deadlock";
    case RunOutcome::Kind::kStepLimit:
      return "step-limit";
    case RunOutcome::Kind::kStopped:
      return "stopped";
  }
  return "";
}

std::string RunOutcome::ToString() const {
  std::string text = hocket::ToString(kind);
  switch (kind) {
    case Kind::kCompleted:
    case Kind::kCancelled:
    case Kind::kStopped:
      break;
    case Kind::kFailed:
      text += ": " + failure.ToString();
      break;
    case Kind::kDeadlock:
      text += ": no task can run, no deadline is set and no poster is open";
      break;
    case Kind::kStepLimit:
      text += ": " + std::to_string(steps) + " steps were taken";
      break;
  }
  const auto name = [this](std::uint32_t number) {
    const auto task = std::find_if(unfinished.begin(), unfinished.end(),
                                   [number](const TaskSnapshot& other) { return other.spawn_number == number; });
    return task == unfinished.end() ? "task " + std::to_string(number) : task->path;
  };
  for (const WaitCycle& cycle : cycles) {
    text += "\n  a cycle: " + name(cycle.front());
    for (std::size_t i = 1; i <= cycle.size(); ++i) text += " waits for " + name(cycle[i % cycle.size()]);
  }
  for (const TaskSnapshot& task : unfinished) {
    text += "\n  " + task.path + (task.ready ? " is ready at " : " waits in ") + task.operation;
    for (std::size_t i = 0; i < task.held_by.size(); ++i) text += (i == 0 ? " for " : ", ") + name(task.held_by[i]);
    for (const std::source_location& where : task.where) {
      if (where.line() != 0) text += std::string("\n    ") + where.file_name() + ":" + std::to_string(where.line());
    }
  }
  for (const std::source_location& function : never_awaited) {
    text += std::string("\n  never awaited: ") + function.function_name() + " (" + function.file_name() + ":" +
            std::to_string(function.line()) + ")";
  }
  for (const LeftBehind& left : left_behind) {
    text += "\n  left behind: " + left.what;
    if (left.where.line() != 0)
      text += std::string(" (") + left.where.file_name() + ":" + std::to_string(left.where.line()) + ")";
  }
  return text;
}

}  // namespace hocket
