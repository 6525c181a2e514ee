#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

// How often the log goes on with the letter before, and how often it could have.
struct Stays {
  int stayed = 0;
  int all = 0;
};

Stays StaysOf(const std::string& log, int steps) {
  Stays stays;
  std::map<char, int> left;
  for (const char letter : {'a', 'b'}) left[letter] = steps;
  for (std::size_t i = 0; i + 1 < log.size(); ++i) {
    --left[log[i]];
    if (left['a'] == 0 || left['b'] == 0) break;
    ++stays.all;
    if (log[i] == log[i + 1]) ++stays.stayed;
  }
  return stays;
}

Stays Sample(const std::string& spelling, int executions) {
  constexpr int kSteps = 40;
  std::string log;
  const std::unique_ptr<Strategy> strategy = Make(spelling);
  Runs runs(*strategy, Interleaving({kSteps, kSteps}, log));
  Stays sum;
  for (int i = 0; i < executions; ++i) {
    runs.Run(static_cast<std::uint64_t>(i));
    const Stays stays = StaysOf(log, kSteps);
    sum.stayed += stays.stayed;
    sum.all += stays.all;
  }
  return sum;
}

TEST(Sticky, NeverLeavesATaskThatCanGoOnWithProbabilityZero) {
  std::string log;
  const std::map<std::string, int> counts = Count(*Make("sticky:0"), Interleaving({5, 5}, log), log, 200);
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts.count("aaaaabbbbb"), 1u);
  EXPECT_EQ(counts.count("bbbbbaaaaa"), 1u);
}

TEST(Sticky, DrawsAmongAllWithTheGivenProbability) {
  for (const int percent : {10, 50, 100}) {
    SCOPED_TRACE(percent);
    const Stays stays = Sample("sticky:" + std::to_string(percent), 500);
    EXPECT_TRUE(Fits(stays.stayed, stays.all, 1 - percent / 200.0));
  }
}

TEST(Sticky, DrawsWithTenPercentUnlessTold) {
  const Stays stays = Sample("sticky", 500);
  EXPECT_TRUE(Fits(stays.stayed, stays.all, 0.95));
}

// Otherwise all deadlines would pass as soon as one does.
TEST(Sticky, DoesNotStayWithTheClock) {
  const std::unique_ptr<Strategy> strategy = Make("sticky:0");
  int again = 0;
  int all = 0;
  for (int i = 0; i < 2000; ++i) {
    ByHand run(*strategy, static_cast<std::uint64_t>(i));
    run.AddTask(1);
    const AlternativeId clock = run.Add({.kind = AlternativeKind::kClock, .standing = {.task = ClockId()}});
    if (run.Step() != clock) continue;
    run.Again(clock);
    ++all;
    if (run.Step() == clock) ++again;
  }
  EXPECT_TRUE(Fits(again, all, 0.5));
}

TEST(Swarm, DrawsAProbabilityForEachExecution) {
  constexpr int kSteps = 200;
  std::string log;
  const std::unique_ptr<Strategy> strategy = Make("swarm");
  Runs runs(*strategy, Interleaving({kSteps, kSteps}, log));
  int rarely = 0;
  int often = 0;
  constexpr int kExecutions = 300;
  for (int i = 0; i < kExecutions; ++i) {
    runs.Run(static_cast<std::uint64_t>(i));
    const Stays stays = StaysOf(log, kSteps);
    const double switches = 1 - static_cast<double>(stays.stayed) / stays.all;
    if (switches < 0.04) ++rarely;  // half of 2 or 5 percent
    if (switches > 0.35) ++often;   // half of 100 percent
  }
  EXPECT_GT(rarely, kExecutions / 6);
  EXPECT_LT(rarely, kExecutions / 2);
  EXPECT_TRUE(Fits(often, kExecutions, 1.0 / 6));
}

}  // namespace
}  // namespace hocket::testing
