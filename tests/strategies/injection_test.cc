#include "harness/strategy/injection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

const std::vector<std::string>& Sampling() {
  static const std::vector<std::string> names = {"round-robin", "trio-batch", "random", "sticky", "swarm",
                                                 "pct",         "pos",        "urw",    "surw",   "portfolio"};
  return names;
}

// Tasks that go on for so many steps, while some scopes may be cancelled. The steps after which one was.
std::vector<int> Cancellations(Strategy& strategy, std::uint64_t index, int steps, int scopes, int tasks) {
  std::vector<int> cancelled;
  ByHand run(strategy, index);
  std::set<AlternativeId> cancels;
  for (int task = 0; task < tasks; ++task) run.AddTask(static_cast<std::uint32_t>(task));
  for (int scope = 0; scope < scopes; ++scope) cancels.insert(run.AddCancel());
  for (int step = 0; step < steps && run.alternatives() > 1;) {
    const AlternativeId id = run.Step();
    if (cancels.count(id) == 1) {
      cancelled.push_back(step);
    } else {
      ++step;
      run.Again(id);
    }
  }
  return cancelled;
}

void Learn(Strategy& strategy, int tasks) {
  for (std::uint64_t index = 0; index < strategy.ProfileExecutions(); ++index) {
    Cancellations(strategy, index, 20, 1, tasks);
  }
}

TEST(Injection, CancelsInHalfOfTheExecutions) {
  for (const std::string& name : Sampling()) {
    const std::unique_ptr<Strategy> strategy = Make(name);
    Learn(*strategy, 3);
    int with = 0;
    constexpr int kExecutions = 400;
    constexpr int kSteps = 300;
    for (int i = 0; i < kExecutions; ++i) {
      const std::uint64_t index = strategy->ProfileExecutions() + static_cast<std::uint64_t>(i);
      if (!Cancellations(*strategy, index, kSteps, 5, 3).empty()) ++with;
    }
    // The others are too short for the least eager ones.
    const double missed = (std::pow(1 - 1.0 / 128, kSteps) + std::pow(1 - 1.0 / 32, kSteps)) / 4;
    EXPECT_TRUE(Fits(with, kExecutions, 0.5 * (1 - missed))) << name;
  }
}

TEST(Injection, CancelsAFewTimesAtMost) {
  const std::unique_ptr<Strategy> strategy = Make("random");
  std::size_t most = 0;
  for (std::uint64_t index = 0; index < 300; ++index) {
    most = std::max(most, Cancellations(*strategy, index, 1000, 10, 3).size());
  }
  EXPECT_EQ(most, Injection::kMost);
}

// The first cancellation comes in the first steps and after hundreds of them.
TEST(Injection, ReachesTheBeginningAndTheEndOfExecutions) {
  const std::unique_ptr<Strategy> strategy = Make("random");
  int at_once = 0;
  int late = 0;
  for (std::uint64_t index = 0; index < 1500; ++index) {
    const std::vector<int> cancelled = Cancellations(*strategy, index, 1000, 1, 2);
    if (cancelled.empty()) continue;
    if (cancelled[0] == 0) ++at_once;
    if (cancelled[0] > 200) ++late;
  }
  EXPECT_TRUE(Fits(at_once, 1500, 0.5 * (1.0 / 2 + 1.0 / 8 + 1.0 / 32 + 1.0 / 128) / 4));
  EXPECT_GT(late, 15);
}

// Scopes that are never cancelled do not change who runs: in executions without injections, picks are those of a
// program without such scopes.
TEST(Injection, LeavesTheScheduleAlone) {
  for (const std::string& name : Sampling()) {
    const std::unique_ptr<Strategy> with = Make(name);
    const std::unique_ptr<Strategy> without = Make(name);
    Learn(*with, 3);
    Learn(*without, 3);
    for (std::uint64_t index = 4; index < 40; ++index) {
      ByHand run_with(*with, index);
      ByHand run_without(*without, index);
      for (std::uint32_t task = 0; task < 3; ++task) {
        run_with.AddTask(task);
        run_without.AddTask(task);
      }
      const AlternativeId cancel = run_with.AddCancel();
      for (int step = 0; step < 50; ++step) {
        AlternativeId id = run_with.Step();
        while (id == cancel) {
          run_with.Again(cancel);
          id = run_with.Step();
        }
        EXPECT_EQ(id, run_without.Step()) << name << ", execution " << index;
        run_with.Again(id);
        run_without.Again(id);
      }
    }
  }
}

// With one task there is nothing to pick but whether to cancel.
TEST(Injection, LetsTheOnlyTaskGoOn) {
  for (const std::string& name : Sampling()) {
    const std::unique_ptr<Strategy> strategy = Make(name);
    Learn(*strategy, 1);
    std::set<std::size_t> counts;
    for (std::uint64_t index = 4; index < 44; ++index) counts.insert(Cancellations(*strategy, index, 20, 2, 1).size());
    EXPECT_GT(counts.size(), 1u) << name;
  }
}

TEST(Injection, CancelsWhereNothingElseCanRun) {
  for (const std::string& name : Sampling()) {
    const std::unique_ptr<Strategy> strategy = Make(name);
    std::set<AlternativeId> cancelled;
    ByHand run(*strategy);
    run.AddCancel();
    run.AddCancel();
    cancelled.insert(run.Step());
    cancelled.insert(run.StepOnlyOne());
    EXPECT_EQ(cancelled.size(), 2u) << name;
  }
}

}  // namespace
}  // namespace hocket::testing
