#include "harness/explain.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "harness/minimal_pair.h"
#include "harness/rerun.h"
#include "harness/strategy/replay.h"
#include "harness/strategy/search.h"

namespace hocket::testing {

namespace {

std::string Describe(const std::optional<ExecutionFailure>& failure) {
  return failure ? failure->message : "it passes";
}

// Delta debugging ends where no part of a schedule can go alone. Whether the failure has a schedule of another kind
// with fewer deviations, a search of all schedules with fewer delays says, as far as it comes.
std::optional<Schedule> WithFewerDelays(Execution& execution, const ExecutionFailure& failure, std::size_t weight,
                                        ShrinkBudget& budget) {
  constexpr std::size_t kMostDelays = 3;
  constexpr std::uint64_t kMostExecutions = 1000;
  std::uint64_t left = kMostExecutions;
  for (std::uint32_t bound = 1; bound <= kMostDelays && bound < weight; ++bound) {
    Search search({.kind = SearchOptions::Kind::kDelays, .bound = bound});
    for (std::uint64_t index = 0; !search.Exhausted() && left > 0 && !budget.spent(); ++index, --left) {
      search.StartExecution(index);
      const Record& record = execution.Run(search);
      search.EndExecution();
      budget.Spend(record.steps);
      if (!SameFailure(record.failure, failure)) continue;
      Rerun rerun(record);
      const Description description = RunDescribed(execution, rerun).description;
      Schedule fewer;
      fewer.base = Base::kStay;
      fewer.deviations = description.views[BaseIndex(Base::kStay)].deviations;
      fewer.draws = description.draws;
      return fewer;
    }
  }
  return std::nullopt;
}

}  // namespace

bool SameFailure(const std::optional<ExecutionFailure>& a, const std::optional<ExecutionFailure>& b) {
  return a.has_value() == b.has_value() && (!a || a->identity == b->identity);
}

std::string NameOf(const std::string& test, std::uint64_t index) {
  return (test.empty() ? "" : test + ", ") + "execution " + std::to_string(index);
}

std::size_t BaseIndex(Base base) {
  std::size_t index = 0;
  while (kBases[index] != base) ++index;
  return index;
}

Described RunDescribed(Execution& execution, Chooser& chooser) {
  Describer describer;
  describer.Follow(chooser);
  const Record& record = execution.Run(describer, &describer);
  return {record.failure, describer.Take(), record.steps};
}

Described RunDescribed(Execution& execution, const Schedule& schedule) {
  Replay replay(schedule);
  replay.StartExecution(0);
  return RunDescribed(execution, replay);
}

Schedule StoredSchedule(const Description& description, std::size_t base,
                        const std::optional<ExecutionFailure>& failure, const std::string& test) {
  Schedule schedule;
  schedule.test = test;
  if (failure) schedule.failure = failure->identity;
  schedule.base = kBases[base];
  schedule.deviations = description.views[base].deviations;
  schedule.draws = description.draws;
  schedule.trace = TraceSummary{description.decisions, description.trace.Hash()};
  schedule.exact = description.exact;
  return schedule;
}

ReplayResult ResultOf(Described described, Base base, const std::string& test) {
  const std::size_t index = BaseIndex(base);
  ReplayResult result;
  result.schedule = StoredSchedule(described.description, index, described.failure, test);
  result.failure = std::move(described.failure);
  result.marked = std::move(described.description.views[index].marked);
  result.trace = std::move(described.description.trace);
  return result;
}

Attempt TryAgain(Execution& execution, const Schedule& candidate, const ExecutionFailure& failure) {
  Replay replay(candidate);
  replay.StartExecution(0);
  const Record& record = execution.Run(replay);
  Attempt attempt;
  attempt.fails_alike = SameFailure(record.failure, failure);
  attempt.steps = record.steps;
  if (!attempt.fails_alike) return attempt;
  attempt.schedule.base = candidate.base;
  attempt.schedule.deviations = replay.AppliedDeviations();
  attempt.schedule.draws = replay.AppliedDraws();
  attempt.injected = replay.injected();
  attempt.switches = replay.switches();
  return attempt;
}

Schedule Smallest(Execution& execution, const Description& failing, const ExecutionFailure& failure,
                  ShrinkBudget& budget) {
  const TryCandidate try_candidate = [&](const Schedule& candidate) { return TryAgain(execution, candidate, failure); };
  Attempt best = Shrink(failing, try_candidate, budget);
  bool searched = false;
  for (Trace shrunk_from = failing.trace; best.fails_alike && !budget.spent();) {
    const std::size_t weight = Weight(best.schedule);
    if (weight == 0) break;
    Description description = RunDescribed(execution, best.schedule).description;
    // If what is left is another execution, that may look smaller from another base.
    if (description.trace != shrunk_from) {
      Attempt next = Shrink(description, try_candidate, budget);
      shrunk_from = std::move(description.trace);
      if (next.fails_alike && IsSmaller(next, best)) {
        best = std::move(next);
        continue;
      }
    }
    if (std::exchange(searched, true)) break;
    const std::optional<Schedule> fewer = WithFewerDelays(execution, failure, weight, budget);
    if (!fewer || budget.spent()) break;
    Attempt attempt = TryAgain(execution, *fewer, failure);
    budget.Spend(attempt.steps);
    if (attempt.fails_alike && IsSmaller(attempt, best)) best = std::move(attempt);
  }
  return std::move(best.schedule);
}

void ExplainFailure(Execution& execution, const Record& failing, const ExploreOptions& options,
                    const std::string& strategy, std::uint64_t index, Exploration& exploration) {
  const ExecutionFailure first = *failing.failure;
  Rerun rerun(failing);
  const Described again = RunDescribed(execution, rerun);
  if (rerun.parted() || !SameFailure(again.failure, first)) {
    exploration.nondeterminism =
        NameOf(options.test, index) + " did not happen again under the same decisions: first: " + first.message +
        "; again: " + Describe(again.failure) +
        (rerun.parted() ? "; they part after decision " + std::to_string(rerun.next_pick()) : std::string());
    return;
  }
  ShrinkBudget budget{options.shrink_executions, options.shrink_steps};
  const Schedule shrunk = Smallest(execution, again.description, first, budget);
  Described final = RunDescribed(execution, shrunk);
  if (!SameFailure(final.failure, first)) {
    exploration.nondeterminism = NameOf(options.test, index) +
                                 ", shrunk, failed, and then did not: first: " + first.message +
                                 "; again: " + Describe(final.failure);
    return;
  }
  const std::size_t base = BaseIndex(shrunk.base);
  FoundFailure& found = exploration.failure.emplace();
  found.failure = *final.failure;
  found.schedule = StoredSchedule(final.description, base, final.failure, options.test);
  found.trace = std::move(final.description.trace);
  found.marked = std::move(final.description.views[base].marked);
  found.strategy = strategy;
  found.execution = index;
  found.deviations_found = again.description.views[base].deviations.size();
  found.shrink_executions = options.shrink_executions - budget.executions;
  constexpr std::uint64_t kMostNeighbours = 300;
  constexpr std::uint64_t kMostSteps = 1'000'000;
  budget.executions = std::min(budget.executions, kMostNeighbours);
  budget.steps = std::min(budget.steps, kMostSteps);
  PairSearch search = FindMinimalPair(execution, found.schedule, found.trace, budget);
  found.pair = std::move(search.pair);
  found.pair_executions = search.executions;
}

}  // namespace hocket::testing
