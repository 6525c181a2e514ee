#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/profile.h"
#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

// Tasks that share a lock, a channel and time, start others, and draw values, so that strategies have something to
// remember.
Task<> Busy() {
  Lock lock;
  Shared<int> counter(0);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 3; ++task) {
      nursery.StartSoon([&, task]() -> Task<> {
        for (int i = 0; i <= task; ++i) {
          co_await lock.Acquire();
          const LockGuard guard(lock);
          counter += static_cast<int>(Choose(3, "add"));
          co_await Checkpoint();
        }
        if (counter > 2) {
          nursery.StartSoon([&]() -> Task<> {
            co_await Sleep(std::chrono::milliseconds(counter));
            counter += 1;
          });
        }
      });
    }
    co_return;
  });
}

using Decisions = std::pair<std::vector<AlternativeId>, std::vector<std::uint32_t>>;

std::map<std::uint64_t, Decisions> RunAll(const std::string& spelling, std::vector<std::uint64_t> indexes) {
  const std::unique_ptr<Strategy> strategy = Make(spelling);
  Runs runs(*strategy, Busy);
  std::map<std::uint64_t, Decisions> decisions;
  for (const std::uint64_t index : indexes) {
    const Record& record = runs.Run(index);
    EXPECT_FALSE(record.failure) << record.failure->message;
    decisions[index] = {record.picks, record.draws};
  }
  return decisions;
}

class Purity : public ::testing::TestWithParam<std::string> {};

// Executions are spread over processes: whatever came before, an execution is the same.
TEST_P(Purity, EachExecutionAfterTheProfileDependsOnItsIndexAlone) {
  const std::uint64_t first = Make(GetParam())->ProfileExecutions();
  std::vector<std::uint64_t> indexes;
  for (std::uint64_t index = first; index < first + 60; ++index) indexes.push_back(index);
  const std::map<std::uint64_t, Decisions> in_order = RunAll(GetParam(), indexes);
  std::reverse(indexes.begin(), indexes.end());
  EXPECT_EQ(RunAll(GetParam(), indexes), in_order);
  std::map<std::uint64_t, Decisions> alone;
  for (const std::uint64_t index : {first, first + 1, first + 2, first + 59}) {
    EXPECT_EQ(RunAll(GetParam(), {index})[index], in_order.at(index)) << index;
  }
}

// And of its seed: other seeds give other executions, but for the strategies that draw nothing but values.
TEST_P(Purity, SeedsDiffer) {
  const std::unique_ptr<Strategy> one = Make(GetParam(), 1);
  const std::unique_ptr<Strategy> two = Make(GetParam(), 2);
  if (one->Name() == "stay" || one->Name() == "fifo" || one->Name() == "spawn") return;
  Runs runs_one(*one, Busy);
  Runs runs_two(*two, Busy);
  int equal = 0;
  for (std::uint64_t index = 4; index < 24; ++index) {
    const Record& record = runs_one.Run(index);
    const Decisions decisions = {record.picks, record.draws};
    const Record& other = runs_two.Run(index);
    if (decisions == Decisions(other.picks, other.draws)) ++equal;
  }
  EXPECT_LT(equal, 10);
}

INSTANTIATE_TEST_SUITE_P(Strategies, Purity, ::testing::ValuesIn(SamplingStrategyNames()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Portfolio, AsksItsMembersInTurn) {
  const std::unique_ptr<Strategy> strategy = Make("portfolio");
  Runs runs(*strategy, Busy);
  for (std::uint64_t index = 0; index < strategy->ProfileExecutions(); ++index) {
    runs.Run(index);
    EXPECT_EQ(strategy->Name(), "random walk");
  }
  const std::vector<std::string> names = {"urw", "surw", "swarm"};
  for (std::uint64_t index = strategy->ProfileExecutions(); index < 20; ++index) {
    runs.Run(index);
    EXPECT_EQ(strategy->Name(), names[index % 3]);
  }
}

TEST(PortfolioDeathTest, MustNotSkipTheExecutionsThatItLearnsFrom) {
  const std::unique_ptr<Strategy> strategy = Make("portfolio");
  EXPECT_DEATH(strategy->StartExecution(5), "execution 5 was started after 0");
}

}  // namespace
}  // namespace hocket::testing
