// Properties: search over inputs and schedules, then shrink the input with the schedule that broke it, then the
// schedule.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harness/death_report.h"
#include "harness/decisions.h"
#include "harness/expectations.h"
#include "harness/random.h"
#include "harness/rapidcheck_params.h"
#include "harness/report/counts.h"
#include "harness/report/failure_report.h"
#include "harness/settings.h"
#include "harness/strategy/replay.h"
#include "harness/test_run.h"
#include "hocket/testing/property_input.h"

namespace hocket::testing {

namespace {

constexpr const char* kEngine = "rc";
constexpr std::uint64_t kSchedulesPerInput = 10;
// Of so many inputs the schedules of one are looked at twice.
constexpr std::uint64_t kCheckedInputs = 16;
constexpr std::chrono::milliseconds kMillisecond{1};
// To shrink the input: how many smaller inputs are looked at, and how many schedules each gets if the known one does
// not break it.
constexpr std::uint64_t kShrinkInputs = 1000;
constexpr std::uint64_t kShrinkSchedules = 20;

// An input with its name.
struct NamedInput {
  std::uint64_t seed = 0;
  int size = 0;
  std::vector<std::size_t> path;  // the steps that shrank it
  std::unique_ptr<PropertyInput> value;
};

// The words of an input in a schedule: "rc 12345 20 0.3.1", with "-" for an input that was not shrunk.
std::vector<std::string> WordsOf(const NamedInput& input) {
  std::string path;
  for (const std::size_t step : input.path) path += (path.empty() ? "" : ".") + std::to_string(step);
  return {kEngine, std::to_string(input.seed), std::to_string(input.size), path.empty() ? "-" : path};
}

// Reads a decimal number from `text` at `place`, and moves on. None if there is none, or one that is too large.
std::optional<std::uint64_t> TakeNumber(const std::string& text, std::size_t& place) {
  std::uint64_t number = 0;
  const std::size_t begin = place;
  for (; place < text.size() && text[place] >= '0' && text[place] <= '9'; ++place) {
    const auto digit = static_cast<std::uint64_t>(text[place] - '0');
    if (number > (~std::uint64_t{0} - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return place == begin ? std::nullopt : std::optional(number);
}

absl::Status BadWord(std::size_t word, std::size_t place, const std::string& expected,
                     const std::vector<std::string>& words) {
  const std::string found = word < words.size() ? "'" + words[word] + "'" : "nothing";
  return absl::InvalidArgumentError("input, word " + std::to_string(word + 1) + ", character " +
                                    std::to_string(place + 1) + ": expected " + expected + ", found " + found);
}

std::unique_ptr<PropertyInput> SmallerOrNone(const PropertyInput& input, std::size_t index) {
  try {
    return input.Smaller(index);
  } catch (const NoInput&) {
    return nullptr;
  }
}

absl::StatusOr<NamedInput> ReadInput(const std::vector<std::string>& words, const GenerateInput& generate) {
  if (words.empty() || words[0] != kEngine) return BadWord(0, 0, "'rc'", words);
  if (words.size() != 4) return BadWord(words.size() < 4 ? words.size() : 4, 0, "rc, a seed, a size and a path", words);
  NamedInput input;
  for (std::size_t word = 1; word <= 2; ++word) {
    std::size_t place = 0;
    const std::optional<std::uint64_t> number = TakeNumber(words[word], place);
    if (!number || place != words[word].size() || (word == 2 && *number > std::numeric_limits<int>::max())) {
      return BadWord(word, place, word == 1 ? "a seed" : "a size", words);
    }
    if (word == 1) {
      input.seed = *number;
    } else {
      input.size = static_cast<int>(*number);
    }
  }
  try {
    input.value = generate(input.seed, input.size);
  } catch (const NoInput& reason) {
    return absl::InvalidArgumentError("input: it can no longer be made: " + std::string(reason.what()));
  }
  if (words[3] == "-") return input;
  for (std::size_t place = 0;; ++place) {
    const std::optional<std::uint64_t> step = TakeNumber(words[3], place);
    if (!step || (place < words[3].size() && words[3][place] != '.'))
      return BadWord(3, place, "numbers with dots between them", words);
    std::unique_ptr<PropertyInput> smaller = SmallerOrNone(*input.value, *step);
    if (smaller == nullptr) {
      return BadWord(3, place,
                     "a smaller input: the property's inputs are generated in another way than when the token was made",
                     words);
    }
    input.value = std::move(smaller);
    input.path.push_back(*step);
    if (place == words[3].size()) return input;
  }
}

// Explores one input. `begin`, `count`: which executions.
Exploration ExploreInput(const NamedInput& input, ExploreOptions options, std::uint64_t begin, std::uint64_t count) {
  HeldExpectations expectations;
  options.expectations = &expectations;
  options.first_execution = begin;
  options.executions = count;
  return Explore(input.value->MakeBody(), options);
}

// Whether `input` fails as `found` did: under its schedule, or under one of a few others.
std::optional<FoundFailure> FailsToo(const NamedInput& input, const FoundFailure& found,
                                     const ExploreOptions& options) {
  ExploreOptions same = options;
  same.strategy = [&found](std::uint64_t) { return std::make_unique<Replay>(found.schedule); };
  Exploration exploration = ExploreInput(input, same, 0, 1);
  if (!exploration.failure) exploration = ExploreInput(input, options, 0, kShrinkSchedules);
  if (!exploration.failure || !(exploration.failure->failure.identity == found.failure.identity)) return std::nullopt;
  return std::move(exploration.failure);
}

// Takes the first smaller input that fails too, again and again.
void ShrinkInput(NamedInput& input, FoundFailure& found, const ExploreOptions& options, bool is_verbose,
                 DeathReport& death_report) {
  std::uint64_t tried = 0;
  for (std::size_t i = 0; tried < kShrinkInputs; ++i, ++tried) {
    NamedInput smaller{input.seed, input.size, input.path, nullptr};
    try {
      smaller.value = input.value->Smaller(i);
    } catch (const NoInput&) {
      continue;
    }
    if (smaller.value == nullptr) break;
    smaller.path.push_back(i);
    death_report.SetInput(WordsOf(smaller));
    std::optional<FoundFailure> failure = FailsToo(smaller, found, options);
    if (is_verbose) std::fputc(failure ? '!' : '.', stderr);
    if (!failure) continue;
    failure->execution = found.execution;
    failure->strategy = found.strategy;
    failure->deviations_found = found.deviations_found;
    failure->shrink_executions += found.shrink_executions;
    found = *std::move(failure);
    input = std::move(smaller);
    i = static_cast<std::size_t>(-1);
  }
  if (is_verbose) std::fputc('\n', stderr);
}

// `log` is what the execution has logged.
std::string WithInput(const NamedInput& input, const std::string& report, const std::string& log = {}) {
  const std::string logged = log.empty() ? "" : "log:\n" + log + (log.back() == '\n' ? "" : "\n");
  return "input: " + input.value->ToString() + "\n" + logged + report;
}

void ReplayProperty(const GenerateInput& generate, const PropertyRecord& record, const TestPlace& test,
                    const Settings& settings, ExploreOptions options) {
  if (!settings.replay->schedule) {
    ADD_FAILURE_AT(test.file, test.line)
        << "hocket: HOCKET_REPLAY: a property needs a token or a schedule file, which hold its input; bytes do not";
    return;
  }
  const Schedule& recorded = *settings.replay->schedule;
  if (!recorded.test.empty() && recorded.test != test.name) {
    GTEST_SKIP() << "HOCKET_REPLAY is for " << recorded.test;
  }
  std::vector<std::string> words = recorded.input;
  static_cast<void>(TakeDecisions(words));  // they have been checked with the other settings
  const absl::StatusOr<NamedInput> input = ReadInput(words, generate);
  if (!input.ok()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: HOCKET_REPLAY: " << MessageOf(input.status());
    return;
  }
  ReplayResult result;
  std::optional<RepairResult> repair;
  std::string shrunk;
  {
    const DeathReport death_report(test.name, recorded);
    HeldExpectations expectations(HeldExpectations::Breaks::kIfAsked);
    options.expectations = &expectations;
    const Body body = input->value->MakeBody();
    result = ReplaySchedule(body, recorded, options);
    if (NeedsRepair(result, recorded)) repair = RepairSchedule(body, recorded, options);
    if (settings.shrink) shrunk = ShrinkReplay(body, result, options);
  }
  result.schedule.input = words;
  if (repair && repair->replay) repair->replay->schedule.input = words;
  const std::string report = WithInput(*input, ReplayReport(result, recorded, repair) + shrunk, record.log());
  if (repair && repair->replay) result = *std::move(repair->replay);
  ReportReplay(test, input->value->MakeBody(), result, report, options);
}

// How many inputs are explored, and how many executions of them.
struct InputBudget {
  std::uint64_t inputs = 0;
  std::uint64_t executions = 0;
};

InputBudget BudgetOf(const Settings& settings, const RapidCheckParams& params) {
  InputBudget budget;
  budget.executions = settings.executions;
  budget.inputs = params.max_success.value_or((settings.executions - 1) / kSchedulesPerInput + 1);
  const std::uint64_t most = budget.inputs <= std::numeric_limits<std::uint32_t>::max()
                                 ? budget.inputs * kSchedulesPerInput
                                 : settings.executions;
  // Whoever says how many inputs, and not how many executions, means all of them.
  if (params.max_success && std::getenv("HOCKET_EXECUTIONS") == nullptr) budget.executions = most;
  budget.executions = std::min(budget.executions, most);
  return budget;
}

// What the failing execution has logged: it runs once more, because others have run since.
std::string LogOf(const NamedInput& input, const FoundFailure& found, ExploreOptions options,
                  const PropertyRecord& record) {
  HeldExpectations expectations;
  options.expectations = &expectations;
  ReplaySchedule(input.value->MakeBody(), found.schedule, options);
  return record.log();
}

// RapidCheck's words.
std::string GaveUp(std::uint64_t kept, std::uint64_t discarded, const std::string& why) {
  return "Gave up after " + Count(kept, "test") + ": " + Count(discarded, "input") +
         " were discarded, and max_discard_ratio allows no more. The last one because of:\n" + why;
}

}  // namespace

void RunPropertyTest(const GenerateInput& generate, PropertyRecord& record, const char* file, int line) {
  const TestPlace test = CurrentTest(file, line);
  const std::optional<Settings> settings = SettingsFor(test);
  if (!settings) return;
  const absl::StatusOr<RapidCheckParams> params = ReadRapidCheckParams();
  if (!params.ok()) {
    ADD_FAILURE_AT(test.file, test.line) << "hocket: " << MessageOf(params.status());
    return;
  }
  ExploreOptions options = OptionsFor(test.name, *settings);
  options.shards = 1;  // whole inputs are divided
  options.shard = 0;
  if (settings->replay) return ReplayProperty(generate, record, test, *settings, options);

  DeathReport death_report(test.name, *settings);
  // Too few schedules of each input to be worth a process, and too many inputs to check more than a few.
  options.jobs = 1;
  if (options.time_budget.count() > 0) options.deadline = std::chrono::steady_clock::now() + options.time_budget;
  const Ended ended_by_time = options.time_budget.count() > 0 ? Ended::kTime : Ended::kDeadline;
  options.time_budget = {};
  const InputBudget budget = BudgetOf(*settings, *params);
  Exploration all;
  all.budget = budget.executions;
  std::uint64_t kept = 0;
  std::uint64_t discarded = 0;
  std::uint64_t end = settings->first_execution + budget.executions;
  for (std::uint64_t begin = settings->first_execution; begin < end;) {
    // Execution i is the (i mod 10)-th schedule of input i / 10, wherever the exploration began. Strategies see the
    // schedules of one input, and what they learn is of that input.
    const std::uint64_t number = begin / kSchedulesPerInput;
    const std::uint64_t first = number * kSchedulesPerInput;
    const std::uint64_t count = std::min(first + kSchedulesPerInput, end) - begin;
    if (number % settings->shard.total != settings->shard.index) {
      begin += count;
      continue;
    }
    options.seed = MixSeed(settings->seed, number);
    options.check_determinism = number % kCheckedInputs == 0;
    options.before_execution = [&death_report, &record, first](std::uint64_t index, const Strategy&) {
      death_report.SetExecution(first + index);
      record.Expect();
    };
    NamedInput input{MixSeed(params->seed.value_or(settings->seed), number),
                     static_cast<int>(number % (params->max_size + 1)),
                     {},
                     nullptr};
    Exploration exploration;
    std::string no_input;
    record.BeginInput();
    try {
      input.value = generate(input.seed, input.size);
      death_report.SetInput(WordsOf(input));
      exploration = ExploreInput(input, options, begin - first, count);
    } catch (const NoInput& reason) {
      no_input = reason.what();
    }
    const bool is_discarded = record.EndInput();
    all.executions += exploration.executions;
    all.cut += exploration.cut;
    all.steps += exploration.steps;
    all.distinct += exploration.distinct;
    begin += count;
    if (params->verbose_progress) std::fputc(exploration.failure ? '?' : is_discarded ? 'x' : '.', stderr);
    if (exploration.nondeterminism) {
      ReportNondeterminism(test, WithInput(input, *exploration.nondeterminism));
      return;
    }
    if (exploration.failure) {
      FoundFailure& found = *exploration.failure;
      found.execution += first;
      options.seed = settings->seed;
      options.before_execution = nullptr;
      if (!params->noshrink) ShrinkInput(input, found, options, params->verbose_shrinking, death_report);
      found.schedule.input = WordsOf(input);
      all.ended = Ended::kFailure;
      RecordExploration(all, test, *settings);
      const std::string log = LogOf(input, found, options, record);
      ReportFailure(test, found,
                    WithInput(input, FailureReport(found, all, options), log) +
                        LeavePage(input.value->MakeBody(), found, options));
      return;
    }
    if (is_discarded) {
      ++discarded;
      // More than max_discard_ratio for each that is wanted, in numbers that may be large.
      if (params->max_discard_ratio == 0 || (discarded - 1) / params->max_discard_ratio >= budget.inputs) {
        ADD_FAILURE_AT(test.file, test.line)
            << "hocket: " << GaveUp(kept, discarded, no_input.empty() ? record.discarded_because() : no_input);
        return;
      }
      end += count * settings->shard.total;  // another one in its place
    } else {
      ++kept;
    }
    if (begin < end && (all.steps >= options.total_steps || std::chrono::steady_clock::now() >= options.deadline)) {
      const bool by_steps = all.steps >= options.total_steps;
      all.ended = by_steps ? Ended::kSteps : ended_by_time;
      all.budget = by_steps ? options.total_steps : static_cast<std::uint64_t>(settings->time_budget / kMillisecond);
      all.left = end - begin;
      break;
    }
  }
  if (params->verbose_progress) std::fputc('\n', stderr);
  RecordExploration(all, test, *settings);
  if (const std::string tags = record.Distribution(); !tags.empty() && !settings->quiet)
    std::printf("%s: OK, passed %s, of whose executions are\n%s", test.name.c_str(), Count(kept, "test").c_str(),
                tags.c_str());
}

}  // namespace hocket::testing
