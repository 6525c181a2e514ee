#include "hocket/testing/test.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/bytes.h"
#include "harness/death_report.h"
#include "harness/detectors/hang_watch.h"
#include "harness/expectations.h"
#include "harness/fuzz.h"
#include "harness/input_files.h"
#include "harness/memory_watch.h"
#include "harness/outputs.h"
#include "harness/report/counts.h"
#include "harness/report/failure_report.h"
#include "harness/report/progress.h"
#include "harness/settings.h"
#include "harness/test_run.h"
#include "hocket/testing/suspects.h"

namespace hocket::testing {

namespace {

std::string Name(const CorpusEntry& entry) { return std::filesystem::path(entry.file).filename().string(); }

// Runs the schedule or the bytes of HOCKET_REPLAY.
void ReplayTest(const Body& body, const TestPlace& test, const Settings& settings, ExploreOptions options) {
  const ReplaySource& source = *settings.replay;
  const Schedule recorded = source.schedule.value_or(Schedule());
  if (!recorded.test.empty() && recorded.test != test.name) {
    GTEST_SKIP() << "HOCKET_REPLAY is for " << recorded.test;
  }
  if (settings.shard.index > 0) GTEST_SKIP() << "the replay runs in shard 0";
  ReplayResult result;
  std::optional<RepairResult> repair;
  std::string shrunk;
  std::string bytes = source.bytes;
  {
    std::optional<DeathReport> death_report;
    if (source.schedule) {
      death_report.emplace(test.name, recorded);
    } else {
      death_report.emplace(test.name, settings);
    }
    const HangWatch hang_watch(
        HangWatchOptionsFor(test, settings, [](std::uint64_t) { return DeathReport::Command(); }));
    const MemoryWatch memory_watch(settings.memory_limit);
    HeldExpectations expectations(HeldExpectations::Breaks::kIfAsked);
    options.expectations = &expectations;
    options.executions = 1;
    result = source.schedule ? ReplaySchedule(body, recorded, options) : ReplayBytes(body, bytes, options);
    if (NeedsRepair(result, recorded)) repair = RepairSchedule(body, recorded, options);
    if (settings.shrink) shrunk = ShrinkReplay(body, result, options);
    if (!settings.write_bytes.empty()) bytes = EncodeBytes(body, result.schedule, options);
  }
  if (!settings.write_bytes.empty() && !(std::ofstream(settings.write_bytes, std::ios::binary) << bytes).flush()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_WRITE_BYTES: '" << settings.write_bytes
                                         << "' cannot be written";
  }
  if (result.divergence) WriteWarning(test.name, "the replay does not fit the program any more: " + *result.divergence);
  const std::string report = ReplayReport(result, recorded, repair) + shrunk;
  if (repair && repair->replay) result = *std::move(repair->replay);
  ReportReplay(test, body, result, report, options);
}

// Runs the stored schedules that name the test. False if one of them fails, which then fails the test.
bool ReplayCorpus(const Body& body, const TestPlace& test, const Settings& settings, ExploreOptions options) {
  if (settings.corpus.empty() || settings.shard.index > 0) return true;
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
    if (result.divergence) WriteWarning(test.name, "stale in the corpus: " + Name(entry) + ": " + *result.divergence);
    if (!result.failure) continue;
    ReportReplay(test, body, result, ReplayReport(result, entry.schedule) + "stored in: " + entry.file + "\n", options);
    return false;
  }
  return true;
}

// Runs the fuzzer's inputs. False if one of them fails, which then fails the test.
bool ReplayInputs(const Body& body, const TestPlace& test, const Settings& settings, ExploreOptions options) {
  if (settings.inputs.empty() || settings.shard.index > 0) return true;
  const absl::StatusOr<std::vector<std::string>> files = InputFiles(settings.inputs);
  if (!files.ok()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_INPUTS: " << MessageOf(files.status());
    return false;
  }
  for (const std::string& file : *files) {
    const absl::StatusOr<std::string> bytes = ReadFile(file);
    if (!bytes.ok()) {
      ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_INPUTS: " << MessageOf(bytes.status());
      return false;
    }
    ReplayResult result;
    {
      const DeathReport death_report(test.name, file);
      HeldExpectations expectations;
      options.expectations = &expectations;
      result = ReplayBytes(body, *bytes, options);
    }
    if (!result.failure || result.failure->identity.kind == kSkipped) continue;
    ReportReplay(test, body, result, ReplayReport(result, Schedule()) + "stored in: " + file + "\n", options);
    return false;
  }
  return true;
}

// With --gtest_break_on_failure: runs the shrunk schedule once more and lets it break, where the task that fails still
// stands. What is explored before does not.
void BreakIn(const Body& body, const FoundFailure& found, const std::string& report, ExploreOptions options) {
  std::printf("%s", report.c_str());
  std::fflush(stdout);
  HeldExpectations expectations(HeldExpectations::Breaks::kIfAsked);
  options.expectations = &expectations;
  ReplaySchedule(body, found.schedule, options);
}

// Runs the test's executions once more and tells of places where its tasks rely on values across checkpoints.
void TellSuspects(const Body& body, const TestPlace& test, ExploreOptions options) {
  std::vector<AtomicitySuspect> suspects;
  {
    HeldExpectations expectations;
    options.expectations = &expectations;
    suspects = FindAtomicitySuspects(body, options);
  }
  std::string text = "hocket: " + test.name + ": " + Count(suspects.size(), "atomicity suspect") + "\n";
  for (const AtomicitySuspect& suspect : suspects) text += suspect.ToString();
  std::printf("%s", text.c_str());
  if (const std::string path = OutputPath(test.name, ".suspects.txt"); !path.empty()) std::ofstream(path) << text;
}

}  // namespace

