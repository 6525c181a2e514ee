// What takes long: no strategy finds anything in a fixed twin, in 100,000 executions or in all there are; and the
// default finds each bug from 20 of 21 seeds within 10,000 executions, in all regimes.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"
#include "tests/bugs/gallery.h"
#include "tests/bugs/measurement.h"

namespace hocket::bugs {
namespace {

constexpr std::uint64_t kSeeds = 21;
constexpr std::uint64_t kBudget = 10'000;
constexpr std::uint64_t kTwinExecutions = 100'000;

class Full : public ::testing::TestWithParam<Program> {};

INSTANTIATE_TEST_SUITE_P(Gallery, Full, ::testing::ValuesIn(Gallery()),
                         [](const auto& program) { return std::string(program.param.name); });

TEST_P(Full, TheDefaultFindsTheBug) {
  for (const Regime regime : {Regime::kPlain, Regime::kPadded, Regime::kNoisy}) {
    const Measurement measurement = Measure(
        GetParam(),
        [](std::uint64_t seed) { return *testing::ParseStrategy("default", {.seed = seed, .budget = kBudget}); },
        {.regime = regime, .seeds = kSeeds, .budget = kBudget});
    EXPECT_GE(measurement.found, kSeeds - 1) << ToString(regime);
  }
}

TEST_P(Full, NoStrategyFindsAnythingInTheTwin) {
  for (const std::string& strategy : testing::StrategyNames()) {
    for (const Regime regime : {Regime::kPlain, Regime::kPadded, Regime::kNoisy}) {
      testing::ExploreOptions options;
      options.executions = regime == Regime::kPlain ? kTwinExecutions : kTwinExecutions / 10;
      options.total_steps = ~std::uint64_t{0};
      options.strategy = [&](std::uint64_t seed) {
        return *testing::ParseStrategy(strategy,
                                       {.seed = seed, .memory = options.memory, .budget = options.executions});
      };
      const testing::Exploration exploration =
          testing::Explore(BodyOf(GetParam(), /*fixed=*/true, regime, /*padding=*/1), options);
      EXPECT_FALSE(exploration.failure) << strategy << ", " << ToString(regime) << ": "
                                        << exploration.failure->failure.message;
      EXPECT_FALSE(exploration.nondeterminism) << strategy << ": " << *exploration.nondeterminism;
    }
  }
}

}  // namespace
}  // namespace hocket::bugs
