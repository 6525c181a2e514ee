// What the tests of the strategies share: programs whose interleavings can be counted, and two ways to drive a
// strategy, by real runs and by hand.
#ifndef HOCKET_TESTS_STRATEGIES_SUPPORT_H_
#define HOCKET_TESTS_STRATEGIES_SUPPORT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "harness/execution.h"
#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// Made from its spelling, which the test knows to be right.
inline std::unique_ptr<Strategy> Make(const std::string& spelling, std::uint64_t seed = 1) {
  absl::StatusOr<std::unique_ptr<Strategy>> strategy = ParseStrategy(spelling, {.seed = seed});
  HOCKET_CHECK(strategy.ok()) << strategy.status().ToString();
  return *std::move(strategy);
}

// Those whose executions do not follow from each other, with their default parameters.
inline std::vector<std::string> SamplingStrategyNames() {
  std::vector<std::string> names;
  for (const std::string& name : StrategyNames()) {
    if (!Make(name)->InSearch(0)) names.push_back(name);
  }
  return names;
}

// Runs executions of one body under one strategy; first those that it learns from.
class Runs {
 public:
  Runs(Strategy& strategy, Body body, ExploreOptions options = {})
      : strategy_(strategy), body_(std::move(body)), options_(std::move(options)), execution_(body_, options_) {}

  const Record& Run(std::uint64_t index) {
    while (learnt_ < std::min(index, strategy_.ProfileExecutions())) RunOne(learnt_++);
    if (index < strategy_.ProfileExecutions()) ++learnt_;
    return RunOne(index);
  }

 private:
  const Record& RunOne(std::uint64_t index) {
    strategy_.StartExecution(index);
    const Record& record = execution_.Run(strategy_);
    strategy_.EndExecution();
    return record;
  }

  Strategy& strategy_;
  const Body body_;
  const ExploreOptions options_;
  Execution execution_;
  std::uint64_t learnt_ = 0;
};

// How often each of what `log` says afterwards came, in `executions` executions after those that are learnt from.
inline std::map<std::string, int> Count(Strategy& strategy, const Body& body, std::string& log, int executions) {
  std::map<std::string, int> counts;
  Runs runs(strategy, body);
  const std::uint64_t first = strategy.ProfileExecutions();
  for (int i = 0; i < executions; ++i) {
    const Record& record = runs.Run(first + static_cast<std::uint64_t>(i));
    HOCKET_CHECK(!record.failure) << record.failure->message;
    ++counts[log];
  }
  return counts;
}

// Tasks that log their letter at each of their steps: steps[0] times 'a', steps[1] times 'b', and so on. `access` is
// what a task declares before a step: none unless given.
using AccessOf = std::function<Access(int task, int step)>;
inline Body Interleaving(std::vector<int> steps, std::string& log, AccessOf access = {}) {
  return [steps = std::move(steps), &log, access = std::move(access)]() -> Task<> {
    log.clear();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int task = 0; task < static_cast<int>(steps.size()); ++task) {
        nursery.StartSoon([&, task]() -> Task<> {
          for (int step = 0; step < steps[static_cast<std::size_t>(task)]; ++step) {
            if (access) {
              const Access declared = access(task, step);
              co_await Checkpoint(declared);
            } else if (step > 0) {
              co_await Checkpoint();
            }
            log += static_cast<char>('a' + task);
          }
        });
      }
      co_return;
    });
  };
}

// How far counts are from uniform over `cells`, in standard deviations of chi-square.
inline double ChiSquareDeviation(const std::map<std::string, int>& counts, std::size_t cells) {
  double all = 0;
  for (const auto& [key, count] : counts) all += count;
  const double expected = all / static_cast<double>(cells);
  double sum = static_cast<double>(cells - counts.size()) * expected;  // those that never came
  for (const auto& [key, count] : counts) sum += (count - expected) * (count - expected) / expected;
  const double degrees = static_cast<double>(cells) - 1;
  return (sum - degrees) / std::sqrt(2 * degrees);
}

// Whether `count` of `all` fits the probability `p`, within four standard deviations.
inline ::testing::AssertionResult Fits(int count, int all, double p) {
  const double deviation = std::sqrt(all * p * (1 - p));
  if (std::abs(count - all * p) <= 4 * deviation + 1) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << count << " of " << all << " where " << all * p << " are expected";
}

// Calls a strategy as a run would, by hand: alternatives are added by their description, and steps taken one by one.
class ByHand final : public Executor {
 public:
  explicit ByHand(Strategy& strategy, std::uint64_t index = 0) : strategy_(strategy) {
    strategy_.StartExecution(index);
    strategy_.Begin(*this);
  }
  ~ByHand() {
    for (AlternativeId id = 0; id < infos_.size(); ++id) {
      if (ready_[id]) Remove(id, Removal::kWithdrawn);
    }
    strategy_.End();
    strategy_.EndExecution();
  }
  ByHand(const ByHand&) = delete;
  ByHand& operator=(const ByHand&) = delete;

