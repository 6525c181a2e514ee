#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

// Chi-square of a uniform sample is below this with a probability of 0.9999. The seeds are fixed: what passes once
// passes always.
constexpr double kFar = 4;

TEST(Urw, IsUniformOverTheInterleavingsOfTwoTasksWithEightSteps) {
  std::string log;
  const Body body = Interleaving({8, 8}, log);
  constexpr std::size_t kInterleavings = 12'870;  // 16! / 8!^2
  constexpr int kExecutions = 5 * static_cast<int>(kInterleavings);
  const std::map<std::string, int> counts = Count(*Make("urw"), body, log, kExecutions);
  EXPECT_LT(ChiSquareDeviation(counts, kInterleavings), kFar);
  EXPECT_GT(ChiSquareDeviation(Count(*Make("random"), body, log, kExecutions / 5), kInterleavings), 10 * kFar);
}

TEST(Urw, IsUniformOverTheInterleavingsOfThreeTasksWithThreeSteps) {
  std::string log;
  const Body body = Interleaving({3, 3, 3}, log);
  constexpr std::size_t kInterleavings = 1680;  // 9! / 3!^3
  constexpr int kExecutions = 10 * static_cast<int>(kInterleavings);
  const std::map<std::string, int> counts = Count(*Make("urw"), body, log, kExecutions);
  EXPECT_LT(ChiSquareDeviation(counts, kInterleavings), kFar);
  EXPECT_GT(ChiSquareDeviation(Count(*Make("random"), body, log, kExecutions / 5), kInterleavings), 10 * kFar);
}

// The steps of a task that has yet to be started count as its parent's.
TEST(Urw, IsUniformWhereATaskStartsAnother) {
  std::string log;
  const auto walk = [&](char letter, int steps) -> Task<> {
    for (int i = 0; i < steps; ++i) {
      if (i > 0) co_await Checkpoint();
      log += letter;
    }
  };
  const Body body = [&]() -> Task<> {
    log.clear();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await walk('p', 2);
        nursery.StartSoon([&] { return walk('c', 4); });
      });
      nursery.StartSoon([&] { return walk('b', 4); });
      co_return;
    });
  };
  constexpr std::size_t kInterleavings = 210;  // 10! / (6! 4!)
  EXPECT_LT(ChiSquareDeviation(Count(*Make("urw"), body, log, 40'000), kInterleavings), kFar);
}

// The clock is as likely to come next as a task with as many steps as time passes in the profile, not as any other
// task.
TEST(Urw, LeavesTheClockBehindWhereThereIsMuchElseToDo) {
  bool late = false;
  const Body body = [&]() -> Task<> {
    bool timed_out = false;
    late = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await Sleep(std::chrono::seconds(1));
        timed_out = true;
      });
      for (int task = 0; task < 2; ++task) {
        nursery.StartSoon([&]() -> Task<> {
          for (int step = 0; step < 10; ++step) co_await Checkpoint();
          late |= !timed_out;
        });
      }
      co_return;
    });
  };
  const auto share = [&](const char* spelling) {
    const std::unique_ptr<Strategy> strategy = Make(spelling);
    Runs runs(*strategy, body);
    int count = 0;
    for (std::uint64_t index = 4; index < 1004; ++index) {
      runs.Run(index);
      if (late) ++count;
    }
    return count;
  };
  EXPECT_LT(share("random"), 50);  // somebody takes ten steps before the clock takes one
  EXPECT_GT(share("urw"), 100);
}

}  // namespace
}  // namespace hocket::testing
