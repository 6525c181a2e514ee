#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

TEST(TrioBatch, LetsNoTaskStepTwiceWhileAnotherOneWaits) {
  std::string log;
  const std::map<std::string, int> counts = Count(*Make("trio-batch"), Interleaving({3, 3, 3}, log), log, 5000);
  for (const auto& [order, count] : counts) {
    for (std::size_t i = 0; i < order.size(); i += 3) {
      std::string batch = order.substr(i, 3);
      std::sort(batch.begin(), batch.end());
      EXPECT_EQ(batch, "abc") << order;
    }
  }
}

TEST(TrioBatch, DrawsTheOrderOfEachBatch) {
  std::string log;
  const std::map<std::string, int> counts = Count(*Make("trio-batch"), Interleaving({3, 3, 3}, log), log, 5000);
  EXPECT_LT(ChiSquareDeviation(counts, 216), 4);  // 3!^3
}

TEST(TrioBatch, LeavesWhatBecomesReadyToTheNextBatch) {
  const std::unique_ptr<Strategy> strategy = Make("trio-batch");
  for (std::uint64_t index = 0; index < 100; ++index) {
    ByHand run(*strategy, index);
    std::set<AlternativeId> batch = {run.AddTask(1), run.AddTask(2), run.AddTask(3)};
    batch.erase(run.Step());
    const AlternativeId later = run.AddTask(4);
    for (; !batch.empty(); batch.erase(batch.begin())) {
      const AlternativeId next = run.Step();
      EXPECT_NE(next, later);
      run.Again(next);  // its next step is not in the batch either
    }
  }
}

// Time passes between batches; that it passes in each of them would leave no task time for anything.
TEST(TrioBatch, LetsTimePassInHalfOfTheBatches) {
  const std::unique_ptr<Strategy> strategy = Make("trio-batch");
  int passed = 0;
  constexpr int kBatches = 4000;
  ByHand run(*strategy);
  const AlternativeId task = run.AddTask(1);
  const AlternativeId other = run.AddTask(2);
  const AlternativeId clock = run.Add({.kind = AlternativeKind::kClock, .standing = {.task = ClockId()}});
  for (int batch = 0; batch < kBatches; ++batch) {
    for (int tasks = 0; tasks < 2;) {
      const AlternativeId next = run.Step();
      run.Again(next);
      if (next == clock) ++passed;
      if (next == task || next == other) ++tasks;
    }
  }
  EXPECT_TRUE(Fits(passed, kBatches, 0.5));
}

}  // namespace
}  // namespace hocket::testing
