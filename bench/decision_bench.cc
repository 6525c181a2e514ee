// Decision: what a strategy's answer costs, without a runtime: the step of one of many tasks that are always ready,
// told and asked through the Chooser interface. Against a raw pick from a vector that is written down.
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "bench/raw_ring.h"
#include "harness/random.h"
#include "hocket/check.h"
#include "hocket/testing/strategy.h"

namespace bench {
namespace {

using hocket::Access;
using hocket::AccessKind;
using hocket::AlternativeId;
using hocket::AlternativeInfo;
using hocket::AlternativeKind;
using hocket::AlternativeOwner;
using hocket::TaskId;
using hocket::testing::Strategy;

constexpr std::uint64_t kSteps = 16'000;  // an execution's, at least one for each task

// What tasks declare before a step: nothing that is known, as Checkpoint() does; or one of a few objects of their own
// and one that all share, which an eighth of the steps touch.
enum class Declares : std::uint8_t { kOpaque, kObjects };

class Tasks final : public hocket::Executor {
 public:
  Tasks(std::uint32_t tasks, Declares declares) : declares_(declares), steps_(tasks, 0) {
    for (std::uint32_t task = 0; task < tasks; ++task) names_.push_back(hocket::testing::MixSeed(1, task));
  }

  // One execution, all picks of which are written down. Gives the number of them.
  std::uint64_t Run(Strategy& strategy, std::uint64_t index) {
    picks_.clear();
    strategy.StartExecution(index);
    strategy.Begin(*this);
    const auto tasks = static_cast<AlternativeId>(steps_.size());
    for (AlternativeId id = 0; id < tasks; ++id) strategy.Added(id);
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      const AlternativeId id = strategy.Pick();
      picks_.push_back(id);
      strategy.Removed(id, hocket::Removal::kPicked);
      ++steps_[id];
      strategy.Added(id);
    }
    for (AlternativeId id = 0; id < tasks; ++id) strategy.Removed(id, hocket::Removal::kWithdrawn);
    strategy.End();
    strategy.EndExecution();
    return picks_.size();
  }

  AlternativeInfo Describe(AlternativeId id) const noexcept override {
    return {.standing = {names_[id], "Checkpoint"}, .spawn_number = id, .declared = Declared(id)};
  }
  AlternativeOwner Owner(AlternativeId id) const noexcept override { return {names_[id], id, AlternativeKind::kTask}; }
  Access Declared(AlternativeId id) const noexcept override {
    if (declares_ == Declares::kOpaque) return {.kind = AccessKind::kOpaque};
    return {.object = steps_[id] % 8 == 0 ? 1 : 2 + id, .kind = AccessKind::kWrite};
  }
  std::source_location Location(AlternativeId) const noexcept override { return {}; }
  hocket::Standing LastStep() const noexcept override { return {}; }
  std::string Path(AlternativeId) const override { return {}; }
  hocket::Time now() const noexcept override { return {}; }

 private:
  Declares declares_;
  std::vector<TaskId> names_;
  std::vector<std::uint32_t> steps_;
  std::vector<AlternativeId> picks_;
};

// The same without anybody to tell: a pick from a vector, taken out, put back and written down.
double RawPicks(std::uint32_t tasks) {
  std::vector<std::uint32_t> ready(tasks);
  for (std::uint32_t task = 0; task < tasks; ++task) ready[task] = task;
  std::vector<std::uint32_t> picks;
  picks.reserve(kSteps);
  raw::RandomPicker random;
  random.Seed(1);
  raw::Picker& picker = random;
  benchmark::DoNotOptimize(&picker);
  const double seconds = Timed([&] {
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      const std::uint32_t choice = picker.Pick(static_cast<std::uint32_t>(ready.size()));
      const std::uint32_t task = ready[choice];
      picks.push_back(task);
      ready[choice] = ready.back();
      ready.pop_back();
      benchmark::DoNotOptimize(ready.data());
      ready.push_back(task);
    }
  });
  benchmark::DoNotOptimize(picks.data());
  return seconds;
}

void Decision(benchmark::State& state, const std::string& spelling, Declares declares) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Tasks tasks(count, declares);
  absl::StatusOr<std::unique_ptr<Strategy>> strategy = hocket::testing::ParseStrategy(spelling, {});
  HOCKET_CHECK(strategy.ok()) << strategy.status().ToString();
  std::uint64_t index = 0;
  while (index < (*strategy)->ProfileExecutions()) tasks.Run(**strategy, index++);
  const auto subject = [&] { return Timed([&] { benchmark::DoNotOptimize(tasks.Run(**strategy, index++)); }); };
  Compare(state, kSteps, subject, Baseline{"ratio", [count] { return RawPicks(count); }});
}

[[maybe_unused]] const bool registered = [] {
  for (const std::string& name : hocket::testing::StrategyNames()) {
    for (const Declares declares : {Declares::kOpaque, Declares::kObjects}) {
      const std::string row = "Decision/" + name + (declares == Declares::kOpaque ? "" : "+objects");
      benchmark::RegisterBenchmark(row.c_str(), Decision, name, declares)
          ->Arg(10)
          ->Arg(100)
          ->Arg(10'000)
          ->UseManualTime()
          ->Iterations(kBatches)
          ->Unit(benchmark::kNanosecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace bench
