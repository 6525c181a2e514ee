#include "harness/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include "absl/time/time.h"
#include "harness/decisions.h"
#include "harness/input_files.h"
#include "harness/number.h"
#include "harness/sharding.h"
#include "hocket/check.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

namespace {

constexpr std::array kVariables = {
    "HOCKET_REPLAY",      "HOCKET_SEED",     "HOCKET_EXECUTIONS",   "HOCKET_FIRST_EXECUTION", "HOCKET_STEPS",
    "HOCKET_STRATEGY",    "HOCKET_JOBS",     "HOCKET_TIME",         "HOCKET_QUIET",           "HOCKET_CORPUS",
    "HOCKET_WRITE_BYTES", "HOCKET_FUZZ",     "HOCKET_STEP_TIMEOUT", "HOCKET_ISOLATE",         "HOCKET_MEMORY_LIMIT",
    "HOCKET_STATS",       "HOCKET_BREAK_AT", "HOCKET_SUSPECTS",     "HOCKET_SHRINK",          "HOCKET_KNOWN",
    "HOCKET_INPUTS"};

constexpr std::uint64_t kMaxJobs = 1024;
constexpr std::uint64_t kMaxMebibytes = std::uint64_t{1} << 30;
constexpr std::chrono::milliseconds kMinTime{1};

// How much of the time that Bazel gives a test is explored for. The rest is for shrinking and for what ends slowly.
constexpr double kShareOfTimeout = 0.8;

// About when the process began.
const std::chrono::steady_clock::time_point process_begin = std::chrono::steady_clock::now();

std::string KnownVariables() {
  std::string text;
  for (const char* name : kVariables) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

bool IsKnown(const std::string& name) {
  return std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end();
}

absl::Status CheckNames() {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('='));
    // .bazelrc says with HOCKET_CONFIG_* which configuration a binary was built in.
    if (name.rfind("HOCKET_", 0) != 0 || name.rfind("HOCKET_CONFIG_", 0) == 0 || IsKnown(name)) continue;
    return absl::InvalidArgumentError("environment: expected one of " + KnownVariables() + ", found " + name);
  }
  return absl::OkStatus();
}

absl::Status AddContext(const std::string& context, const absl::Status& status) {
  return absl::Status(status.code(), context + ": " + MessageOf(status));
}

// Another one for each process.
std::uint64_t FreshSeed() {
  static const std::uint64_t seed = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }();
  return seed;
}

absl::Status ReadSeed(std::uint64_t& seed) {
  const char* text = std::getenv("HOCKET_SEED");
  if (text != nullptr && std::string(text) == "fresh") {
    seed = FreshSeed();
    return absl::OkStatus();
  }
  if (absl::Status status = ReadNumber("TEST_RANDOM_SEED", 0, seed); !status.ok()) return status;
  return ReadNumber("HOCKET_SEED", 0, seed);
}

absl::Status ReadStrategy(std::string& strategy) {
  const char* text = std::getenv("HOCKET_STRATEGY");
  if (text == nullptr) return absl::OkStatus();
  strategy = text;
  const absl::Status status = ParseStrategy(strategy, {}).status();
  return status.ok() ? status : AddContext("HOCKET_STRATEGY", status);
}

// More than nothing, and no more than a steady clock can count from now.
absl::Status ReadTime(std::chrono::nanoseconds& budget) {
  const char* text = std::getenv("HOCKET_TIME");
  if (text == nullptr) return absl::OkStatus();
  absl::Duration duration;
  const bool is_duration = absl::ParseDuration(std::string(text), &duration);
  if (!is_duration || duration < absl::Milliseconds(1) || duration > absl::Hours(24 * 365)) {
    return absl::InvalidArgumentError(
        std::string(
            "HOCKET_TIME, character 1: expected a time with its unit, from 1ms to 8760h (10s, 1m30s), found '") +
        text + "'");
  }
  budget = absl::ToChronoNanoseconds(duration);
  return absl::OkStatus();
}

