#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/profile.h"
#include "harness/random.h"
#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

constexpr double kFar = 4;
constexpr int kPadding = 20;
constexpr ObjectId kShown = 1;
constexpr Access kUpdate{.object = kShown, .kind = AccessKind::kUpdate};
constexpr Access kNothing{.kind = AccessKind::kYield};

// Four steps of each of two tasks touch an object, among many of one of them that touch nothing.
Script Padded() {
  Script script(2);
  for (int i = 0; i < 4; ++i) {
    script[0].push_back(kUpdate);
    script[1].insert(script[1].end(), 5, kNothing);
    script[1].push_back(kUpdate);
  }
  return script;
}
constexpr std::size_t kPaddedOrders = 70;  // 8! / 4!^2

TEST(Surw, IsUniformOverTheOrdersOfAnObjectsStepsWhateverElseThereIs) {
  EXPECT_LT(ChiSquareDeviation(CountScript(*Make("surw"), Padded(), kShown, 10'000), kPaddedOrders), kFar);
  for (const char* other : {"urw", "random", "pos"}) {
    EXPECT_GT(ChiSquareDeviation(CountScript(*Make(other), Padded(), kShown, 5'000), kPaddedOrders), 10 * kFar)
        << other;
  }
}

TEST(Surw, PredictsWhatAStepDoesNotDeclare) {
  Script script = Padded();
  for (Access& access : script[1]) {
    if (access.kind == AccessKind::kYield) access = {.object = 2, .kind = AccessKind::kRead};  // nobody else's
  }
  EXPECT_LT(ChiSquareDeviation(CountScript(*Make("surw"), script, kShown, 10'000, /*declare=*/false), kPaddedOrders),
            kFar);
}

TEST(Surw, IsUniformOverThreeTasksWithDifferentNumbersOfSteps) {
  const Script script = {{kUpdate, kUpdate, kUpdate}, {kUpdate, kUpdate}, {kNothing, kNothing, kUpdate}};
  constexpr std::size_t kOrders = 60;  // 6! / (3! 2! 1!)
  EXPECT_LT(ChiSquareDeviation(CountScript(*Make("surw"), script, kShown, 10'000), kOrders), kFar);
}

// Two objects, each of interest: each of the executions is uniform in one of them.
TEST(Surw, DrawsTheObjectByHowOftenOthersTouchIt) {
  const Access rare{.object = 2, .kind = AccessKind::kWrite};
  const Access own{.object = 3, .kind = AccessKind::kWrite};
  const Access constant{.object = 4, .kind = AccessKind::kRead};
  Profile profile;
  for (std::uint64_t index = 0; index < Profile::kExecutions; ++index) {
    profile.StartExecution(index);
    for (AlternativeId task = 0; task < 2; ++task) {
      profile.Added(task, task + 1, {});
      profile.Removed(task, Removal::kPicked);
      for (const Access& access : {kUpdate, kUpdate, rare, constant, constant}) {
        profile.Added(task, task + 1, {});
        profile.Removed(task, Removal::kPicked);
        profile.Touched(access);
        if (task == 0) profile.Touched(own);
      }
    }
    profile.End();
  }
  std::map<ObjectId, int> counts;
  Random random(5);
  for (int i = 0; i < 30'000; ++i) ++counts[profile.objects()[profile.DrawObject(random.Next())].id];
  EXPECT_TRUE(Fits(counts[kShown], 30'000, 2.0 / 3));
  EXPECT_TRUE(Fits(counts[2], 30'000, 1.0 / 3));
  EXPECT_EQ(counts.size(), 2u);  // what one task touches, or all only read, has no order of interest
}

// reorder: each setter writes two variables, which the checker reads in the other order. It sees one but not the other
// if it comes between, however much else happens.
struct Reorder {
  Task<> Set(int padding) {
    for (int i = 0; i < padding; ++i) co_await Checkpoint({.kind = AccessKind::kYield});
    first = 1;
    co_await Checkpoint({.kind = AccessKind::kYield});
    second = 1;
  }
  Task<> Check(int padding) {
    for (int i = 0; i < padding; ++i) co_await Checkpoint({.kind = AccessKind::kYield});
    const int a = first;
    co_await Checkpoint({.kind = AccessKind::kYield});
    const int b = second;
    *seen = a == 1 && b == 0;
  }
  Shared<int> first{0};
  Shared<int> second{0};
  bool* seen;
};

TEST(Surw, FindsReorderedWritesAmongManyOtherSteps) {
  bool seen = false;
  const Body body = [&]() -> Task<> {
    Reorder program;
    program.seen = &seen;
    seen = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int setter = 0; setter < 4; ++setter) nursery.StartSoon([&] { return program.Set(kPadding); });
      nursery.StartSoon([&] { return program.Check(1); });
      co_return;
    });
  };
  const auto found = [&](const char* spelling) {
    const std::unique_ptr<Strategy> strategy = Make(spelling);
    Runs runs(*strategy, body);
    int count = 0;
    for (std::uint64_t index = 4; index < 1504; ++index) {
      runs.Run(index);
      if (seen) ++count;
    }
    return count;
  };
  const int surw = found("surw");
  for (const char* other : {"urw", "random", "pos"}) EXPECT_GT(surw, 2 * found(other)) << other;
}

// Where nothing is known of objects, all steps of a drawn part of the tasks are of interest; of two tasks, both.
class SurwWithoutObjects : public ::testing::TestWithParam<AccessKind> {};

TEST_P(SurwWithoutObjects, IsUniformOverAllSteps) {
  const Script script(2, std::vector<Access>(4, {.kind = GetParam()}));
  EXPECT_LT(ChiSquareDeviation(CountScript(*Make("surw"), script, 0, 10'000), 70), kFar);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SurwWithoutObjects, ::testing::Values(AccessKind::kOpaque, AccessKind::kNone));

TEST(Surw, SelectsPartsOfManyTasks) {
  const Script script(3, std::vector<Access>(2, {.kind = AccessKind::kOpaque}));
  const std::map<std::string, int> counts = CountScript(*Make("surw"), script, 0, 10'000);
  EXPECT_EQ(counts.size(), 90u);                    // 6! / 2!^3
  EXPECT_GT(ChiSquareDeviation(counts, 90), kFar);  // other than if it always were all of them
}

}  // namespace
}  // namespace hocket::testing
