#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

TEST(RandomWalk, TossesACoinAtEachStep) {
  std::string log;
  std::map<std::string, int> counts = Count(*Make("random"), Interleaving({6, 6}, log), log, 20'000);
  EXPECT_TRUE(Fits(counts["aaaaaabbbbbb"], 20'000, std::pow(0.5, 6)));
}

TEST(RandomWalk, IsUniformOverTheAlternatives) {
  const std::unique_ptr<Strategy> strategy = Make("random");
  std::map<std::string, int> counts;
  ByHand run(*strategy);
  for (std::uint32_t task = 0; task < 10; ++task) run.AddTask(task);
  for (int i = 0; i < 20'000; ++i) {
    const AlternativeId id = run.Step();
    run.Again(id);
    ++counts[std::to_string(id)];
  }
  EXPECT_LT(ChiSquareDeviation(counts, 10), 4);
}

}  // namespace
}  // namespace hocket::testing
