// The default strategy: a ladder of searches, and the portfolio between its rungs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {
namespace {

Body Tasks(int tasks, int steps) {
  return [tasks, steps]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int task = 0; task < tasks; ++task) {
        nursery.StartSoon([steps]() -> Task<> {
          for (int step = 0; step < steps; ++step) co_await Checkpoint();
        });
      }
      co_return;
    });
  };
}

// How many, when nothing is known of memory, as without --config=observe: then the sizes below are what can be counted.
ExploreOptions Executions(std::uint64_t executions) {
  ExploreOptions options;
  options.executions = executions;
  options.memory = PlainMemory::kUnknown;
  return options;
}

// Who decided in each execution.
std::vector<std::string> Names(const Body& body, std::uint64_t executions) {
  std::vector<std::string> names;
  ExploreOptions options = Executions(executions);
  options.before_execution = [&](std::uint64_t, const Strategy& strategy) { names.push_back(strategy.Name()); };
  EXPECT_FALSE(Explore(body, options).failure);
  return names;
}

TEST(Default, ClimbsInOneExecutionOfFour) {
  const std::vector<std::string> names = Names(Tasks(4, 6), 400);
  ASSERT_EQ(names.size(), 400u);
  const auto samples = [](const std::string& name) {
    return name == "random walk" || name == "urw" || name == "surw" || name.rfind("swarm", 0) == 0;
  };
  for (std::size_t index = 0; index < names.size(); ++index) {
    EXPECT_EQ(samples(names[index]), index % 4 != 0) << index << ": " << names[index];
  }
  EXPECT_EQ(names[0], "stay");
  EXPECT_EQ(names[4], "fifo");
  EXPECT_EQ(names[8], "delay bound 1");
}

TEST(Default, LeavesTheLadderWhenTheRestDoesNotFit) {
  // 24! / (6!)^4 schedules.
  const std::vector<std::string> names = Names(Tasks(4, 6), 6'000);
  EXPECT_NE(std::find(names.begin(), names.end(), "delay bound 2"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "exhaustive"), names.end());
  for (std::size_t index = names.size() - 100; index < names.size(); ++index) {
    EXPECT_NE(names[index], "exhaustive") << index;
    EXPECT_NE(names[index], "delay bound 2") << index;
  }
}

TEST(Default, EndsWhenNothingIsLeft) {
  const Exploration exploration = Explore(Tasks(2, 2), Executions(10'000));
  EXPECT_EQ(exploration.ended, Ended::kExhausted);
  EXPECT_LT(exploration.executions, 1'000u);
  EXPECT_NE(exploration.Statement().find("explored all 20 schedules: no violation, proved"), std::string::npos)
      << exploration.Statement();
}

TEST(Default, SaysWhichDelaysItHasTried) {
  const Exploration exploration = Explore(Tasks(4, 6), Executions(3'000));
  EXPECT_NE(exploration.Statement().find("no violation with at most 2 delays ("), std::string::npos)
      << exploration.Statement();
}

}  // namespace
}  // namespace hocket::testing
