#include "hocket/testing/explore.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "harness/decisions.h"
#include "harness/execution.h"
#include "harness/execution_source.h"
#include "harness/expectations.h"
#include "harness/explain.h"
#include "harness/rerun.h"
#include "harness/series.h"
#include "harness/strategy/replay.h"
#include "harness/workers.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

ReplayResult ReplayDecisions(Execution& execution, const Decisions& decisions, const std::string& test) {
  Rerun rerun({.picks = decisions.picks, .draws = decisions.draws});
  ReplayResult result = ResultOf(RunDescribed(execution, rerun), Base::kStay, test);
  if (rerun.parted()) {
    result.divergence = "recorded: " + std::to_string(decisions.picks.size()) + " decisions by number; now: decision " +
                        std::to_string(rerun.next_pick() + 1) + " is another one";
  }
  return result;
}

// How many executions may shrink a failure where each of them takes a process, and one that hangs much longer.
std::uint64_t IsolatedShrinkExecutions(const ExploreOptions& options, const ExecutionFailure& failure) {
  constexpr std::uint64_t kMostExecutions = 300;
  return failure.identity.kind == "hang" ? 0 : std::min(options.shrink_executions, kMostExecutions);
}

void ExplainIsolated(const Body& body, ExploreOptions options, const Finding& finding, std::uint64_t index,
                     Exploration& exploration) {
  options.shrink_executions = IsolatedShrinkExecutions(options, *finding.record.failure);
  Execution execution(body, options);
  execution.Silence();
  ExplainFailure(execution, finding.record, options, finding.strategy, index, exploration);
}

// Runs the execution that ended its process once more, in a process of its own, which tells what its decisions were.
// False if it does not fail again.
bool ExplainCrash(const Body& body, ExploreOptions options, std::uint64_t index, Exploration& exploration) {
  options.isolate = true;
  options.before_execution = nullptr;
  options.check_determinism = false;
  options.shards = 1;
  options.shard = 0;
  Series series(body, options);
  if (!series.Run(index).failed) return false;
  const Finding again = series.TakeFinding();
  ExplainIsolated(body, options, again, index, exploration);
  return true;
}

// Fills in what is known of an execution that failed.
void Explain(const Body& body, const ExploreOptions& options, const Finding& finding, std::uint64_t index,
             Exploration& exploration) {
  if (finding.nondeterminism) {
    exploration.nondeterminism =
        NameOf(options.test, index) +
        " passed, and was not the same again under the same decisions: " + *finding.nondeterminism;
    return;
  }
  if (finding.crashed && ExplainCrash(body, options, index, exploration)) return;
  if (finding.crashed || finding.record.failure->identity.kind == kSkipped) {
    FoundFailure& found = exploration.failure.emplace();
    found.failure = *finding.record.failure;
    found.schedule.test = options.test;
    found.schedule.failure = found.failure.identity;
    found.strategy = finding.strategy;
    found.execution = index;
  } else if (options.isolate) {
    ExplainIsolated(body, options, finding, index, exploration);
  } else {
    Execution execution(body, options);
    ExplainFailure(execution, finding.record, options, finding.strategy, index, exploration);
  }
}

// When an exploration must end, and which of its two limits says so.
struct TimeLimit {
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  Ended ended = Ended::kDeadline;
};

TimeLimit TimeLimitOf(const ExploreOptions& options) {
  TimeLimit limit{options.deadline, Ended::kDeadline};
  if (options.time_budget.count() == 0) return limit;
  const auto now = std::chrono::steady_clock::now();
  if (options.time_budget < limit.until - now) limit = {now + options.time_budget, Ended::kTime};
  return limit;
}

std::uint64_t BudgetOf(Ended ended, const ExploreOptions& options) {
  switch (ended) {
    case Ended::kExecutions:
      return options.executions;
    case Ended::kSteps:
      return options.total_steps;
    case Ended::kTime:
      return static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(options.time_budget).count());
    case Ended::kFailure:
    case Ended::kExhausted:
    case Ended::kDeadline:
      break;
  }
  return 0;
}

std::unique_ptr<ExecutionSource> MakeSource(const Body& body, const ExploreOptions& options) {
  if (options.jobs > 1) return std::make_unique<Workers>(body, options);
  return std::make_unique<Series>(body, options);
}

}  // namespace

