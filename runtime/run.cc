#include "hocket/run.h"

#include <sstream>
#include <string>
#include <utility>

#include "hocket/task_tree.h"
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
  std::istringstream tree(FormatTaskTree(unfinished, ended_at));
  for (std::string line; std::getline(tree, line);) text += "\n  " + line;
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
