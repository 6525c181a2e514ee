#include "harness/test_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <utility>

#include "harness/death_report.h"
#include "harness/expectations.h"
#include "harness/outputs.h"
#include "harness/repetition.h"
#include "harness/report/chrome_trace.h"
#include "harness/report/counts.h"
#include "harness/report/failure_page.h"
#include "harness/report/replay_command.h"
#include "harness/report/summary.h"
#include "hocket/check.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

TestPlace CurrentTest(const char* file, int line) {
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  return {std::string(info->test_suite_name()) + "." + info->name(), file, line, std::chrono::steady_clock::now()};
}

std::optional<Settings> SettingsFor(const TestPlace& test, const TestOptions& options) {
  absl::StatusOr<Settings> settings = ReadSettings(options);
  if (settings.ok()) {
    settings->seed += Repetition();
    return *std::move(settings);
  }
  ADD_FAILURE_AT(test.file, test.line) << "hocket: " << MessageOf(settings.status());
  return std::nullopt;
}

HangWatchOptions HangWatchOptionsFor(const TestPlace& test, const Settings& settings,
                                     std::function<std::string(std::uint64_t index)> replay_command) {
  constexpr std::uint64_t kDay = 24 * 60 * 60;  // in seconds; more would not fit into a Duration
  HangWatchOptions options;
  // Who looks at a stopped process takes time.
  if (settings.break_at == 0) options.limit = std::chrono::seconds(std::min(settings.step_timeout, kDay));
  options.aborts = settings.dies_of_hangs;
  options.test = test.name;
  options.replay_command = std::move(replay_command);
  return options;
}

ExploreOptions OptionsFor(const std::string& test, const Settings& settings, const TestOptions& given) {
  ExploreOptions options;
  options.time_passes = given.time_passes;
  options.wake_order = given.wake_order;
  options.faults = given.faults;
  options.cancellations = given.cancellations;
  options.detectors = given.detectors;
  options.shard = settings.shard.index;
  options.shards = settings.shard.total;
  options.test = test;
  options.seed = settings.seed;
  options.executions = settings.executions;
  options.first_execution = settings.first_execution;
  options.steps_per_execution = settings.steps;
  options.jobs = settings.jobs;
  options.isolate = settings.isolate && settings.break_at == 0;  // the debugger is with this process
  options.time_budget = settings.time_budget;
  options.deadline = settings.deadline;
  options.break_at = settings.break_at;
  if (!settings.strategy.empty()) {
    // The budget does not depend on where the exploration begins, so that an execution is the same one wherever it
    // begins.
    StrategyOptions with{.memory = options.memory, .budget = settings.first_execution + settings.executions};
    options.strategy = [spelling = settings.strategy, with](std::uint64_t seed) mutable {
      with.seed = seed;
      absl::StatusOr<std::unique_ptr<Strategy>> strategy = ParseStrategy(spelling, with);
      HOCKET_CHECK(strategy.ok()) << "the strategy was understood before: " << MessageOf(strategy.status());
      return *std::move(strategy);
    };
  }
  return options;
}

void ReportFailure(const TestPlace& test, const FoundFailure& found, const std::string& report) {
  const ExecutionFailure& failure = found.failure;
  const bool has_place = !failure.file.empty() && failure.line > 0;
  const char* file = has_place ? failure.file.c_str() : test.file;
  const int line = has_place ? failure.line : test.line;
  if (failure.identity.kind == kSkipped) {
    GTEST_MESSAGE_AT_(file, line, "", ::testing::TestPartResult::kSkip) << failure.message;
    return;
  }
  WriteOutputs(found, report);
  ADD_FAILURE_AT(file, line) << report;
}

