#include "harness/test_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace hocket::testing {

TestPlace CurrentTest(const char* file, int line) {
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  return {std::string(info->test_suite_name()) + "." + info->name(), file, line};
}

std::optional<Settings> SettingsFor(const TestPlace& test) {
  absl::StatusOr<Settings> settings = ReadSettings();
  if (settings.ok()) return *std::move(settings);
  ADD_FAILURE_AT(test.file, test.line) << "hocket: " << MessageOf(settings.status());
  return std::nullopt;
}

ExploreOptions OptionsFor(const TestPlace& test, const Settings& settings) {
  ExploreOptions options;
  options.test = test.name;
  options.seed = settings.seed;
  options.executions = settings.executions;
  options.first_execution = settings.first_execution;
  options.steps_per_execution = settings.steps;
  return options;
}

void ReportFailure(const TestPlace& test, const ExecutionFailure& failure, const Schedule& schedule,
                   const std::string& report) {
  if (const char* folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR")) {
    std::string name = test.name;
    for (char& c : name) c = c == '/' ? '-' : c;
    std::ofstream(std::string(folder) + "/" + name + ".schedule") << FormatScheduleFile(schedule);
  }
  const bool has_place = !failure.file.empty() && failure.line > 0;
  ADD_FAILURE_AT(has_place ? failure.file.c_str() : test.file, has_place ? failure.line : test.line) << report;
}

void RecordExploration(const Exploration& exploration, const ExploreOptions& options) {
  ::testing::Test::RecordProperty("hocket_executions", std::to_string(exploration.executions));
  ::testing::Test::RecordProperty("hocket_distinct_schedules", std::to_string(exploration.distinct));
  ::testing::Test::RecordProperty("hocket_seed", std::to_string(options.seed));
}

void ReportNondeterminism(const TestPlace& test, const std::string& what) {
  ADD_FAILURE_AT(test.file, test.line)
      << "hocket: the test depends on something else than its schedule, and cannot be replayed.\n"
      << what << "\nLook for globals that executions change, addresses, clocks and threads.";
}

}  // namespace hocket::testing
