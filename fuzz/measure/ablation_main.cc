// Measures what guides a fuzzer to a bug, and what it is worth: executions and processor time until the first failure.
//
//   bazel run --config=libfuzzer //fuzz/measure:ablation -- --program=nine --arm=portfolio,tail,engine,engine+counters
//
// An arm is who makes the schedules up: a strategy by its spelling; `tail`, random headers with nothing behind them;
// `engine`, the one that is linked in, with the coverage of the program's code; `engine+counters`, with
// InterleavingCoverage as well.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "fuzz/measure/engine_run.h"
#include "fuzz/measure/large_programs.h"
#include "harness/bytes.h"
#include "harness/execution.h"
#include "harness/interleaving_coverage.h"
#include "harness/random.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"
#include "tests/bugs/gallery.h"

ABSL_FLAG(std::string, program, "nine", "'nine', 'study', 'all', 'large', or names, separated by commas");
ABSL_FLAG(std::string, regime, "plain", "plain, padded or noisy");
ABSL_FLAG(std::string, arm, "portfolio,random,tail,engine,engine+counters", "who makes the schedules up");
ABSL_FLAG(std::uint64_t, seeds, 11, "runs of each arm, with seeds from 1 on");
ABSL_FLAG(std::uint64_t, budget, 20'000, "executions of each run, at most");
ABSL_FLAG(std::string, engine, "-len_control=0 -max_len=512", "flags of the engine");
ABSL_FLAG(bool, fixed, false, "the fixed twins, in which nothing should be found");

namespace hocket::bugs {
namespace {

using measure::EngineRun;

// By which the strategies of fuzzers have been compared before.
constexpr char kNine[] =
    "philo6,reorder10,account,stringbuffer,recv_lost,semaphore_leak,lock_wake_lost,group_first_only,pool_of_two";

absl::StatusOr<std::vector<Program>> ParsePrograms(const std::string& flag) {
  if (flag == "large") return LargePrograms();
  std::vector<Program> programs;
  if (flag == "all" || flag == "study") {
    for (const Program& program : Gallery()) {
      if (flag == "all" || program.study) programs.push_back(program);
    }
    return programs;
  }
  const std::vector<std::string> names = absl::StrSplit(flag == "nine" ? kNine : flag, ',');
  for (const std::string& name : names) {
    const std::size_t before = programs.size();
    if (const Program* program = FindProgram(name)) programs.push_back(*program);
    for (const Program& program : LargePrograms()) {
      if (program.name == name) programs.push_back(program);
    }
    if (programs.size() == before) {
      return absl::InvalidArgumentError(absl::StrCat("--program=", flag, ": there is no program '", name, "'"));
    }
  }
  return programs;
}

absl::StatusOr<Regime> ParseRegime(const std::string& flag) {
  for (const Regime regime : {Regime::kPlain, Regime::kPadded, Regime::kNoisy}) {
    if (flag == ToString(regime)) return regime;
  }
  return absl::InvalidArgumentError(absl::StrCat("--regime=", flag, ": plain, padded or noisy"));
}

absl::StatusOr<std::vector<std::string>> ParseArms(const std::string& flag) {
  std::vector<std::string> arms = absl::StrSplit(flag, ',');
  for (const std::string& arm : arms) {
    if (arm == "tail" || arm == "engine" || arm == "engine+counters") continue;
    const absl::StatusOr<std::unique_ptr<testing::Strategy>> strategy = testing::ParseStrategy(arm, {});
    if (!strategy.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--arm=", flag, ": ", strategy.status().message()));
    }
  }
  return arms;
}

// The executions of one run.
class Subject {
 public:
  Subject(const Program& program, Regime regime, std::uint64_t seed)
      : body_(BodyOf(program, absl::GetFlag(FLAGS_fixed), regime, seed)) {}

  bool Fails(Chooser& chooser) { return execution_.Run(chooser).failure.has_value(); }
  bool Fails(const std::uint8_t* data, std::size_t size) {
    bytes_.SetInput(data, size);
    return Fails(bytes_);
  }
  bool FailsWithCounters(const std::uint8_t* data, std::size_t size) {
    bytes_.SetInput(data, size);
    coverage_.Follow(bytes_);
    return Fails(coverage_);
  }

 private:
  testing::Body body_;
  testing::ExploreOptions options_;
  testing::Execution execution_{body_, options_};
  testing::BytesStrategy bytes_;
  testing::InterleavingCoverage coverage_;
};

EngineRun RunArm(const std::string& arm, const Program& program, Regime regime, std::uint64_t seed) {
  Subject subject(program, regime, seed);
  const std::uint64_t budget = absl::GetFlag(FLAGS_budget);
  if (arm == "engine" || arm == "engine+counters") {
    std::vector<std::string> arguments = absl::StrSplit(absl::GetFlag(FLAGS_engine), ' ', absl::SkipEmpty());
    arguments.push_back(absl::StrCat("-seed=", seed));
    const bool counters = arm == "engine+counters";
    const auto input = [&](const std::uint8_t* data, std::size_t size) {
      return counters ? subject.FailsWithCounters(data, size) : subject.Fails(data, size);
    };
    return measure::RunEngine(input, budget, arguments);
  }
  if (arm == "tail") {
    testing::Random random(testing::MixSeed(seed, 0));
    return measure::RunWithoutEngine(
        [&] {
          const std::uint64_t number = random.Next();
          std::uint8_t header[5];
          for (int i = 0; i < 5; ++i) header[i] = static_cast<std::uint8_t>(number >> (8 * i));
          return subject.Fails(header, sizeof header);
        },
        budget);
  }
  const std::unique_ptr<testing::Strategy> strategy = *testing::ParseStrategy(arm, {.seed = seed, .budget = budget});
  std::uint64_t index = 0;
  return measure::RunWithoutEngine(
      [&] {
        strategy->StartExecution(index++);
        const bool fails = subject.Fails(*strategy);
        strategy->EndExecution();
        return fails;
      },
      budget);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

// Over the programs.
struct Totals {
  std::uint64_t found = 0;
  double log_executions = 0;  // sum of the logarithms of the medians
  double log_milliseconds = 0;
};

constexpr char kName[] = "%-18s";
constexpr char kCell[] = "%24s";

std::string Cell(double executions, std::uint64_t found, std::uint64_t of, double milliseconds) {
  std::string cell = executions < 100 ? absl::StrFormat("%.3g", executions) : absl::StrFormat("%.0f", executions);
  if (found < of) absl::StrAppend(&cell, "(", found, ")");
  return absl::StrCat(cell, absl::StrFormat(" %.3g ms", milliseconds));
}

void PrintTable(const std::vector<Program>& programs, Regime regime, const std::vector<std::string>& arms) {
  const std::uint64_t seeds = absl::GetFlag(FLAGS_seeds);
  const std::uint64_t budget = absl::GetFlag(FLAGS_budget);
  absl::PrintF(
      "%s, %d seeds, budget %d: medians of the executions to the first failure (how many seeds found one, if not all) "
      "and of the processor time until then; the means are geometric\n",
      ToString(regime), seeds, budget);
  absl::PrintF(kName, "");
  for (const std::string& arm : arms) absl::PrintF(kCell, arm);
  absl::PrintF("\n");
  std::vector<Totals> totals(arms.size());
  for (const Program& program : programs) {
    absl::PrintF(kName, program.name);
    for (std::size_t column = 0; column < arms.size(); ++column) {
      std::vector<double> executions;
      std::vector<double> milliseconds;
      std::uint64_t found = 0;
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const EngineRun run = RunArm(arms[column], program, regime, seed);
        executions.push_back(static_cast<double>(run.failed ? run.executions : budget));
        milliseconds.push_back(run.seconds * 1e3);
        if (run.failed) ++found;
      }
      absl::PrintF(kCell, Cell(Median(executions), found, seeds, Median(milliseconds)));
      std::fflush(stdout);
      totals[column].found += found;
      totals[column].log_executions += std::log(Median(executions));
      totals[column].log_milliseconds += std::log(Median(milliseconds));
    }
    absl::PrintF("\n");
  }
  const auto count = static_cast<double>(programs.size());
  absl::PrintF(kName, "mean");
  for (const Totals& column : totals) {
    absl::PrintF(kCell, Cell(std::exp(column.log_executions / count), column.found, programs.size() * seeds,
                             std::exp(column.log_milliseconds / count)));
  }
  absl::PrintF("\n");
}

int Main() {
  const absl::StatusOr<std::vector<Program>> programs = ParsePrograms(absl::GetFlag(FLAGS_program));
  const absl::StatusOr<Regime> regime = ParseRegime(absl::GetFlag(FLAGS_regime));
  const absl::StatusOr<std::vector<std::string>> arms = ParseArms(absl::GetFlag(FLAGS_arm));
  for (const absl::Status& status : {programs.status(), regime.status(), arms.status()}) {
    if (status.ok()) continue;
    std::cerr << status.message() << "\n";
    return 2;
  }
  if (absl::GetFlag(FLAGS_seeds) == 0 || absl::GetFlag(FLAGS_budget) == 0) {
    std::cerr << "--seeds and --budget: at least 1\n";
    return 2;
  }
  PrintTable(*programs, *regime, *arms);
  return 0;
}

}  // namespace
}  // namespace hocket::bugs

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures what guides a fuzzer to a bug.");
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    std::cerr << rest[1] << ": everything is said by flags; see --help\n";
    return 2;
  }
  return hocket::bugs::Main();
}
