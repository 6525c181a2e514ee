// What a failing test, or a replay, leaves in the folder that Bazel collects (TEST_UNDECLARED_OUTPUTS_DIR), if there is
// one: flat files, named after the test, that nothing but the execution decides.
#ifndef HOCKET_HARNESS_OUTPUTS_H_
#define HOCKET_HARNESS_OUTPUTS_H_

#include <string>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// Where a file of the test with this ending (".schedule") belongs; empty if there is no folder.
std::string OutputPath(const std::string& test, const std::string& ending);

// What to call such a file in a message: where Bazel shows it from the root of the workspace, if it is Bazel's.
std::string OutputName(const std::string& path);

// Writes the schedule alone.
void WriteSchedule(const Schedule& schedule);

// Writes the schedule, the report that was printed, which has the trace as lanes, and of tasks that were left waiting
// who waits for whom, for Graphviz and for Mermaid.
void WriteOutputs(const FoundFailure& found, const std::string& report);

// Tells Bazel of something that is no failure, and should be looked at (TEST_WARNINGS_OUTPUT_FILE): a line.
void WriteWarning(const std::string& test, const std::string& what);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_OUTPUTS_H_
