#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "harness/report/counts.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {
namespace {

TEST(Counts, SeparateThousands) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(1000), "1,000");
  EXPECT_EQ(Thousands(123456), "123,456");
  EXPECT_EQ(Thousands(18446744073709551615u), "18,446,744,073,709,551,615");
  EXPECT_EQ(Count(1, "step"), "1 step");
  EXPECT_EQ(Count(0, "step"), "0 steps");
}

TEST(Counts, RoundSharesWithoutReachingTheirEnds) {
  EXPECT_EQ(Percent(0), "0 %");
  EXPECT_EQ(Percent(0.0001), "1 %");
  EXPECT_EQ(Percent(0.414), "41 %");
  EXPECT_EQ(Percent(0.9999), "99 %");
  EXPECT_EQ(Percent(1), "100 %");
  EXPECT_EQ(Percent(7), "100 %");
}

// An exploration of 98,000 executions, 2,000 of them cut.
Exploration Explored(Ended ended, std::uint64_t budget = 0) {
  Exploration exploration;
  exploration.executions = 96'000;
  exploration.cut = 2'000;
  exploration.distinct = 95'123;
  exploration.steps = 1'234'567;
  exploration.ended = ended;
  exploration.budget = budget;
  exploration.left = 5'000;
  return exploration;
}

constexpr char kCounts[] = "(96,000 executions, 95,123 distinct, 2,000 cut, 1,234,567 steps)";

TEST(Statement, OfACompleteSearchSaysThatItIsProved) {
  Exploration exploration = Explored(Ended::kExhausted);
  exploration.coverage = {.complete = true, .explored = 1, .schedules = 1334, .what = "classes"};
  EXPECT_EQ(exploration.Statement(), std::string("explored all 1,334 classes: no violation, proved ") + kCounts);
  exploration.coverage->schedules = 1;
  EXPECT_EQ(exploration.Statement(), std::string("explored the only class: no violation, proved ") + kCounts);
  exploration.coverage->what = "schedules";
  EXPECT_EQ(exploration.Statement(), std::string("explored the only schedule: no violation, proved ") + kCounts);
}

TEST(Statement, OfACompleteSearchSaysWhatItRestsOn) {
  Exploration exploration = Explored(Ended::kExhausted);
  exploration.coverage = {.complete = true,
                          .explored = 1,
                          .schedules = 1334,
                          .what = "classes",
                          .assuming = "that tasks share only primitives"};
  EXPECT_EQ(
      exploration.Statement(),
      std::string("explored all 1,334 classes: no violation, assuming that tasks share only primitives ") + kCounts);
}

TEST(Statement, OfABoundedSearchSaysTheBound) {
  Exploration exploration = Explored(Ended::kExhausted);
  exploration.coverage = {
      .complete = true, .explored = 1, .schedules = 1153, .what = "schedules with at most 2 delays"};
  EXPECT_EQ(exploration.Statement(),
            std::string("no violation with at most 2 delays (1,153 schedules), proved ") + kCounts);
  exploration.coverage->schedules = 1;
  EXPECT_EQ(exploration.Statement(), std::string("no violation with at most 2 delays (1 schedule), proved ") + kCounts);
}

TEST(Statement, OfASearchThatIsNotCompleteSaysHowFarItCame) {
  Exploration exploration = Explored(Ended::kExecutions, 98'000);
  exploration.coverage = {.explored = 0.41, .schedules = 96'000, .what = "classes"};
  EXPECT_EQ(exploration.Statement(),
            std::string("about 41 % explored when the budget of 98,000 executions ended: no violation ") + kCounts);
  exploration.coverage->what = "schedules with at most 2 delays";
  EXPECT_EQ(exploration.Statement(), std::string("about 41 % of the schedules with at most 2 delays explored when the "
                                                 "budget of 98,000 executions ended: no violation ") +
                                         kCounts);
}

TEST(Statement, OfSamplingSaysWhichBudgetEndedAndWhatIsLeft) {
  constexpr char kLeft[] = "(96,000 executions, 95,123 distinct, 2,000 cut, 1,234,567 steps; left: 5,000 executions)";
  EXPECT_EQ(Explored(Ended::kExecutions, 98'000).Statement(),
            std::string("no violation when the budget of 98,000 executions ended ") + kCounts);
  EXPECT_EQ(Explored(Ended::kSteps, 1'000'000).Statement(),
            std::string("no violation when the budget of 1,000,000 steps ended ") + kLeft);
  EXPECT_EQ(Explored(Ended::kTime, 10'000).Statement(),
            std::string("no violation when the budget of 10 s ended ") + kLeft);
  EXPECT_EQ(Explored(Ended::kTime, 1'500).Statement(),
            std::string("no violation when the budget of 1,500 ms ended ") + kLeft);
  EXPECT_EQ(Explored(Ended::kDeadline).Statement(),
            std::string("no violation when the time limit of the test came near ") + kLeft);
}

TEST(Statement, OfAFailureNamesItsExecution) {
  Exploration exploration = Explored(Ended::kFailure);
  exploration.failure.emplace();
  exploration.failure->execution = 1234;
  exploration.failure->strategy = "urw";
  EXPECT_EQ(exploration.Statement(), std::string("execution 1,234 (urw) fails ") + kCounts);
  exploration.failure->strategy = "";  // of a crash
  EXPECT_EQ(exploration.Statement(), std::string("execution 1,234 fails ") + kCounts);
}

}  // namespace
}  // namespace hocket::testing
