#include "hocket/testing/test.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/bytes.h"
#include "harness/expectations.h"
#include "harness/random.h"
#include "harness/registry.h"
#include "harness/report/failure_report.h"
#include "harness/report/replay_command.h"
#include "harness/settings.h"
#include "hocket/check.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

namespace {

std::string ToString(const absl::Status& status) { return std::string(status.message().data(), status.message().size()); }

// Stops the whole process before the first test if the settings are bad: nothing may run on a half-understood request.
class SettingsCheck final : public ::testing::Environment {
 public:
  void SetUp() override {
    const absl::StatusOr<Settings> settings = ReadSettings();
    if (!settings.ok()) {
      FAIL() << "hocket: " << ToString(settings.status());
    }
    if (settings->replay && settings->replay->schedule && !settings->replay->schedule->test.empty()) {
      const std::string& test = settings->replay->schedule->test;
      if (FindBody(test) == nullptr) {
        FAIL() << "hocket: HOCKET_REPLAY: the schedule is for " << test << ", which this binary does not have";
      }
    }
  }
};
[[maybe_unused]] ::testing::Environment* const settings_check = ::testing::AddGlobalTestEnvironment(new SettingsCheck);

std::map<std::string, TestBody>& Bodies() {
  static auto* bodies = new std::map<std::string, TestBody>;
  return *bodies;
}

std::string CurrentTest() {
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::string(info->test_suite_name()) + "." + info->name();
}

// What a process that dies in an execution prints. The report must run no code of the program and take no memory, so all of it but the number
// of the execution is made before.
struct DyingWords {
  std::string before;  // the number of the execution
  std::string after;
};
const DyingWords* dying_words = nullptr;
std::atomic<std::uint64_t> dying_execution{0};

void SayHowToDieAgain() noexcept {
  if (dying_words == nullptr) return;
  std::fprintf(stderr, "replay: %s%llu%s\n", dying_words->before.c_str(), static_cast<unsigned long long>(dying_execution.load()),
               dying_words->after.c_str());
}

class DeathReport {
 public:
  DeathReport(const std::string& test, std::uint64_t seed) {
    const std::string kNumber = "<n>";
    const std::string command =
        ReplayCommand(test, {{"HOCKET_SEED", std::to_string(seed)}, {"HOCKET_FIRST_EXECUTION", kNumber}, {"HOCKET_EXECUTIONS", "1"}});
    const std::size_t place = command.find(kNumber);
    words_ = {command.substr(0, place), command.substr(place + kNumber.size())};
    dying_words = &words_;
    previous_ = SetDeathNote(&SayHowToDieAgain);
  }
  ~DeathReport() {
    dying_words = nullptr;
    SetDeathNote(previous_);
  }

 private:
  DyingWords words_;
  DeathNote previous_;
};

// Leaves the schedule where Bazel keeps the outputs of tests.
void KeepSchedule(const Schedule& schedule) {
  const char* folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (folder == nullptr) return;
  std::string name = schedule.test;
  for (char& c : name) c = c == '/' ? '-' : c;
  std::ofstream(std::string(folder) + "/" + name + ".schedule") << FormatScheduleFile(schedule);
}

void Report(const ExecutionFailure& failure, const std::string& text, const char* file, int line) {
  const bool has_place = !failure.file.empty() && failure.line > 0;
  ADD_FAILURE_AT(has_place ? failure.file.c_str() : file, has_place ? failure.line : line) << text;
}

// Runs the schedule or the bytes of HOCKET_REPLAY.
void ReplayTest(TestBody body, const Settings& settings, const ExploreOptions& options, const char* file, int line) {
  const ReplaySource& source = *settings.replay;
  Schedule recorded;
  ReplayResult result;
  std::string bytes = source.bytes;
  if (source.schedule) {
    recorded = *source.schedule;
    if (!recorded.test.empty() && recorded.test != options.test) {
      GTEST_SKIP() << "HOCKET_REPLAY is for " << recorded.test;
    }
  }
  {
    HeldExpectations expectations;
    ExploreOptions held = options;
    held.expectations = &expectations;
    if (source.schedule) {
      result = ReplaySchedule(body, recorded, held);
    } else {
      result = ReplayBytes(body, bytes, held);
    }
    if (!settings.write_bytes.empty()) bytes = EncodeBytes(body, result.schedule, held);
  }
  if (!settings.write_bytes.empty()) {
    std::ofstream out(settings.write_bytes, std::ios::binary);
    out << bytes;
    if (!out.flush()) ADD_FAILURE_AT(file, line) << "hocket: HOCKET_WRITE_BYTES: '" << settings.write_bytes << "' cannot be written";
  }
  const std::string report = ReplayReport(result, recorded);
  if (result.failure) {
    KeepSchedule(result.schedule);
    Report(*result.failure, report, file, line);
  } else {
    std::printf("%s", report.c_str());
  }
}

}  // namespace

bool RegisterBody(const char* full_name, TestBody body) { return Bodies().emplace(full_name, body).second; }

TestBody FindBody(const std::string& full_name) {
  const auto found = Bodies().find(full_name);
  return found == Bodies().end() ? nullptr : found->second;
}

std::vector<std::string> BodyNames() {
  std::vector<std::string> names;
  for (const auto& [name, body] : Bodies()) names.push_back(name);
  return names;
}

void RunTest(TestBody body, const char* file, int line) {
  const absl::StatusOr<Settings> settings = ReadSettings();
  if (!settings.ok()) {
    ADD_FAILURE_AT(file, line) << "hocket: " << ToString(settings.status());
    return;
  }
  ExploreOptions options;
  options.test = CurrentTest();
  options.seed = settings->seed;
  options.executions = settings->executions;
  options.first_execution = settings->first_execution;
  options.steps_per_execution = settings->steps;
  if (settings->replay) {
    ReplayTest(body, *settings, options, file, line);
    return;
  }

  if (!settings->corpus.empty()) {
    const absl::StatusOr<std::vector<CorpusEntry>> corpus = ReadCorpus(settings->corpus, options.test);
    for (const CorpusEntry& entry : *corpus) {
      ReplayResult result;
      {
        HeldExpectations expectations;
        options.expectations = &expectations;
        result = ReplaySchedule(body, entry.schedule, options);
      }
      if (!result.failure) continue;
      Report(*result.failure, ReplayReport(result, entry.schedule) + "stored in: " + entry.file + "\n", file, line);
      return;
    }
  }

  const DeathReport death_report(options.test, options.seed);
  options.before_execution = [](std::uint64_t index, const Strategy&) { dying_execution.store(index, std::memory_order_relaxed); };
  Exploration exploration;
  {
    HeldExpectations expectations;
    options.expectations = &expectations;
    exploration = Explore(body, options);
  }
  ::testing::Test::RecordProperty("hocket_executions", std::to_string(exploration.executions));
  ::testing::Test::RecordProperty("hocket_distinct_schedules", std::to_string(exploration.distinct));
  ::testing::Test::RecordProperty("hocket_seed", std::to_string(options.seed));
  if (exploration.nondeterminism) {
    ADD_FAILURE_AT(file, line) << "hocket: the test depends on something else than its schedule, and cannot be replayed.\n"
                               << *exploration.nondeterminism << "\nLook for globals that executions change, addresses, clocks and threads.";
  } else if (exploration.failure) {
    KeepSchedule(exploration.failure->schedule);
    Report(exploration.failure->failure, FailureReport(*exploration.failure, exploration, options), file, line);
  }
}

}  // namespace hocket::testing
