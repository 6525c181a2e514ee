// The command that shows a failure again.
#ifndef HOCKET_HARNESS_REPORT_REPLAY_COMMAND_H_
#define HOCKET_HARNESS_REPORT_REPLAY_COMMAND_H_

#include <string>
#include <utility>
#include <vector>

#include "hocket/testing/schedule.h"

namespace hocket::testing {

// A whole command that runs `test` of this binary again with the variables given, as (name, value), and the limits in
// force: through Bazel from the workspace root, if Bazel runs this process, else the binary itself.
std::string ReplayCommand(const std::string& test, std::vector<std::pair<std::string, std::string>> variables);

// The same for a schedule, as a token; without its exact form, which the schedule file has, if that is long: shells and
// terminals have limits.
std::string ReplayCommand(const Schedule& schedule);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_REPLAY_COMMAND_H_
