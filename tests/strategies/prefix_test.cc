#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

class PrefixTest : public ::testing::Test {
 protected:
  std::map<std::string, int> CountAfter(const Schedule& schedule, std::unique_ptr<Strategy> rest) {
    return Count(*MakePrefix(schedule, std::move(rest)), body_, log_, 500);
  }

  std::string log_;
  const Body body_ = Interleaving({3, 3, 3}, log_);
};

TEST_F(PrefixTest, FollowsTheScheduleAndLeavesTheRestOpen) {
  // b first, twice, then c; from there on anything.
  const Schedule schedule{
      .deviations = {{{"main", "Nursery.Exit", 1}, "main/1"}, {{"main/1", "Checkpoint", 2}, "main/2"}}};
  std::set<std::string> rests;
  for (const auto& [log, count] : CountAfter(schedule, Make("random"))) {
    EXPECT_EQ(log.substr(0, 3), "bbc") << log;
    rests.insert(log.substr(3));
  }
  EXPECT_EQ(rests.size(), 60u);  // all of 6! / (3! 1! 2!)
}

TEST_F(PrefixTest, IsTheOtherStrategyIfTheScheduleHasNothing) {
  EXPECT_EQ(CountAfter({}, Make("random")), Count(*Make("random"), body_, log_, 500));
}

// The program has changed so much that a deviation is never met.
TEST_F(PrefixTest, StaysWithTheBaseIfTheScheduleNoLongerFits) {
  const Schedule schedule{.deviations = {{{"main/7", "Lock.Acquire", 1}, "main/2"}}};
  EXPECT_EQ(CountAfter(schedule, Make("random")), (std::map<std::string, int>{{"aaabbbccc", 500}}));
}

// So does the strategy that goes on: its profile is that of executions under the prefix.
TEST_F(PrefixTest, RunsTheExecutionsThatTheOtherStrategyLearnsFrom) {
  const Schedule schedule{.deviations = {{{"main", "Nursery.Exit", 1}, "main/1"}}};
  const std::unique_ptr<Strategy> strategy = MakePrefix(schedule, Make("urw"));
  EXPECT_EQ(strategy->ProfileExecutions(), Make("urw")->ProfileExecutions());
  const std::map<std::string, int> counts = Count(*strategy, body_, log_, 20'000);
  EXPECT_LT(ChiSquareDeviation(counts, 560), 4);  // 8! / (3! 2! 3!)
  for (const auto& [log, count] : counts) EXPECT_EQ(log[0], 'b');
}

TEST(Prefix, DrawsZeroUntilTheScheduleIsDone) {
  std::vector<std::uint32_t> drawn;
  const Body body = [&]() -> Task<> {
    drawn.clear();
    for (int i = 0; i < 6; ++i) drawn.push_back(Choose(100, "value"));
    co_return;
  };
  const Schedule schedule{.draws = {{{"main", "value", 2}, 42}, {{"main", "value", 4}, 7}}};
  const std::unique_ptr<Strategy> strategy = MakePrefix(schedule, Make("random"));
  Runs runs(*strategy, body);
  std::set<std::uint32_t> rests;
  for (std::uint64_t index = 0; index < 100; ++index) {
    runs.Run(index);
    EXPECT_EQ(std::vector<std::uint32_t>(drawn.begin(), drawn.begin() + 4), (std::vector<std::uint32_t>{0, 42, 0, 7}));
    rests.insert(drawn.begin() + 4, drawn.end());
  }
  EXPECT_GT(rests.size(), 50u);
}

}  // namespace
}  // namespace hocket::testing