absl::Status ReadTimeout(std::chrono::steady_clock::time_point& deadline) {
  std::uint64_t seconds = 0;
  if (absl::Status status = ReadNumber("TEST_TIMEOUT", 0, seconds, 1'000'000'000); !status.ok()) return status;
  // Bazel gives 0 for no limit at all.
  if (seconds == 0) return absl::OkStatus();
  const std::chrono::duration<double> share(kShareOfTimeout * static_cast<double>(seconds));
  deadline = process_begin + std::chrono::duration_cast<std::chrono::nanoseconds>(share);
  return absl::OkStatus();
}

absl::Status ReadSwitch(const char* name, bool& is_on) {
  std::uint64_t number = is_on ? 1 : 0;
  absl::Status status = ReadNumber(name, 0, number, 1);
  is_on = number == 1;
  return status;
}

// Switches may stand alone as flags.
bool IsSwitch(const std::string& name) {
  return name == "HOCKET_QUIET" || name == "HOCKET_ISOLATE" || name == "HOCKET_SHRINK";
}

absl::Status BadOption(const std::string& what) {
  return absl::InvalidArgumentError("the options of the test: " + what);
}

absl::Status TakeOptions(const TestOptions& options, Settings& settings) {
  settings.executions = options.executions.value_or(settings.executions);
  settings.steps = options.steps.value_or(settings.steps);
  settings.seed = options.seed.value_or(settings.seed);
  settings.jobs = options.jobs.value_or(settings.jobs);
  settings.isolate = options.isolate.value_or(settings.isolate);
  settings.time_budget = options.time.value_or(settings.time_budget);
  settings.strategy = options.strategy.value_or(settings.strategy);
  if (settings.executions == 0) return BadOption("executions: expected at least 1");
  if (settings.steps == 0) return BadOption("steps: expected at least 1");
  if (settings.jobs == 0 || settings.jobs > kMaxJobs)
    return BadOption("jobs: expected a number from 1 to " + std::to_string(kMaxJobs));
  if (options.time && *options.time < kMinTime) return BadOption("time: expected at least 1 ms");
  if (settings.strategy.empty()) return absl::OkStatus();
  const absl::Status status = ParseStrategy(settings.strategy, {}).status();
  return status.ok() ? status : BadOption("strategy: " + MessageOf(status));
}

// A schedule that can be replayed.
absl::StatusOr<Schedule> WithGoodDecisions(absl::StatusOr<Schedule> schedule) {
  if (!schedule.ok()) return schedule;
  std::vector<std::string> input = schedule->input;
  const absl::Status status = TakeDecisions(input).status();
  return status.ok() ? schedule : status;
}

absl::StatusOr<ReplaySource> ReadReplay(const std::string& text) {
  ReplaySource source;
  if (LooksLikeToken(text)) {
    absl::StatusOr<Schedule> schedule = WithGoodDecisions(ParseToken(text));
    if (!schedule.ok()) return AddContext("HOCKET_REPLAY", schedule.status());
    source.schedule = *std::move(schedule);
    return source;
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(text, error)) {
    return absl::InvalidArgumentError(
        "HOCKET_REPLAY, character 1: expected a token (h1:...) or the path of a file, found '" + text +
        "', which is neither");
  }
  absl::StatusOr<std::string> content = ReadFile(text);
  if (!content.ok()) return AddContext("HOCKET_REPLAY", content.status());
  if (IsScheduleFile(text, *content)) {
    absl::StatusOr<Schedule> schedule = WithGoodDecisions(ParseScheduleFile(*content));
    if (!schedule.ok()) return AddContext("HOCKET_REPLAY: " + text, schedule.status());
    source.schedule = *std::move(schedule);
  } else {
    source.bytes = *std::move(content);
  }
  return source;
}

}  // namespace

absl::StatusOr<Settings> ReadSettings(const TestOptions& options) {
  if (absl::Status status = CheckNames(); !status.ok()) return status;
  if (!ThisShard().ok()) return ThisShard().status();
  Settings settings;
  settings.shard = *ThisShard();
  if (absl::Status status = TakeOptions(options, settings); !status.ok()) return status;
  if (absl::Status status = ReadSeed(settings.seed); !status.ok()) return status;
  if (absl::Status status = ReadNumber("HOCKET_EXECUTIONS", 1, settings.executions); !status.ok()) return status;
  if (absl::Status status = ReadNumber("HOCKET_FIRST_EXECUTION", 0, settings.first_execution); !status.ok())
    return status;
  if (absl::Status status = ReadNumber("HOCKET_STEPS", 1, settings.steps); !status.ok()) return status;
  if (absl::Status status = ReadNumber("HOCKET_STEP_TIMEOUT", 0, settings.step_timeout); !status.ok()) return status;
  settings.dies_of_hangs = std::getenv("HOCKET_STEP_TIMEOUT") != nullptr;
  if (absl::Status status = ReadNumber("HOCKET_MEMORY_LIMIT", 1, settings.memory_limit, kMaxMebibytes); !status.ok())
    return status;
  if (absl::Status status = ReadStrategy(settings.strategy); !status.ok()) return status;
  std::uint64_t jobs = settings.jobs;
  if (absl::Status status = ReadNumber("HOCKET_JOBS", 1, jobs, kMaxJobs); !status.ok()) return status;
  settings.jobs = static_cast<unsigned>(jobs);
  if (absl::Status status = ReadSwitch("HOCKET_ISOLATE", settings.isolate); !status.ok()) return status;
  if (absl::Status status = ReadTime(settings.time_budget); !status.ok()) return status;
  // Whoever sets a time by hand means it; a test that has one does not know Bazel's.
  if (std::getenv("HOCKET_TIME") == nullptr) {
    if (absl::Status status = ReadTimeout(settings.deadline); !status.ok()) return status;
  }
  if (absl::Status status = ReadSwitch("HOCKET_QUIET", settings.quiet); !status.ok()) return status;
  if (const char* corpus = std::getenv("HOCKET_CORPUS")) settings.corpus = corpus;
  if (const char* inputs = std::getenv("HOCKET_INPUTS")) settings.inputs = inputs;
  if (const char* known = std::getenv("HOCKET_KNOWN")) settings.known = known;
  if (const char* file = std::getenv("HOCKET_WRITE_BYTES")) settings.write_bytes = file;
  if (absl::Status status = ReadSwitch("HOCKET_SUSPECTS", settings.suspects); !status.ok()) return status;
  if (absl::Status status = ReadSwitch("HOCKET_SHRINK", settings.shrink); !status.ok()) return status;
  if (const char* file = std::getenv("HOCKET_STATS")) settings.stats = file;
  if (absl::Status status = ReadNumber("HOCKET_BREAK_AT", 1, settings.break_at); !status.ok()) return status;
  if (const char* replay = std::getenv("HOCKET_REPLAY")) {
    absl::StatusOr<ReplaySource> source = ReadReplay(replay);
    if (!source.ok()) return source.status();
    settings.replay = *std::move(source);
  }
  if (!settings.corpus.empty()) {
    // Every file must be readable, whichever tests are selected.
    if (absl::Status status = ReadCorpus(settings.corpus).status(); !status.ok())
      return AddContext("HOCKET_CORPUS", status);
  }
  if (!settings.known.empty()) {
    if (absl::Status status = ReadCorpus(settings.known).status(); !status.ok())
      return AddContext("HOCKET_KNOWN", status);
  }
  if (!settings.inputs.empty()) {
    if (absl::Status status = InputFiles(settings.inputs).status(); !status.ok())
      return AddContext("HOCKET_INPUTS", status);
  }
  if (!settings.write_bytes.empty() && !settings.replay) {
    return absl::InvalidArgumentError("HOCKET_WRITE_BYTES: expected HOCKET_REPLAY as well, which says what to write");
  }
  if (settings.shrink && !settings.replay) {
    return absl::InvalidArgumentError("HOCKET_SHRINK: expected HOCKET_REPLAY as well, which says what to shrink");
  }
  if (settings.break_at > 0 && !settings.replay) {
    return absl::InvalidArgumentError("HOCKET_BREAK_AT: expected HOCKET_REPLAY as well, which says in what to stop");
  }
  return settings;
}

absl::StatusOr<bool> ConsumeFlag(const std::string& argument) {
  if (argument.rfind("--hocket_", 0) != 0) return false;
  const std::size_t equals = argument.find('=');
  std::string name = argument.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!IsKnown(name)) {
    return absl::InvalidArgumentError("flag " + argument + ", character 3: expected one of the flags named after " +
                                      KnownVariables() + " (--hocket_seed=2)");
  }
  if (equals == std::string::npos && IsSwitch(name)) {
    setenv(name.c_str(), "1", /*overwrite=*/1);
    return true;
  }
  if (equals == std::string::npos) {
    return absl::InvalidArgumentError("flag " + argument + ", character " + std::to_string(argument.size() + 1) +
                                      ": expected '=' and a value");
  }
  setenv(name.c_str(), argument.substr(equals + 1).c_str(), /*overwrite=*/1);
  return true;
}

