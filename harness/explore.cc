#include "hocket/testing/explore.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "harness/describer.h"
#include "harness/execution.h"
#include "harness/shrink.h"
#include "harness/strategy/replay.h"

namespace hocket::testing {

namespace {

// The bases first: a bug that they show is best shown by them. Then a random walk.
class DefaultStrategy final : public Strategy {
 public:
  explicit DefaultStrategy(std::uint64_t seed)
      : stay_(MakeBaseStrategy(Base::kStay)),
        fifo_(MakeBaseStrategy(Base::kFifo)),
        random_(MakeRandomWalk(seed)),
        turn_(stay_.get()) {}

  std::string Name() const override { return turn_->Name(); }
  void StartExecution(std::uint64_t index) override {
    turn_ = index == 0 ? stay_.get() : index == 1 ? fifo_.get() : random_.get();
    turn_->StartExecution(index);
  }
  void Begin(const Executor& executor) noexcept override { turn_->Begin(executor); }
  void Added(AlternativeId id) noexcept override { turn_->Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override { turn_->Removed(id, why); }
  void Touched(const Access& access) noexcept override { turn_->Touched(access); }
  AlternativeId Pick() noexcept override { return turn_->Pick(); }
  std::uint32_t Draw(std::uint32_t n, const char* label) noexcept override { return turn_->Draw(n, label); }
  void End() noexcept override { turn_->End(); }

 private:
  std::unique_ptr<Strategy> stay_;
  std::unique_ptr<Strategy> fifo_;
  std::unique_ptr<Strategy> random_;
  Strategy* turn_;
};

// Decides as a record says, handle by handle: exact for the same program, useless for any other.
class Rerun final : public Chooser {
 public:
  explicit Rerun(const Record& record) : picks_(record.picks), draws_(record.draws) {}

  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override {
    if (id >= ready_.size()) ready_.resize(id + 1, false);
    ready_[id] = true;
  }
  void Removed(AlternativeId id, Removal) noexcept override { ready_[id] = false; }
  AlternativeId Pick() noexcept override {
    if (next_pick_ < picks_.size() && picks_[next_pick_] < ready_.size() && ready_[picks_[next_pick_]])
      return picks_[next_pick_++];
    parted_ = true;
    AlternativeId id = 0;
    while (!ready_[id]) ++id;
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char*) noexcept override {
    if (next_draw_ < draws_.size() && draws_[next_draw_] < n) return draws_[next_draw_++];
    parted_ = true;
    return 0;
  }

  // Whether the execution asked something else than the recorded one.
  bool parted() const { return parted_ || next_pick_ != picks_.size() || next_draw_ != draws_.size(); }
  std::size_t next_pick() const { return next_pick_; }

