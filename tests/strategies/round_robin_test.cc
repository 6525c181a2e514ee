#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

TEST(RoundRobin, GivesEachTaskOneStepInTurn) {
  std::string log;
  const std::map<std::string, int> counts = Count(*Make("round-robin"), Interleaving({4, 2, 3}, log), log, 10);
  EXPECT_EQ(counts, (std::map<std::string, int>{{"abcabcaca", 10}}));
}

// In the order of spawning: fifo would run the one that was woken after those that were ready before.
TEST(RoundRobin, LetsATaskThatIsWokenWaitForItsTurnOnly) {
  const std::unique_ptr<Strategy> strategy = Make("round-robin");
  ByHand run(*strategy);
  const AlternativeId first = run.AddTask(1);
  const AlternativeId third = run.AddTask(3);
  const AlternativeId fourth = run.AddTask(4);
  EXPECT_EQ(run.Step(), first);
  const AlternativeId second = run.AddTask(2);
  run.Again(first);
  EXPECT_EQ(run.Step(), second);
  EXPECT_EQ(run.Step(), third);
  run.Again(second);
  EXPECT_EQ(run.Step(), fourth);
  EXPECT_EQ(run.Step(), first);
}

TEST(RoundRobin, LetsTimePassOnceARound) {
  const std::unique_ptr<Strategy> strategy = Make("round-robin");
  ByHand run(*strategy);
  const AlternativeId task = run.AddTask(1);
  const AlternativeId clock =
      run.Add({.kind = AlternativeKind::kClock, .standing = {.task = ClockId()}, .spawn_number = 0xffffffff});
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(run.Step(), task);
    run.Again(task);
    EXPECT_EQ(run.Step(), clock);
    run.Again(clock);
  }
}

}  // namespace
}  // namespace hocket::testing
