// The settings of a test process, read from the environment in this one place.
#ifndef HOCKET_HARNESS_SETTINGS_H_
#define HOCKET_HARNESS_SETTINGS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harness/sharding.h"
#include "hocket/testing/options.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// What HOCKET_REPLAY names: a schedule, or the bytes of a fuzzer's input.
struct ReplaySource {
  std::optional<Schedule> schedule;
  std::string bytes;
};

struct Settings {
  std::optional<ReplaySource> replay;
  std::uint64_t seed = 1;
  std::uint64_t executions = 1000;
  std::uint64_t first_execution = 0;
  std::uint64_t steps = 100'000;
  std::uint64_t step_timeout = 20;  // seconds until a hang is told of; 0: it is not
  bool dies_of_hangs = false;       // because the time was asked for
  std::string strategy;             // its spelling, or empty: the default
  unsigned jobs = 1;
  bool isolate = false;  // a process for each execution
  Shard shard;
  std::uint64_t memory_limit = 0;           // of the process, in MiB; 0: none
  std::chrono::nanoseconds time_budget{0};  // 0: none
  // Near the end of the test's time, as Bazel has set it, if it has and nobody has said how long to explore.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  bool quiet = false;
  std::string corpus;          // folder, or empty
  std::string inputs;          // folder or file, or empty
  std::string known;           // folder of schedules whose failures are known, or empty
  std::string write_bytes;     // file for the replayed schedule as a fuzzer's input, or empty
  bool shrink = false;         // whether a replay that fails is made as small as it gets
  bool suspects = false;       // whether atomicity suspects are looked for
  std::string stats;           // file for what was explored as JSON, or empty
  std::uint64_t break_at = 0;  // step of a replay at which it stops in the debugger; 0: none
};

// The settings, or what is wrong with which variable, at which character. What no variable sets is as `options` say.
// Unknown variables that begin with HOCKET_ are
// errors, so that a misspelt one is not ignored.
absl::StatusOr<Settings> ReadSettings(const TestOptions& options = {});

// Turns the flag `--hocket_seed=2` into the variable HOCKET_SEED, which then wins over the environment's. False if
// `argument` is no such flag. --hocket_quiet, --hocket_isolate and --hocket_shrink may stand alone.
absl::StatusOr<bool> ConsumeFlag(const std::string& argument);

// The schedules in `folder`, in the order of their file names, or what is wrong with which file.
struct CorpusEntry {
  std::string file;
  Schedule schedule;
};
absl::StatusOr<std::vector<CorpusEntry>> ReadCorpus(const std::string& folder);
// Those that name `test`.
absl::StatusOr<std::vector<CorpusEntry>> ReadCorpus(const std::string& folder, const std::string& test);

// The failures of `test` that the schedules in the folder of known ones show.
std::vector<FailureIdentity> KnownFailures(const Settings& settings, const std::string& test);

// "h" and digits before the first colon: a token of some version.
bool LooksLikeToken(const std::string& text);
// A schedule file by its name or its first line that is no remark; anything else is bytes, whatever they are.
bool IsScheduleFile(const std::string& path, const std::string& content);

absl::StatusOr<std::string> ReadFile(const std::string& path);

// The message of a status as a std::string.
std::string MessageOf(const absl::Status& status);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SETTINGS_H_