Exploration Explore(const Body& body, const ExploreOptions& given) {
  HOCKET_CHECK(given.jobs >= 1) << "1 is this process alone";
  HOCKET_CHECK(given.shard < given.shards) << "shards are counted from 0";
  const ExploreOptions options = WithStrategy(given);
  const TimeLimit limit = TimeLimitOf(options);
  const bool reads_clock = limit.until != std::chrono::steady_clock::time_point::max() || options.progress != nullptr;
  const std::unique_ptr<ExecutionSource> source = MakeSource(body, options);
  absl::flat_hash_set<std::uint64_t> distinct;
  Exploration exploration;
  std::uint64_t begun = 0;
  for (;;) {
    if (begun == options.executions) {
      exploration.ended = Ended::kExecutions;
      break;
    }
    if (exploration.steps >= options.total_steps) {
      exploration.ended = Ended::kSteps;
      break;
    }
    // The first execution ends whatever the time is: an exploration without any says nothing.
    const std::optional<Tally> tally =
        source->Next(begun > 0 ? limit.until : std::chrono::steady_clock::time_point::max());
    if (!tally) {
      exploration.ended = limit.ended;
      break;
    }
    ++begun;
    if (tally->elsewhere) continue;
    exploration.steps += tally->steps;
    if (tally->cut) {
      ++exploration.cut;
    } else {
      ++exploration.executions;
      distinct.insert(tally->hash);
    }
    if (tally->failed) {
      exploration.ended = Ended::kFailure;
      Explain(body, options, source->TakeFinding(), tally->index, exploration);
      break;
    }
    if (tally->exhausted) {
      exploration.ended = Ended::kExhausted;
      break;
    }
    if (!reads_clock) continue;
    const auto now = std::chrono::steady_clock::now();
    if (options.progress != nullptr && options.progress->Due(now)) {
      exploration.distinct = distinct.size();
      exploration.left = options.executions - begun;
      exploration.coverage = source->Covered();
      options.progress->Show(exploration, source->InTurn());
    }
    if (now >= limit.until && begun < options.executions && exploration.steps < options.total_steps) {
      exploration.ended = limit.ended;
      break;
    }
  }
  exploration.budget = BudgetOf(exploration.ended, options);
  exploration.left = options.executions - begun;
  exploration.distinct = distinct.size();
  exploration.coverage = exploration.ended == Ended::kFailure ? std::nullopt : source->End();
  return exploration;
}

ReplayResult ReplaySchedule(const Body& body, const Schedule& given, const ExploreOptions& options) {
  Execution execution(body, options);
  Schedule schedule = given;
  const absl::StatusOr<std::optional<Decisions>> decisions = TakeDecisions(schedule.input);
  HOCKET_CHECK(decisions.ok()) << "ask TakeDecisions before whether the words are good";
  if (*decisions) return ReplayDecisions(execution, **decisions, options.test);
  Replay replay(schedule);
  replay.StartExecution(0);
  ReplayResult result = ResultOf(RunDescribed(execution, replay), schedule.base, options.test);
  result.divergence = replay.Divergence();
  if (!result.divergence && schedule.trace && *schedule.trace != *result.schedule.trace) {
    const std::uint64_t recorded = schedule.trace->decisions;
    const std::uint64_t now = result.schedule.trace->decisions;
    result.divergence = "recorded: " + std::to_string(recorded) + " decisions; now: " + std::to_string(now) +
                        (recorded == now ? ", but another trace: something between the decisions has changed, an "
                                           "operation, a time, a drawn value or "
                                           "how a task ends"
                                         : ". The schedule has no exact form, which would say where they part");
  }
  return result;
}

ReplayResult ShrinkSchedule(const Body& body, const Schedule& failing, const ExploreOptions& options) {
  Execution execution(body, options);
  execution.Silence();
  Described described = RunDescribed(execution, failing);
  if (!described.failure) return ResultOf(std::move(described), failing.base, options.test);
  ShrinkBudget budget{
      options.isolate ? IsolatedShrinkExecutions(options, *described.failure) : options.shrink_executions,
      options.shrink_steps};
  const Schedule smallest = Smallest(execution, described.description, *described.failure, budget);
  Described shrunk = RunDescribed(execution, smallest);
  // If it passes, names cannot say what the failure depends on.
  const bool fails_alike = SameFailure(shrunk.failure, described.failure);
  return fails_alike ? ResultOf(std::move(shrunk), smallest.base, options.test)
                     : ResultOf(std::move(described), failing.base, options.test);
}

ReplayResult RunStrategy(const Body& body, Strategy& strategy, std::uint64_t index, const ExploreOptions& options) {
  Execution execution(body, options);
  strategy.StartExecution(index);
  Described described = RunDescribed(execution, strategy);
  strategy.EndExecution();
  return ResultOf(std::move(described), Base::kStay, options.test);
}

}  // namespace hocket::testing
