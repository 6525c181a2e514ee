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
      : stay_(MakeBaseStrategy(Base::kStay)), fifo_(MakeBaseStrategy(Base::kFifo)), random_(MakeRandomWalk(seed)), turn_(stay_.get()) {}

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
    if (next_pick_ < picks_.size() && picks_[next_pick_] < ready_.size() && ready_[picks_[next_pick_]]) return picks_[next_pick_++];
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

std::string Describe(const std::optional<ExecutionFailure>& failure) { return failure ? failure->message : "it passes"; }

// The schedule that an execution followed, as seen from `base`, ready to be stored.
Schedule StoredSchedule(const Description& description, std::size_t base, const std::optional<ExecutionFailure>& failure, const std::string& test) {
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

ReplayResult RunDescribed(Execution& execution, Chooser& chooser, Base base, const std::string& test) {
  Describer describer(chooser);
  const Record& record = execution.Run(describer, &describer);
  ReplayResult result;
  result.failure = record.failure;
  Description description = describer.Take();
  result.schedule = StoredSchedule(description, BaseIndex(base), record.failure, test);
  result.marked = description.views[BaseIndex(base)].marked;
  result.trace = std::move(description.trace);
  return result;
}

// Shrinks a failing execution and runs the result once more for the report. Fills in exploration.failure or .nondeterminism.
void ExplainFailure(Execution& execution, const Record& failing, const ExploreOptions& options, const std::string& strategy, std::uint64_t index,
                    Exploration& exploration) {
  const ExecutionFailure first = *failing.failure;
  Rerun rerun(failing);
  Describer describer(rerun);
  const Record& again = execution.Run(describer, &describer);
  if (rerun.parted() || !SameFailure(again.failure, first)) {
    exploration.nondeterminism = "execution " + std::to_string(index) + " did not happen again under the same decisions: first: " + first.message +
                                 "; again: " + Describe(again.failure) +
                                 (rerun.parted() ? "; they part after decision " + std::to_string(rerun.next_pick()) : std::string());
    return;
  }
  const Description description = describer.Take();

  const Shrunk shrunk = Shrink(
      description,
      [&](const Schedule& candidate) -> std::optional<Schedule> {
        Replay replay(candidate);
        replay.StartExecution(0);
        if (!SameFailure(execution.Run(replay).failure, first)) return std::nullopt;
        Schedule ran = candidate;
        ran.deviations = replay.AppliedDeviations();
        ran.draws = replay.AppliedDraws();
        return ran;
      },
      options.shrink_executions);

  Replay replay(shrunk.schedule);
  replay.StartExecution(0);
  ReplayResult final = RunDescribed(execution, replay, shrunk.schedule.base, options.test);
  if (!SameFailure(final.failure, first)) {
    exploration.nondeterminism = "the shrunk schedule failed, and then did not: first: " + first.message + "; again: " + Describe(final.failure);
    return;
  }
  FoundFailure& found = exploration.failure.emplace();
  found.failure = *final.failure;
  found.schedule = std::move(final.schedule);
  found.trace = std::move(final.trace);
  found.marked = std::move(final.marked);
  found.strategy = strategy;
  found.execution = index;
  found.deviations_found = shrunk.deviations_before;
  found.shrink_executions = shrunk.executions;
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
  ReplayResult result = RunDescribed(execution, replay, schedule.base, options.test);
  result.divergence = replay.Divergence();
  if (!result.divergence && schedule.trace && schedule.trace->hash != result.schedule.trace->hash) {
    result.divergence = "every decision fits, but the trace differs: recorded: " + std::to_string(schedule.trace->decisions) +
                        " decisions; now: " + std::to_string(result.schedule.trace->decisions) +
                        ". Something between the decisions has changed: an operation, a time, a drawn value or how a task ends";
  }
  return result;
}

ReplayResult RunStrategy(const Body& body, Strategy& strategy, std::uint64_t index, const ExploreOptions& options) {
  Execution execution(body, options);
  strategy.StartExecution(index);
  return RunDescribed(execution, strategy, Base::kStay, options.test);
}

std::string Exploration::Statement() const {
  std::string text = std::to_string(executions) + " executions, " + std::to_string(distinct) + " of them distinct, " + std::to_string(steps) + " steps: ";
  if (nondeterminism) return text + "not deterministic: " + *nondeterminism;
  if (!failure) return text + "no failure";
  return text + "execution " + std::to_string(failure->execution) + " (" + failure->strategy + ") fails";
}

}  // namespace hocket::testing
