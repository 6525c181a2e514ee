// The commands of //tools:schedule.
#ifndef HOCKET_TOOLS_SCHEDULES_COMMANDS_H_
#define HOCKET_TOOLS_SCHEDULES_COMMANDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "tools/schedules/arguments.h"

namespace hocket::tools {

struct CommandResult {
  std::string text;   // what was asked for
  std::string notes;  // about it, for standard error
  int status = 0;     // 1: there is a difference, the schedule does not fail, an input is not imported
};

absl::StatusOr<CommandResult> RunShow(const Arguments& arguments);
absl::StatusOr<CommandResult> RunDiff(const Arguments& arguments);
absl::StatusOr<CommandResult> RunMinimize(const Arguments& arguments);
absl::StatusOr<CommandResult> RunConvert(const Arguments& arguments);
absl::StatusOr<CommandResult> RunImport(const Arguments& arguments);
absl::StatusOr<CommandResult> RunStats(const Arguments& arguments);

}  // namespace hocket::tools

#endif  // HOCKET_TOOLS_SCHEDULES_COMMANDS_H_
