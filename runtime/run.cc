#include "hocket/run.h"

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
  }
  return "";
}

std::string RunOutcome::ToString() const {
  std::string text = hocket::ToString(kind);
  switch (kind) {
    case Kind::kCompleted:
    case Kind::kCancelled:
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
  for (const UnfinishedTask& task : unfinished) {
    text += "\n  " + task.path + (task.ready ? " is ready at " : " waits in ") + task.operation;
    for (const std::source_location& where : task.where) {
      if (where.line() != 0) text += std::string("\n    ") + where.file_name() + ":" + std::to_string(where.line());
    }
  }
  for (const std::source_location& function : never_awaited) {
    text += std::string("\n  never awaited: ") + function.function_name() + " (" + function.file_name() + ":" +
            std::to_string(function.line()) + ")";
  }
  return text;
}

}  // namespace hocket