 private:
  const std::vector<AlternativeId> picks_;
  const std::vector<std::uint32_t> draws_;
  std::vector<bool> ready_;
  std::size_t next_pick_ = 0;
  std::size_t next_draw_ = 0;
  bool parted_ = false;
};

bool SameFailure(const std::optional<ExecutionFailure>& a, const std::optional<ExecutionFailure>& b) {
  return a.has_value() == b.has_value() && (!a || a->identity == b->identity);
}

std::string Describe(const std::optional<ExecutionFailure>& failure) {
  return failure ? failure->message : "it passes";
}

// The schedule that an execution followed, as seen from `base`, ready to be stored.
Schedule StoredSchedule(const Description& description, std::size_t base,
                        const std::optional<ExecutionFailure>& failure, const std::string& test) {
  Schedule schedule;
  schedule.test = test;
  if (failure) schedule.failure = failure->identity;
  schedule.base = kBases[base];
  schedule.deviations = description.views[base].deviations;
  schedule.draws = description.draws;
  schedule.trace = TraceSummary{description.exact.size(), description.trace.Hash()};
  schedule.exact = description.exact;
  return schedule;
}

std::size_t BaseIndex(Base base) {
  std::size_t index = 0;
  while (kBases[index] != base) ++index;
  return index;
}

struct Described {
  std::optional<ExecutionFailure> failure;
  Description description;
};

Described RunDescribed(Execution& execution, Chooser& chooser) {
  Describer describer(chooser);
  const Record& record = execution.Run(describer, &describer);
  return {record.failure, describer.Take()};
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

// Shrinks a failing execution and runs the result once more for the report. Fills in exploration.failure or
// .nondeterminism.
void ExplainFailure(Execution& execution, const Record& failing, const ExploreOptions& options,
                    const std::string& strategy, std::uint64_t index, Exploration& exploration) {
  const ExecutionFailure first = *failing.failure;
  Rerun rerun(failing);
  const Described again = RunDescribed(execution, rerun);
  if (rerun.parted() || !SameFailure(again.failure, first)) {
    exploration.nondeterminism =
        "execution " + std::to_string(index) +
        " did not happen again under the same decisions: first: " + first.message +
        "; again: " + Describe(again.failure) +
        (rerun.parted() ? "; they part after decision " + std::to_string(rerun.next_pick()) : std::string());
    return;
  }
  const Description& description = again.description;

  const TryCandidate try_candidate = [&](const Schedule& candidate) -> std::optional<Schedule> {
    Replay replay(candidate);
    replay.StartExecution(0);
    if (!SameFailure(execution.Run(replay).failure, first)) return std::nullopt;
    Schedule ran = candidate;
    ran.deviations = replay.AppliedDeviations();
    ran.draws = replay.AppliedDraws();
    return ran;
  };
  Shrunk shrunk = Shrink(description, try_candidate, options.shrink_executions);
  for (Trace shrunk_from = description.trace;;) {
    Replay replay(shrunk.schedule);
    replay.StartExecution(0);
    Described final = RunDescribed(execution, replay);
    if (!SameFailure(final.failure, first)) {
      exploration.nondeterminism = "the shrunk schedule failed, and then did not: first: " + first.message +
                                   "; again: " + Describe(final.failure);
      return;
    }
    // If what is left is another execution, that may look smaller from another base.
    if (final.description.trace != shrunk_from && shrunk.executions < options.shrink_executions) {
      Shrunk next = Shrink(final.description, try_candidate, options.shrink_executions - shrunk.executions);
      const bool smaller = IsSmaller(next.schedule, shrunk.schedule);
      shrunk.executions += next.executions;
      if (smaller) {
        shrunk.schedule = std::move(next.schedule);
        shrunk_from = std::move(final.description.trace);
        continue;
      }
    }
    const std::size_t base = BaseIndex(shrunk.schedule.base);
    FoundFailure& found = exploration.failure.emplace();
    found.failure = *final.failure;
    found.schedule = StoredSchedule(final.description, base, final.failure, options.test);
    found.trace = std::move(final.description.trace);
    found.marked = std::move(final.description.views[base].marked);
    found.strategy = strategy;
    found.execution = index;
    found.deviations_found = description.views[base].deviations.size();
    found.shrink_executions = shrunk.executions;
    return;
  }
}

}  // namespace

Exploration Explore(const Body& body, const ExploreOptions& options) {
  const std::unique_ptr<Strategy> strategy =
      options.strategy ? options.strategy(options.seed) : std::make_unique<DefaultStrategy>(options.seed);
  Exploration exploration;
  Execution execution(body, options);
  absl::flat_hash_set<std::uint64_t> distinct;
  for (std::uint64_t i = 0; i < options.executions && exploration.steps < options.total_steps; ++i) {
    const std::uint64_t index = options.first_execution + i;
    strategy->StartExecution(index);
    if (options.before_execution) options.before_execution(index, *strategy);
    const Record& record = execution.Run(*strategy);
    ++exploration.executions;
    exploration.steps += record.steps;
    distinct.insert(record.hash);
    if (record.failure) {
      ExplainFailure(execution, Record(record), options, strategy->Name(), index, exploration);
      break;
    }
  }
  exploration.distinct = distinct.size();
  return exploration;
}

ReplayResult ReplaySchedule(const Body& body, const Schedule& schedule, const ExploreOptions& options) {
  Execution execution(body, options);
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

ReplayResult RunStrategy(const Body& body, Strategy& strategy, std::uint64_t index, const ExploreOptions& options) {
  Execution execution(body, options);
  strategy.StartExecution(index);
  return ResultOf(RunDescribed(execution, strategy), Base::kStay, options.test);
}

std::string Exploration::Statement() const {
  std::string text = std::to_string(executions) + " executions, " + std::to_string(distinct) + " of them distinct, " +
                     std::to_string(steps) + " steps: ";
  if (nondeterminism) return text + "not deterministic: " + *nondeterminism;
  if (!failure) return text + "no failure";
  return text + "execution " + std::to_string(failure->execution) + " (" + failure->strategy + ") fails";
}

}  // namespace hocket::testing
