// What tests and properties have in common as GoogleTest tests.
#ifndef HOCKET_HARNESS_TEST_RUN_H_
#define HOCKET_HARNESS_TEST_RUN_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/detectors/hang_watch.h"
#include "harness/settings.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// The GoogleTest test that runs now, and where it stands.
struct TestPlace {
  std::string name;  // full
  const char* file;
  int line;
  std::chrono::steady_clock::time_point begin;  // of the test
};
TestPlace CurrentTest(const char* file, int line);

// The settings, with what the test says itself; none if they are bad, which then fails the test.
std::optional<Settings> SettingsFor(const TestPlace& test, const TestOptions& options = {});

// How the executions of the test are watched: `replay_command` runs the one with the index that it is given alone.
HangWatchOptions HangWatchOptionsFor(const TestPlace& test, const Settings& settings,
                                     std::function<std::string(std::uint64_t index)> replay_command);

// `test`: its full name.
ExploreOptions OptionsFor(const std::string& test, const Settings& settings, const TestOptions& options = {});

// Fails the test at the place of the expectation that failed, or else at the test's, and leaves Bazel's outputs. If
// the execution asked for the test to be skipped, it is skipped instead.
void ReportFailure(const TestPlace& test, const FoundFailure& found, const std::string& report);

// Leaves the HTML report and the trace for Perfetto among the outputs; the line of the printed report that names the
// page. Nothing if there is no folder for outputs, or if the execution would end this process. `options`: those of the
// exploration.
std::string LeavePage(const Body& body, const FoundFailure& found, ExploreOptions options);

// Shrinks what a replay did, if it failed; the line of its report that says by how much. `options`: those of the replay.
std::string ShrinkReplay(const Body& body, ReplayResult& replay, const ExploreOptions& options);

// Prints what a replay says, or fails the test with it if the replay failed. `options`: those of the replay.
void ReportReplay(const TestPlace& test, const Body& body, const ReplayResult& replay, const std::string& report,
                  const ExploreOptions& options);

// Records what was explored as GoogleTest properties, and says it if nothing failed and nobody asked for quiet.
void RecordExploration(const Exploration& exploration, const TestPlace& test, const Settings& settings);

// Fails the test because a worker crashed, and its execution does not when it is run alone.
void ReportCrash(const TestPlace& test, const FoundFailure& found, const Settings& settings);

// Fails the test because the same decisions do not give the same execution.
void ReportNondeterminism(const TestPlace& test, const std::string& what);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_TEST_RUN_H_
