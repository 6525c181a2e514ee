// Measures how soon strategies find the bugs of the gallery:
//
//   bazel run -c opt //tests/bugs:gallery -- --strategy=all --regime=plain --seeds=21 --budget=10000
//
// With --format=json one object a line, for each program, regime and strategy.
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "hocket/testing/strategy.h"
#include "tests/bugs/gallery.h"
#include "tests/bugs/measurement.h"

ABSL_FLAG(std::string, strategy, "all", "'all', or strategies, separated by commas");
ABSL_FLAG(std::string, program, "all", "'all', 'study' (those by which strategies are compared), or names");
ABSL_FLAG(std::string, regime, "plain", "'all', or some of plain, padded, noisy");
ABSL_FLAG(std::uint64_t, seeds, 21, "explorations of each program, with seeds from 1 on");
ABSL_FLAG(std::uint64_t, budget, 10'000, "executions of each exploration, at most");
ABSL_FLAG(std::string, memory, "unknown", "what strategies may know of plain memory: unknown, reported");
ABSL_FLAG(std::string, format, "table", "table or json");
ABSL_FLAG(bool, fixed, false, "the fixed twins, in which nothing should be found");

namespace hocket::bugs {
namespace {

using testing::PlainMemory;
using testing::Strategy;
using testing::StrategyOptions;

struct Job {
  std::vector<const Program*> programs;
  std::vector<Regime> regimes;
  std::vector<std::string> strategies;
  std::uint64_t seeds = 0;
  std::uint64_t budget = 0;
  PlainMemory memory = PlainMemory::kUnknown;
  bool json = false;
  bool fixed = false;
};

std::vector<std::string> Words(const std::string& flag) { return absl::StrSplit(flag, ',', absl::SkipEmpty()); }

absl::Status BadFlag(const std::string& flag, const std::string& value, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", value, ": ", what));
}

absl::StatusOr<std::vector<const Program*>> ParsePrograms(const std::string& flag) {
  std::vector<const Program*> programs;
  if (flag == "all" || flag == "study") {
    for (const Program& program : Gallery()) {
      if (flag == "all" || program.study) programs.push_back(&program);
    }
    return programs;
  }
  for (const std::string& name : Words(flag)) {
    const Program* program = FindProgram(name);
    if (program == nullptr) return BadFlag("program", flag, absl::StrCat("there is no program '", name, "'"));
    programs.push_back(program);
  }
  return programs;
}

absl::StatusOr<std::vector<Regime>> ParseRegimes(const std::string& flag) {
  const std::vector<Regime> all = {Regime::kPlain, Regime::kPadded, Regime::kNoisy};
  if (flag == "all") return all;
  std::vector<Regime> regimes;
  for (const std::string& name : Words(flag)) {
    const std::size_t before = regimes.size();
    for (const Regime regime : all) {
      if (name == ToString(regime)) regimes.push_back(regime);
    }
    if (regimes.size() == before) return BadFlag("regime", flag, absl::StrCat("there is no regime '", name, "'"));
  }
  return regimes;
}

absl::StatusOr<std::vector<std::string>> ParseStrategies(const std::string& flag) {
  if (flag == "all") return testing::StrategyNames();
  std::vector<std::string> strategies = Words(flag);
  for (const std::string& spelling : strategies) {
    const absl::StatusOr<std::unique_ptr<Strategy>> strategy = testing::ParseStrategy(spelling, {});
    if (!strategy.ok()) return BadFlag("strategy", flag, std::string(strategy.status().message()));
  }
  return strategies;
}

absl::StatusOr<Job> ParseJob() {
  Job job;
  absl::StatusOr<std::vector<const Program*>> programs = ParsePrograms(absl::GetFlag(FLAGS_program));
  if (!programs.ok()) return programs.status();
  absl::StatusOr<std::vector<Regime>> regimes = ParseRegimes(absl::GetFlag(FLAGS_regime));
  if (!regimes.ok()) return regimes.status();
  absl::StatusOr<std::vector<std::string>> strategies = ParseStrategies(absl::GetFlag(FLAGS_strategy));
  if (!strategies.ok()) return strategies.status();
  job.programs = *std::move(programs);
  job.regimes = *std::move(regimes);
  job.strategies = *std::move(strategies);
  job.seeds = absl::GetFlag(FLAGS_seeds);
  if (job.seeds == 0) return BadFlag("seeds", "0", "at least 1");
  job.budget = absl::GetFlag(FLAGS_budget);
  if (job.budget == 0) return BadFlag("budget", "0", "at least 1");
  const std::string memory = absl::GetFlag(FLAGS_memory);
  if (memory != "unknown" && memory != "reported") return BadFlag("memory", memory, "unknown or reported");
  if (memory == "reported") job.memory = PlainMemory::kReported;
  const std::string format = absl::GetFlag(FLAGS_format);
  if (format != "table" && format != "json") return BadFlag("format", format, "table or json");
  job.json = format == "json";
  job.fixed = absl::GetFlag(FLAGS_fixed);
  return job;
}

Measurement MeasureOne(const Job& job, const Program& program, Regime regime, const std::string& spelling) {
  return Measure(program,
                 [&](std::uint64_t seed) {
                   return *testing::ParseStrategy(spelling, {.seed = seed, .memory = job.memory, .budget = job.budget});
                 },
                 {.fixed = job.fixed, .regime = regime, .seeds = job.seeds, .budget = job.budget});
}

void PrintJson(const Job& job) {
  for (const Regime regime : job.regimes) {
    for (const Program* program : job.programs) {
      for (const std::string& strategy : job.strategies) {
        const Measurement measurement = MeasureOne(job, *program, regime, strategy);
        absl::PrintF(
            R"({"program":"%s","regime":"%s","strategy":"%s","found":%d,"seeds":%d,"median_executions":%.1f,"ns_per_execution":%.0f})"
            "\n",
            program->name, ToString(regime), strategy, measurement.found, job.seeds, measurement.median_executions,
            measurement.ns_per_execution);
        std::fflush(stdout);
      }
    }
  }
}

// Of one strategy in one regime.
struct Totals {
  std::vector<double> study_medians;
  std::uint64_t study_found = 0;
  std::uint64_t found = 0;
};

constexpr char kName[] = "%-22s";
constexpr char kCell[] = "%18s";

void PrintTotals(const Job& job, const std::vector<Totals>& totals) {
  std::uint64_t study = 0;
  for (const Program* program : job.programs) {
    if (program->study) ++study;
  }
  const auto print_row = [&](const std::string& name, const auto& cell) {
    absl::PrintF(kName, name);
    for (const Totals& column : totals) absl::PrintF(kCell, cell(column));
    absl::PrintF("\n");
  };
  if (study > 0) {
    print_row(absl::StrCat("study of ", study, ": mean"),
              [](const Totals& column) { return absl::StrFormat("%.1f", GeometricMean(column.study_medians)); });
    print_row(absl::StrCat("study of ", study, ": found"),
              [&](const Totals& column) { return absl::StrCat(column.study_found, "/", study * job.seeds); });
  }
  print_row(absl::StrCat("all ", job.programs.size(), ": found"),
            [&](const Totals& column) { return absl::StrCat(column.found, "/", job.programs.size() * job.seeds); });
}

void PrintTables(const Job& job) {
  for (const Regime regime : job.regimes) {
    absl::PrintF(
        "%s, %d seeds, budget %d: median of the executions to the first failure (how many seeds found it, if not all), "
        "microseconds an execution; the mean is geometric\n",
        ToString(regime), job.seeds, job.budget);
    absl::PrintF(kName, "");
    for (const std::string& strategy : job.strategies) absl::PrintF(kCell, strategy);
    absl::PrintF("\n");
    std::vector<Totals> totals(job.strategies.size());
    for (const Program* program : job.programs) {
      absl::PrintF(kName, program->fifo_shows ? absl::StrCat(program->name, " (fifo)") : program->name);
      for (std::size_t column = 0; column < job.strategies.size(); ++column) {
        const Measurement measurement = MeasureOne(job, *program, regime, job.strategies[column]);
        std::string cell = absl::StrFormat("%g", measurement.median_executions);
        if (measurement.found < job.seeds) absl::StrAppend(&cell, "(", measurement.found, ")");
        absl::StrAppendFormat(&cell, " %.1fus", measurement.ns_per_execution / 1000);
        absl::PrintF(kCell, cell);
        std::fflush(stdout);
        totals[column].found += measurement.found;
        if (!program->study) continue;
        totals[column].study_found += measurement.found;
        totals[column].study_medians.push_back(measurement.median_executions);
      }
      absl::PrintF("\n");
    }
    PrintTotals(job, totals);
    absl::PrintF("\n");
  }
}

int Main() {
  const absl::StatusOr<Job> job = ParseJob();
  if (!job.ok()) {
    std::cerr << job.status().message() << "\n";
    return 2;
  }
  if (job->json) {
    PrintJson(*job);
  } else {
    PrintTables(*job);
  }
  return 0;
}

}  // namespace
}  // namespace hocket::bugs

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures how soon strategies find the bugs of the gallery.");
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    std::cerr << rest[1] << ": everything is said by flags; see --help\n";
    return 2;
  }
  return hocket::bugs::Main();
}