bool LooksLikeToken(const std::string& text) {
  const std::string head = text.substr(0, text.find(':'));
  return head.size() > 1 && head[0] == 'h' &&
         std::all_of(head.begin() + 1, head.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool IsScheduleFile(const std::string& path, const std::string& content) {
  if (std::filesystem::path(path).extension() == ".schedule") return true;
  std::size_t line = 0;
  while (line < content.size() && (content[line] == '#' || content[line] == '\n')) {
    line = content.find('\n', line);
    if (line == std::string::npos) return false;
    ++line;
  }
  return content.compare(line, 15, "hocket-schedule") == 0;
}

absl::StatusOr<std::vector<CorpusEntry>> ReadCorpus(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".schedule") files.push_back(entry.path().string());
  }
  if (error) return absl::NotFoundError("folder '" + folder + "': " + error.message());
  std::sort(files.begin(), files.end());
  std::vector<CorpusEntry> entries;
  for (const std::string& file : files) {
    absl::StatusOr<std::string> text = ReadFile(file);
    if (!text.ok()) return text.status();
    absl::StatusOr<Schedule> schedule = WithGoodDecisions(ParseScheduleFile(*text));
    if (!schedule.ok()) return AddContext(file, schedule.status());
    entries.push_back({file, *std::move(schedule)});
  }
  return entries;
}

