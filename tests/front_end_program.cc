// Tests that use all that a test may, in fixtures, with parameters and options; many fail on purpose. front_end_test
// runs them in processes of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "hocket/hocket.h"
#include "hocket/testing/test.h"

namespace {

using hocket::Checkpoint;
using hocket::Nursery;
using hocket::Task;

// Says which place of this program failed, without its number.
#define SAY_LINE(name) std::printf("line of " name ": %d\n", __LINE__)

// ---- Fixtures.

class Lifecycle : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::printf("suite set up\n"); }
  static void TearDownTestSuite() {
    std::printf("suite torn down: made %d, set up %d, torn down %d, destroyed %d, alive %d\n", made, set_up, torn_down,
                destroyed, made - destroyed);
  }

  Lifecycle() { ++made; }
  ~Lifecycle() override { ++destroyed; }
  void SetUp() override {
    ++set_up;
    EXPECT_EQ(set_up, torn_down + 1) << "the fixture of another execution is still there";
    ready = true;
  }
  void TearDown() override { ++torn_down; }

  // Whether this came between the two steps of the other task.
  Task<bool> Race() {
    bool inside = false;
    bool between = false;
    co_await hocket::WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        between = true;
        co_await Checkpoint();
        between = false;
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await Checkpoint();
        inside = between;
      });
      co_return;
    });
    co_return inside;
  }

  bool ready = false;

  static inline int made = 0;
  static inline int set_up = 0;
  static inline int torn_down = 0;
  static inline int destroyed = 0;
};

HOCKET_TEST_F(Lifecycle, Passes, {.executions = 9, .strategy = "random"}) {
  EXPECT_TRUE(ready);
  const bool inside = co_await Race();
  static_cast<void>(inside);
}

HOCKET_TEST_F(Lifecycle, Expectation) {
  const bool inside = co_await Race();
  EXPECT_FALSE(inside);
}

HOCKET_TEST_F(Lifecycle, Exception) {
  const bool inside = co_await Race();
  if (inside) throw std::runtime_error("inside");
}

HOCKET_TEST_F(Lifecycle, Deadlock) {
  hocket::Event never;
  const bool inside = co_await Race();
  if (inside) co_await never.Wait();
}

TEST_F(Lifecycle, PlainTestInTheSameSuite) { EXPECT_TRUE(ready); }

class BadSetUp : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(1, 2) << "in SetUp"; }
  void TearDown() override { std::printf("torn down\n"); }
};

HOCKET_TEST_F(BadSetUp, RunsNoBody) {
  std::printf("the body runs\n");
  co_return;
}

class SkippingSetUp : public testing::Test {
 protected:
  void SetUp() override { GTEST_SKIP() << "nothing to test here"; }
};

HOCKET_TEST_F(SkippingSetUp, RunsNoBody) {
  std::printf("the body runs\n");
  co_return;
}

class BadTearDown : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(1, 2) << "in TearDown"; }
};

HOCKET_TEST_F(BadTearDown, Fails) { co_return; }

// ---- Parameters.

class Parameters : public testing::TestWithParam<int> {};

HOCKET_TEST_P(Parameters, AreNotThree, {.executions = 20}) {
  co_await Checkpoint();
  EXPECT_NE(GetParam(), 3);
}

INSTANTIATE_TEST_SUITE_P(Some, Parameters, testing::Values(1, 2, 3));

// ---- Assertions.

Task<int> Asserts(int value) {
  co_await Checkpoint();
  HOCKET_ASSERT_EQ(value, 4) << "not four";
  std::printf("after the assertion\n");
  co_return value;
}

HOCKET_TEST(Assertions, EndTheTask) {
  SAY_LINE("Asserts");
  const int value = co_await Asserts(5);
  std::printf("after the task %d\n", value);
}

HOCKET_TEST(Assertions, ThatHoldGoOn) {
  const int four = co_await Asserts(4);
  HOCKET_ASSERT_TRUE(four == 4);
  HOCKET_ASSERT_FALSE(four == 5);
  HOCKET_ASSERT_NE(four, 5);
  HOCKET_ASSERT_LT(four, 5);
  HOCKET_ASSERT_LE(four, 4);
  HOCKET_ASSERT_GT(four, 3);
  HOCKET_ASSERT_GE(four, 4);
  HOCKET_ASSERT_STREQ("four", "four");
  HOCKET_ASSERT_STRNE("four", "five");
  HOCKET_ASSERT_DOUBLE_EQ(4.0, four);
  HOCKET_ASSERT_NEAR(4.0, four, 0.5);
  HOCKET_ASSERT_THAT(four, testing::Gt(3));
}