  AlternativeId Add(const AlternativeInfo& info) {
    infos_.push_back(info);
    ready_.push_back(false);
    Again(static_cast<AlternativeId>(infos_.size() - 1));
    return static_cast<AlternativeId>(infos_.size() - 1);
  }
  AlternativeId AddTask(std::uint32_t spawn_number, Access declared = {}) {
    return Add({.standing = {.task = MixTask(spawn_number), .operation = "Checkpoint"},
                .spawn_number = spawn_number,
                .declared = declared});
  }
  AlternativeId AddCancel() {
    return Add({.kind = AlternativeKind::kCancel, .standing = {.task = MixTask(infos_.size() + 1000)}});
  }
  void Again(AlternativeId id) {
    ready_[id] = true;
    ++alternatives_;
    strategy_.Added(id);
  }
  void Remove(AlternativeId id, Removal why) {
    HOCKET_CHECK(ready_[id]) << "alternative " << id << " cannot run";
    ready_[id] = false;
    --alternatives_;
    strategy_.Removed(id, why);
  }
  // Asks, and begins the step of what is picked.
  AlternativeId Step() {
    HOCKET_CHECK(alternatives_ >= 2) << "a run would not ask";
    const AlternativeId id = strategy_.Pick();
    HOCKET_CHECK(id < ready_.size() && ready_[id]) << "the strategy picked " << id << ", which cannot run";
    Remove(id, Removal::kPicked);
    return id;
  }

  // Begins the step of the only one that can run.
  AlternativeId StepOnlyOne() {
    HOCKET_CHECK(alternatives_ == 1) << "a run would ask";
    AlternativeId id = 0;
    while (!ready_[id]) ++id;
    Remove(id, Removal::kPicked);
    return id;
  }
  int alternatives() const { return alternatives_; }

  AlternativeInfo Describe(AlternativeId id) const noexcept override { return infos_[id]; }
  std::source_location Location(AlternativeId) const noexcept override { return {}; }
  Standing LastStep() const noexcept override { return {}; }
  std::string Path(AlternativeId) const override { return ""; }
  Time now() const noexcept override { return {}; }

 private:
  static TaskId MixTask(std::uint64_t number) { return MixSeed(7, number); }  // any name, as long as it is its own

  Strategy& strategy_;
  std::vector<AlternativeInfo> infos_;
  std::vector<bool> ready_;
  int alternatives_ = 0;
};

// What each of some tasks touches, step by step.
using Script = std::vector<std::vector<Access>>;

// One execution of a script by hand: every step declares what it touches, or (`declare` is false) reports it. The
// letters of those steps that touch `shown`, in order.
inline std::string RunScript(Strategy& strategy, std::uint64_t index, const Script& script, ObjectId shown,
                             bool declare = true) {
  ByHand run(strategy, index);
  std::vector<std::size_t> steps(script.size(), 0);
  std::string log;
  const Access unknown{.kind = AccessKind::kOpaque};
  // Handles are given out anew for each step, which costs nothing here.
  std::map<AlternativeId, std::size_t> tasks;
  const auto add = [&](std::size_t task) {
    const Access access = declare ? script[task][steps[task]] : unknown;
    tasks[run.AddTask(static_cast<std::uint32_t>(task), access)] = task;
  };
  for (std::size_t task = 0; task < script.size(); ++task) add(task);
  while (run.alternatives() > 0) {
    const std::size_t task = tasks[run.alternatives() > 1 ? run.Step() : run.StepOnlyOne()];
    const Access& access = script[task][steps[task]++];
    strategy.Touched(access);
    if (access.object == shown) log += static_cast<char>('a' + task);
    if (steps[task] < script[task].size()) add(task);
  }
  return log;
}

// As Count.
inline std::map<std::string, int> CountScript(Strategy& strategy, const Script& script, ObjectId shown, int executions,
                                              bool declare = true) {
  std::map<std::string, int> counts;
  for (std::uint64_t index = 0; index < strategy.ProfileExecutions(); ++index) {
    RunScript(strategy, index, script, shown, declare);
  }
  for (int i = 0; i < executions; ++i) {
    const std::uint64_t index = strategy.ProfileExecutions() + static_cast<std::uint64_t>(i);
    ++counts[RunScript(strategy, index, script, shown, declare)];
  }
  return counts;
}

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_STRATEGIES_SUPPORT_H_