absl::StatusOr<std::vector<CorpusEntry>> ReadCorpus(const std::string& folder, const std::string& test) {
  absl::StatusOr<std::vector<CorpusEntry>> entries = ReadCorpus(folder);
  if (entries.ok()) std::erase_if(*entries, [&](const CorpusEntry& entry) { return entry.schedule.test != test; });
  return entries;
}

std::vector<FailureIdentity> KnownFailures(const Settings& settings, const std::string& test) {
  std::vector<FailureIdentity> failures;
  if (settings.known.empty()) return failures;
  const absl::StatusOr<std::vector<CorpusEntry>> entries = ReadCorpus(settings.known, test);
  HOCKET_CHECK(entries.ok()) << "the folder was read with the other settings: " << MessageOf(entries.status());
  for (const CorpusEntry& entry : *entries) {
    if (entry.schedule.failure) failures.push_back(*entry.schedule.failure);
  }
  return failures;
}

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content;
  std::array<char, 4096> part;
  while (in.read(part.data(), part.size()) || in.gcount() > 0)
    content.append(part.data(), static_cast<std::size_t>(in.gcount()));
  // A folder can be opened, but not read.
  if (!in.is_open() || in.bad()) return absl::NotFoundError("file '" + path + "' cannot be read");
  return content;
}

}  // namespace hocket::testing
