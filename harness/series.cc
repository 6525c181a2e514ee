#include "harness/series.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "harness/rerun.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

// Which executions of an exploration are run twice, counted from its first one. A rerun costs about three executions,
// so 5 of the first 1000 cost 1.5 %, and one in 512 after that less than 1 %.
constexpr std::uint64_t kFirstSample = 64;
constexpr std::uint64_t kSamplePeriod = 512;

std::string Describe(const std::optional<ExecutionFailure>& failure) {
  return failure ? failure->message : "it passes";
}

}  // namespace

ExploreOptions WithStrategy(ExploreOptions options) {
  if (options.strategy) return options;
  // The budget does not depend on where the exploration begins, so that an execution is the same one wherever it
  // begins.
  const StrategyOptions with{.memory = options.memory, .budget = options.first_execution + options.executions};
  options.strategy = [with](std::uint64_t seed) {
    StrategyOptions seeded = with;
    seeded.seed = seed;
    return *ParseStrategy("default", seeded);
  };
  return options;
}

Series::Series(const Body& body, const ExploreOptions& options)
    : options_(options),
      strategy_(options.strategy(options.seed)),
      profile_(strategy_->ProfileExecutions()),
      execution_(body, options),
      next_(options.first_execution) {}

Tally Series::Run(std::uint64_t index) {
  if (options_.shards > 1 && IsElsewhere(index)) return {.index = index, .elsewhere = true};
  CatchUp(index);
  if (index < profile_) profile_run_ = index + 1;
  const bool sampled = IsSampled(index);
  if (sampled) first_.Follow(*strategy_);
  const Record& record = RunOne(index, sampled ? static_cast<Chooser&>(first_) : *strategy_);
  Tally tally{.index = index, .steps = record.steps, .hash = record.hash, .cut = record.stopped && !record.failure};
  if (record.failure) {
    tally.failed = true;
    finding_ = {.strategy = strategy_->Name(), .record = record};
  }
  strategy_->EndExecution();
  if (sampled && !record.failure && !record.stopped) {
    const Record first = record;
    if (std::optional<std::string> difference = DifferenceOfRerun(first)) {
      tally.failed = true;
      finding_ = {.strategy = "", .record = first, .nondeterminism = std::move(difference)};
    }
  }
  tally.exhausted = strategy_->Exhausted();
  return tally;
}

void Series::Prepare(std::uint64_t end) {
  for (; profile_run_ < std::min(profile_, end); ++profile_run_) {
    if (strategy_->InSearch(profile_run_)) search_run_ = profile_run_ + 1;
    RunSilently(profile_run_);
  }
}

void Series::CatchUp(std::uint64_t index) {
  Prepare(index);
  if (!strategy_->InSearch(index)) return;
  for (; search_run_ < index; ++search_run_) {
    if (strategy_->InSearch(search_run_)) RunSilently(search_run_);
  }
  search_run_ = index + 1;
}

bool Series::IsElsewhere(std::uint64_t index) {
  if (index < profile_) return index % options_.shards != options_.shard;
  Prepare(profile_);  // what is a search may be learnt
  return (strategy_->InSearch(index) ? 0 : index % options_.shards) != options_.shard;
}

const Record& Series::RunOne(std::uint64_t index, Chooser& chooser) {
  strategy_->StartExecution(index);
  if (options_.before_execution) options_.before_execution(index, *strategy_);
  return execution_.Run(chooser);
}

void Series::RunSilently(std::uint64_t index) {
  RunOne(index, *strategy_);
  strategy_->EndExecution();
}

bool Series::IsSampled(std::uint64_t index) const {
  const std::uint64_t i = index - options_.first_execution;
  return options_.check_determinism &&
         (i % kSamplePeriod == 0 || (i < kSamplePeriod && i >= kFirstSample && std::has_single_bit(i)));
}

std::optional<std::string> Series::DifferenceOfRerun(const Record& first) {
  Rerun rerun(first);
  again_.Follow(rerun);
  const Record& again = execution_.Run(again_);
  if (std::optional<std::string> difference = Footprint::Difference(first_, again_)) return difference;
  if (again.failure) return "first: it passes; again: " + Describe(again.failure);
  // What the footprints say nothing about: how the end came about.
  if (again.steps != first.steps || again.hash != first.hash)
    return "first: " + std::to_string(first.steps) + " steps; again: " + std::to_string(again.steps) + " steps";
  return std::nullopt;
}

}  // namespace hocket::testing