void RunTest(const Body& body, const TestOptions& given, const char* file, int line) {
  const TestPlace test = CurrentTest(file, line);
  const std::optional<Settings> settings = SettingsFor(test, given);
  if (!settings) return;
  ExploreOptions options = OptionsFor(test.name, *settings, given);
  if (IsFuzzed(test.name)) return RunFuzzer(body, options, KnownFailures(*settings, test.name));
  if (settings->replay) return ReplayTest(body, test, *settings, options);
  if (!ReplayCorpus(body, test, *settings, options)) return;
  if (!ReplayInputs(body, test, *settings, options)) return;

  Exploration exploration;
  {
    DeathReport death_report(test.name, *settings);
    HangWatch hang_watch(HangWatchOptionsFor(test, *settings, [](std::uint64_t) { return DeathReport::Command(); }));
    const MemoryWatch memory_watch(settings->memory_limit);
    options.before_execution = [&](std::uint64_t index, const Strategy&) {
      death_report.SetExecution(index);
      hang_watch.SetExecution(index);
    };
    const std::unique_ptr<Progress> progress = settings->quiet ? nullptr : MakeProgress(options);
    options.progress = progress.get();
    HeldExpectations expectations;
    options.expectations = &expectations;
    exploration = Explore(body, options);
  }
  options.before_execution = nullptr;
  options.progress = nullptr;
  RecordExploration(exploration, test, *settings);
  if (exploration.nondeterminism) {
    ReportNondeterminism(test, *exploration.nondeterminism);
  } else if (exploration.failure && exploration.failure->failure.identity.kind == kCrash &&
             !exploration.failure->schedule.trace) {
    ReportCrash(test, *exploration.failure, *settings);
  } else if (exploration.failure) {
    const FoundFailure& found = *exploration.failure;
    const std::string report = FailureReport(found, exploration, options) + LeavePage(body, found, options);
    const bool breaks = GTEST_FLAG_GET(break_on_failure) && found.failure.identity.kind != kSkipped;
    if (breaks) BreakIn(body, found, report, options);
    ReportFailure(test, found, report);
  }
  if (settings->suspects) TellSuspects(body, test, options);
}

}  // namespace hocket::testing
