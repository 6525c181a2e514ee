#include "hocket/testing/test.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/bytes.h"
#include "harness/death_report.h"
#include "harness/detectors/hang_watch.h"
#include "harness/expectations.h"
#include "harness/report/failure_report.h"
#include "harness/report/progress.h"
#include "harness/report/replay_command.h"
#include "harness/settings.h"
#include "harness/test_run.h"

namespace hocket::testing {

namespace {

// Runs the schedule or the bytes of HOCKET_REPLAY.
void ReplayTest(TestBody body, const TestPlace& test, const Settings& settings, ExploreOptions options) {
  const ReplaySource& source = *settings.replay;
  const Schedule recorded = source.schedule.value_or(Schedule());
  if (!recorded.test.empty() && recorded.test != test.name) {
    GTEST_SKIP() << "HOCKET_REPLAY is for " << recorded.test;
  }
  ReplayResult result;
  std::optional<RepairResult> repair;
  std::string bytes = source.bytes;
  {
    std::optional<DeathReport> death_report;
    if (source.schedule) death_report.emplace(test.name, recorded);
    const HangWatch hang_watch(HangWatchOptionsFor(test, settings, [&](std::uint64_t) {
      return ReplayCommand(test.name, {{"HOCKET_REPLAY", std::getenv("HOCKET_REPLAY")}});
    }));
    HeldExpectations expectations;
    options.expectations = &expectations;
    result = source.schedule ? ReplaySchedule(body, recorded, options) : ReplayBytes(body, bytes, options);
    if (NeedsRepair(result, recorded)) repair = RepairSchedule(body, recorded, options);
    if (!settings.write_bytes.empty()) bytes = EncodeBytes(body, result.schedule, options);
  }
  if (!settings.write_bytes.empty() && !(std::ofstream(settings.write_bytes, std::ios::binary) << bytes).flush()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_WRITE_BYTES: '" << settings.write_bytes
                                         << "' cannot be written";
  }
  const std::string report = ReplayReport(result, recorded, repair);
  if (repair && repair->replay) result = *std::move(repair->replay);
  if (result.failure) {
    ReportFailure(test, *result.failure, result.schedule, report);
  } else {
    std::printf("%s", report.c_str());
  }
}

// Runs the stored schedules that name the test. False if one of them fails, which then fails the test.
bool ReplayCorpus(TestBody body, const TestPlace& test, const Settings& settings, ExploreOptions options) {
  if (settings.corpus.empty()) return true;
  const absl::StatusOr<std::vector<CorpusEntry>> corpus = ReadCorpus(settings.corpus, test.name);
  if (!corpus.ok()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_CORPUS: " << MessageOf(corpus.status());
    return false;
  }
  for (const CorpusEntry& entry : *corpus) {
    ReplayResult result;
    {
      const DeathReport death_report(test.name, entry.schedule);
      HeldExpectations expectations;
      options.expectations = &expectations;
      result = ReplaySchedule(body, entry.schedule, options);
    }
    if (!result.failure) continue;
    ReportFailure(test, *result.failure, result.schedule,
                  ReplayReport(result, entry.schedule) + "stored in: " + entry.file + "\n");
    return false;
  }
  return true;
}

}  // namespace

void RunTest(TestBody body, const char* file, int line) {
  const TestPlace test = CurrentTest(file, line);
  const std::optional<Settings> settings = SettingsFor(test);
  if (!settings) return;
  ExploreOptions options = OptionsFor(test, *settings);
  if (settings->replay) return ReplayTest(body, test, *settings, options);
  if (!ReplayCorpus(body, test, *settings, options)) return;

  DeathReport death_report(test.name, *settings);
  HangWatch hang_watch(HangWatchOptionsFor(
      test, *settings, [&](std::uint64_t index) { return ExecutionCommand(test.name, *settings, index); }));
  options.before_execution = [&](std::uint64_t index, const Strategy&) {
    death_report.SetExecution(index);
    hang_watch.SetExecution(index);
  };
  Exploration exploration;
  {
    const std::unique_ptr<Progress> progress = settings->quiet ? nullptr : MakeProgress(options);
    options.progress = progress.get();
    HeldExpectations expectations;
    options.expectations = &expectations;
    exploration = Explore(body, options);
  }
  RecordExploration(exploration, test, *settings);
  if (exploration.nondeterminism) {
    ReportNondeterminism(test, *exploration.nondeterminism);
  } else if (exploration.failure && exploration.failure->failure.identity.kind == kCrash) {
    ReportCrash(test, *exploration.failure, *settings);
  } else if (exploration.failure) {
    const FoundFailure& found = *exploration.failure;
    ReportFailure(test, found.failure, found.schedule, FailureReport(found, exploration, options));
  }
}

}  // namespace hocket::testing
