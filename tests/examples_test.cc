// What the examples promise: an ordinary run passes, exploration finds the bug, and the fixed twin stands 100,000
// random schedules.
#include <gtest/gtest.h>

#include <memory>

#include "hocket/run.h"
#include "hocket/testing/strategy.h"
#include "tests/example_programs.h"

namespace hocket::testing {
namespace {

class ExamplesTest : public ::testing::TestWithParam<ExampleProgram> {};

TEST_P(ExamplesTest, AnOrdinaryRunPasses) {
  EXPECT_TRUE(hocket::Run(GetParam().buggy).completed());
  EXPECT_TRUE(hocket::Run(GetParam().buggy, {.clock = ClockKind::kVirtual}).completed());
  EXPECT_FALSE(RunStrategy(GetParam().buggy, *MakeBaseStrategy(Base::kFifo), 0).failure.has_value());
}

// With 20 seeds, so that it is not one lucky walk. At least one in 100 schedules of each program fails, so that 1,000
// executions miss the bug with a probability below 0.99^1000 < 0.00005.
TEST_P(ExamplesTest, ExplorationFindsTheBugAndShrinksIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const Exploration exploration = Explore(GetParam().buggy, {.seed = seed});
    ASSERT_TRUE(exploration.failure.has_value()) << exploration.Statement();
    EXPECT_LE(exploration.failure->schedule.deviations.size(), 2u);
    const ReplayResult replay = ReplaySchedule(GetParam().buggy, exploration.failure->schedule);
    EXPECT_EQ(replay.divergence, std::nullopt);
    EXPECT_EQ(replay.trace, exploration.failure->trace);
  }
}

TEST_P(ExamplesTest, TheFixedTwinStandsManySchedules) {
  const Exploration exploration = Explore(
      GetParam().fixed, {.executions = 100'000, .total_steps = 100'000'000, .strategy = testing::MakeRandomWalk});
  EXPECT_FALSE(exploration.failure.has_value()) << exploration.Statement();
  EXPECT_EQ(exploration.executions, 100'000u);
}

INSTANTIATE_TEST_SUITE_P(Examples, ExamplesTest, ::testing::ValuesIn(ExamplePrograms()),
                         [](const auto& example) { return example.param.name; });

}  // namespace
}  // namespace hocket::testing