std::string LeavePage(const Body& body, const FoundFailure& found, ExploreOptions options) {
  const std::string path = OutputPath(found.schedule.test, ".html");
  const std::string& kind = found.failure.identity.kind;
  if (path.empty() || kind == kCrash || kind == kSkipped) return "";
  HeldExpectations expectations;
  options.expectations = &expectations;
  HtmlInput page = FailurePage(body, found, options);
  page.replay = ReplayCommand(found.schedule);
  std::ofstream(path, std::ios::binary) << HtmlReport(page);
  std::ofstream(OutputPath(found.schedule.test, ".trace.json"), std::ios::binary)
      << ChromeTrace(page.failing.recording, found.schedule.test);
  return "page: " + OutputName(path) + " (or in outputs.zip beside it)\n";
}

std::string ShrinkReplay(const Body& body, ReplayResult& replay, const ExploreOptions& options) {
  if (!replay.failure || replay.failure->identity.kind == kSkipped) return "";
  const std::size_t before = replay.schedule.deviations.size();
  ReplayResult shrunk = ShrinkSchedule(body, replay.schedule, options);
  if (!shrunk.failure || !(shrunk.failure->identity == replay.failure->identity)) {
    return "not shrunk: it does not fail so again when its decisions are made by name\n";
  }
  shrunk.divergence = std::move(replay.divergence);
  replay = std::move(shrunk);
  return "shrunk from " + Count(before, "deviation") + " to " + std::to_string(replay.schedule.deviations.size()) +
         "\n";
}

void ReportReplay(const TestPlace& test, const Body& body, const ReplayResult& replay, const std::string& report,
                  const ExploreOptions& options) {
  if (!replay.failure) {
    WriteSchedule(replay.schedule);
    std::printf("%s", report.c_str());
    return;
  }
  FoundFailure found;
  found.failure = *replay.failure;
  found.schedule = replay.schedule;
  found.trace = replay.trace;
  found.marked = replay.marked;
  found.strategy = "replay";
  ReportFailure(test, found, report + LeavePage(body, found, options));
}

void RecordExploration(const Exploration& exploration, const TestPlace& test, const Settings& settings) {
  ::testing::Test::RecordProperty("hocket_executions", std::to_string(exploration.executions));
  ::testing::Test::RecordProperty("hocket_distinct_schedules", std::to_string(exploration.distinct));
  ::testing::Test::RecordProperty("hocket_seed", std::to_string(settings.seed));
  ::testing::Test::RecordProperty("hocket_strategy", settings.strategy.empty() ? "default" : settings.strategy);
  ::testing::Test::RecordProperty("hocket_statement", exploration.Statement());
  SummaryRow row;
  row.test = test.name;
  row.exploration = exploration;
  row.seed = settings.seed;
  row.strategy = settings.strategy.empty() ? "default" : settings.strategy;
  row.jobs = settings.jobs;
  row.time = std::chrono::steady_clock::now() - test.begin;
  if (const absl::Status status = AddToSummary(std::move(row), settings); !status.ok()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_STATS: " << MessageOf(status);
  }
  if (settings.quiet || exploration.ended == Ended::kFailure) return;
  std::string shard;
  if (settings.shard.total > 1)
    shard = ", shard " + std::to_string(settings.shard.index) + " of " + std::to_string(settings.shard.total);
  std::printf("hocket: %s: %s, seed %llu%s\n", test.name.c_str(), exploration.Statement().c_str(),
              static_cast<unsigned long long>(settings.seed), shard.c_str());
}

void ReportCrash(const TestPlace& test, const FoundFailure& found, const Settings& settings) {
  ADD_FAILURE_AT(test.file, test.line) << found.failure.message << "\n\nfound by execution " << found.execution
                                       << " (seed " << settings.seed
                                       << "), which does not crash in a process of its own\nreplay: "
                                       << ExecutionCommand(test.name, settings, found.execution);
}

void ReportNondeterminism(const TestPlace& test, const std::string& what) {
  ADD_FAILURE_AT(test.file, test.line)
      << "hocket: the test depends on something else than its schedule, and cannot be replayed.\n"
      << what << "\nLook for globals that executions change, addresses, clocks and threads.";
}

}  // namespace hocket::testing
