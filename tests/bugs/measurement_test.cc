#include "tests/bugs/measurement.h"

#include <gtest/gtest.h>

#include "hocket/check.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

const Program& Counter() {
  const Program* program = FindProgram("counter3");
  HOCKET_CHECK(program != nullptr) << "the gallery has counter3";
  return *program;
}

TEST(Measurement, CountsUpToAndWithTheFirstFailure) {
  const Measurement measurement =
      Measure(Counter(), [](std::uint64_t) { return testing::MakeBaseStrategy(testing::Base::kFifo); }, {.seeds = 3});
  EXPECT_EQ(measurement.found, 3u);
  EXPECT_EQ(measurement.median_executions, 1);
  EXPECT_GT(measurement.ns_per_execution, 0);
}

TEST(Measurement, CountsWhatIsNotFoundAsTheBudget) {
  const Measurement measurement =
      Measure(Counter(), testing::MakeRandomWalk, {.fixed = true, .seeds = 3, .budget = 50});
  EXPECT_EQ(measurement.found, 0u);
  EXPECT_EQ(measurement.median_executions, 50);
}

TEST(Measurement, GivesTheMedianOfItsSeeds) {
  // Under `spawn` the counter's tasks run one after the other, and pass.
  const auto fifo_or_spawn = [](std::uint64_t failing) {
    return [failing](std::uint64_t seed) {
      return testing::MakeBaseStrategy(seed <= failing ? testing::Base::kFifo : testing::Base::kSpawn);
    };
  };
  const MeasurementOptions three{.seeds = 3, .budget = 10};
  EXPECT_EQ(Measure(Counter(), fifo_or_spawn(1), three).median_executions, 10);
  EXPECT_EQ(Measure(Counter(), fifo_or_spawn(2), three).median_executions, 1);
  EXPECT_EQ(Measure(Counter(), fifo_or_spawn(2), {.seeds = 4, .budget = 10}).median_executions, 5.5);
  EXPECT_EQ(Measure(Counter(), fifo_or_spawn(2), three).found, 2u);
}

TEST(GeometricMean, MultipliesAndTakesTheRoot) {
  EXPECT_DOUBLE_EQ(GeometricMean({1, 100}), 10);
  EXPECT_DOUBLE_EQ(GeometricMean({7}), 7);
}

}  // namespace
}  // namespace hocket::bugs
