// Cancellations that are dropped, or answered late.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/detectors/support.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

ExploreOptions Within(std::uint64_t steps) {
  ExploreOptions options{.executions = 100, .steps_per_execution = 2000};
  options.detectors.cancellation_steps = steps;
  return options;
}

ExploreOptions Within(Duration time) {
  ExploreOptions options{.executions = 100, .steps_per_execution = 2000};
  options.detectors.cancellation_time = time;
  return options;
}

// ---- A wait_for that cannot tell its own timeout from a cancellation of its caller.

Task<> Forever() { co_await SleepForever(); }

Task<> Request() { co_await Sleep(5ms); }

Task<bool> WaitForOrSwallow(Task<> (*operation)()) {
  const Outcome<> outcome = co_await Capture(operation());
  co_return outcome.has_value();  // a cancellation is a failure like any other
}

Task<bool> WaitFor(Task<> (*operation)()) {
  const ScopeExit exit = co_await MoveOnAfter(3ms, operation);
  co_return !exit.cancelled_caught;
}

Task<> RetryUntilCancelled(Task<bool> (*wait_for)(Task<> (*)())) {
  co_await MoveOnAfter(10ms, [&]() -> Task<> {
    for (int attempt = 0; attempt < 20; ++attempt) {
      if (co_await wait_for(Request)) co_await Sleep(1ms);
    }
  });
}

TEST(DroppedCancellation, IsFoundInAWaitForThatSwallowsIt) {
  const Exploration exploration = Explore([] { return RetryUntilCancelled(WaitForOrSwallow); }, Within(8));
  ASSERT_TRUE(exploration.failure);
  const ExecutionFailure& failure = exploration.failure->failure;
  EXPECT_EQ(failure.identity.kind, "cancellation-dropped");
  EXPECT_EQ(failure.message.find("cancellation-dropped: main is still in a cancelled scope after 9 steps"), 0u)
      << failure.message;
  EXPECT_TRUE(Contains(failure.message, "the cancellation had been delivered, and the task went on"))
      << failure.message;
  EXPECT_TRUE(Contains(failure.file, "cancellation_test.cc")) << failure.file;
}

TEST(DroppedCancellation, IsNotFoundWhereItIsLetThrough) {
  EXPECT_EQ(KindFound([] { return RetryUntilCancelled(WaitFor); }, Within(8)), "none");
}

TEST(DroppedCancellation, IsNotLookedForUnasked) {
  EXPECT_EQ(KindFound([] { return RetryUntilCancelled(WaitForOrSwallow); }, {.executions = 100}), "none");
}

// The same at steps that are no cancel points: only the first one is told.
TEST(DroppedCancellation, IsFoundWhereTheTaskComesToNoOtherCancelPoint) {
  const auto body = [](bool drops) {
    return [drops]() -> Task<> {
      co_await MoveOnAfter(1ms, [&]() -> Task<> {
        const Outcome<> outcome = co_await Capture(Forever());
        if (!drops) co_await internal::LeaveAwaiter(outcome.failure());
        for (int i = 0; i < 20; ++i) co_await ShieldedCheckpoint();
      });
    };
  };
  EXPECT_EQ(KindFound(body(true), Within(8)), "cancellation-dropped");
  EXPECT_EQ(KindFound(body(false), Within(8)), "none");
}

// ---- Answers that come late.

Task<> CleanUp(int steps) {
  for (int i = 0; i < steps; ++i) co_await Checkpoint();
}

Task<> Session(int cleanup_steps) {
  co_await MoveOnAfter(1ms, [&]() -> Task<> {
    const Outcome<> outcome = co_await Capture(Forever());
    co_await Shielded([&]() -> Task<> { co_await CleanUp(cleanup_steps); });
    co_await internal::LeaveAwaiter(outcome.failure());
  });
}

TEST(LateCancellation, IsFoundInALongShieldedCleanup) {
  const std::string message = MessageFound([] { return Session(20); }, Within(8));
  EXPECT_EQ(message.find("cancellation-late: main is still in a cancelled scope after 9 steps, at Checkpoint at "), 0u)
      << message;
  EXPECT_TRUE(Contains(message, "a shield keeps the cancellation away from it")) << message;
}

TEST(LateCancellation, IsNotFoundInAShortShieldedCleanup) {
  EXPECT_EQ(KindFound([] { return Session(4); }, Within(8)), "none");
}

Task<> Spin(bool polls) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      for (int i = 0; i < 40; ++i) {
        if (polls) {
          co_await Checkpoint();
        } else {
          co_await ShieldedCheckpoint();
        }
      }
    });
    co_await Checkpoint();
    nursery.cancel_scope().Cancel();
  });
}

TEST(LateCancellation, IsFoundWhereALoopHasNoCancelPoint) {
  const std::string message = MessageFound([] { return Spin(false); }, Within(8));
  EXPECT_EQ(message.find("cancellation-late: main/0 is still in a cancelled scope after 9 steps"), 0u) << message;
  EXPECT_TRUE(Contains(message, "it has come to no cancel point")) << message;
  EXPECT_EQ(KindFound([] { return Spin(true); }, Within(8)), "none");
}

// ---- Time.

Task<> Disconnect(Duration goodbye) {
  co_await MoveOnAfter(1ms, [&]() -> Task<> {
    const Outcome<> outcome = co_await Capture(Forever());
    co_await Shielded([&]() -> Task<> { co_await Sleep(goodbye); });
    co_await internal::LeaveAwaiter(outcome.failure());
  });
}

TEST(LateCancellation, IsFoundInAShieldedWait) {
  const std::string message = MessageFound([] { return Disconnect(10s); }, Within(Duration(1s)));
  EXPECT_EQ(message.find("cancellation-late: main is still in a cancelled scope after 2 steps and 10s of waiting"), 0u)
      << message;
  EXPECT_EQ(KindFound([] { return Disconnect(100ms); }, Within(Duration(1s))), "none");
}

// Time that passes while a task could run and is not picked is the schedule's.
TEST(LateCancellation, IsNotFoundWhereTheScheduleLetsTimePass) {
  const auto body = []() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> {
        for (int i = 0; i < 5; ++i) co_await Sleep(10s);
      });
      co_await Disconnect(100ms);
    });
  };
  ExploreOptions options = Within(Duration(1s));
  options.executions = 500;
  EXPECT_EQ(KindFound(body, options), "none");
}

// ---- Scopes that follow each other, and tasks that are not in them.

TEST(LateCancellation, CountsEachScopeAnew) {
  const auto body = []() -> Task<> {
    for (int i = 0; i < 10; ++i) co_await MoveOnAfter(1ms, [] { return Forever(); });
    for (int i = 0; i < 20; ++i) co_await Checkpoint();
  };
  EXPECT_EQ(KindFound(body, Within(4)), "none");
}

}  // namespace
}  // namespace hocket::testing
