// A test binary, run once for a schedule: the only thing that knows the program.
#ifndef HOCKET_TOOLS_SCHEDULES_TEST_BINARY_H_
#define HOCKET_TOOLS_SCHEDULES_TEST_BINARY_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "hocket/testing/schedule.h"
#include "tools/schedules/input.h"

namespace hocket::tools {

// What a run of one test left.
struct TestRun {
  bool failed = false;
  std::string output;                                      // standard output and error
  std::optional<testing::Schedule> schedule;               // as it was executed
  std::vector<std::pair<std::string, std::string>> files;  // names and contents of all that it left in its outputs
};

class TestBinary {
 public:
  // `test`: empty for the one that each schedule names, or the only one that the binary has.
  TestBinary(std::string path, std::string test) : path_(std::move(path)), test_(std::move(test)) {}

  // Replays `input` with further variables of the environment, (name, value). An error if the binary cannot be run, has
  // no such test or refuses.
  absl::StatusOr<TestRun> Replay(const Input& input,
                                 const std::vector<std::pair<std::string, std::string>>& variables = {}) const;
  absl::StatusOr<TestRun> Replay(const testing::Schedule& schedule) const;

 private:
  // The test to run for `input`.
  absl::StatusOr<std::string> TestOf(const Input& input, const std::string& path) const;

  const std::string path_;
  const std::string test_;
};

// What stands behind `replay: ` in the last such line of the output: a command that shows the failure again, through
// Bazel if that has built the binary. Empty if there is none.
std::string ReplayCommandIn(const TestRun& run);

// The content of the file whose name ends like this; none if there is none.
std::optional<std::string> FileOf(const TestRun& run, const std::string& suffix);

}  // namespace hocket::tools

#endif  // HOCKET_TOOLS_SCHEDULES_TEST_BINARY_H_