HOCKET_TEST(Assertions, AreNotHiddenByThoseWhoCatchEverything) {
  try {
    const int value = co_await Asserts(6);
    static_cast<void>(value);
  } catch (...) {
    std::printf("caught\n");
  }
}

HOCKET_TEST(Assertions, OfMatchersSayWhatTheyGot) {
  co_await Checkpoint();
  HOCKET_ASSERT_THAT(std::string("abc"), testing::HasSubstr("x"));
}

HOCKET_TEST(Assertions, FailAtOnce) {
  co_await Checkpoint();
  HOCKET_FAIL() << "on purpose";
}

TEST(Assertions, WorkInPlainRuns) {
  const hocket::RunOutcome outcome = hocket::Run([]() -> Task<> {
    const int value = co_await Asserts(7);
    static_cast<void>(value);
  });
  EXPECT_EQ(outcome.kind, hocket::RunOutcome::Kind::kFailed);
  outcome.failure.Throw();
}

// ---- Skipping.

HOCKET_TEST(Skipping, InATask) {
  co_await hocket::WithNursery([](Nursery& nursery) -> Task<> {
    nursery.StartSoon([]() -> Task<> {
      co_await Checkpoint();
      HOCKET_SKIP() << "not on this machine";
    });
    co_return;
  });
  std::printf("after the skip\n");
}

// ---- Traces.

Task<> Traced(std::string name, int value) {
  HOCKET_SCOPED_TRACE("in task " + name);
  co_await Checkpoint();
  EXPECT_NE(value, 2);
  co_await Checkpoint();
}

HOCKET_TEST(Traces, BelongToTheirTask) {
  HOCKET_SCOPED_TRACE("in the test");
  co_await hocket::WithNursery([](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Traced, "a", 1);
    nursery.StartSoon(Traced, "b", 2);
    nursery.StartSoon(Traced, "c", 3);
    co_return;
  });
}

HOCKET_TEST(Traces, EndWithTheirBlock) {
  {
    HOCKET_SCOPED_TRACE("in the block");
    co_await Checkpoint();
  }
  EXPECT_TRUE(false);
}

HOCKET_TEST(Traces, OfGoogleTestAreRightWithoutACheckpoint) {
  co_await Checkpoint();
  SCOPED_TRACE("googletest's");
  EXPECT_TRUE(false);
}

HOCKET_TEST(Traces, OfGoogleTestBelongToTheThread, {.strategy = "fifo"}) {
  co_await hocket::WithNursery([](Nursery& nursery) -> Task<> {
    nursery.StartSoon([]() -> Task<> {
      SCOPED_TRACE("of the first task");
      co_await Checkpoint();
    });
    nursery.StartSoon([]() -> Task<> {
      EXPECT_TRUE(false);
      co_return;
    });
    co_return;
  });
}

// ---- Options, and what else a test may do.

HOCKET_TEST(Options, AtTheTest, {.executions = 5, .strategy = "random", .seed = 7}) { co_await Checkpoint(); }

HOCKET_TEST(Options, OfBadStrategies, {.strategy = "randm"}) { co_return; }

HOCKET_TEST(Options, OfFaults, {.faults = false}) {
  EXPECT_FALSE(hocket::Fault("disk"));
  co_return;
}

int changed = 0;

HOCKET_TEST(Globals, AreChanged) {
  EXPECT_NE(++changed, 5);
  co_return;
}

HOCKET_TEST(Death, TestsWork, {.executions = 3}) {
  co_await Checkpoint();
  EXPECT_DEATH(std::abort(), "");
}

HOCKET_TEST(Properties, AreRecorded, {.executions = 3}) {
  co_await Checkpoint();
  testing::Test::RecordProperty("mine", "17");
}

// ---- Suspects.

Task<> Withdraw(hocket::Shared<int>& balance) {
  const int before = balance;
  co_await Checkpoint();
  balance = before - 1;
}

HOCKET_TEST(Suspects, LoseAnUpdate, {.executions = 50}) {
  hocket::Shared<int> balance(100);
  co_await hocket::WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 2; ++i) nursery.StartSoon(Withdraw, std::ref(balance));
    co_return;
  });
}

// ---- Shards.

Task<> Hop(int& hops) {
  for (int i = 0; i < 3; ++i) {
    ++hops;
    co_await Checkpoint();
  }
}

HOCKET_TEST(Shards, DivideExecutions, {.executions = 100, .strategy = "random"}) {
  int hops = 0;
  co_await hocket::WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 4; ++i) nursery.StartSoon(Hop, std::ref(hops));
    co_return;
  });
  EXPECT_EQ(hops, 12);
}

TEST(Plain, A) { std::printf("plain A runs\n"); }
TEST(Plain, B) { std::printf("plain B runs\n"); }
TEST(Plain, C) { std::printf("plain C runs\n"); }

}  // namespace
