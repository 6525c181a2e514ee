// Trio's test_timeouts.py.

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "hocket/cancel_scope.h"
#include "hocket/sleep.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<> Forever() { co_await SleepForever(); }

TEST(Timeouts, SleepTakesItsTime) {  // test_timeouts.py: sleep; S79, S80
  RunUnderEveryPolicy([]() -> Task<> {
    co_await Sleep(2s);
    EXPECT_EQ(Now(), At(2s));
    co_await SleepUntil(At(5s));
    EXPECT_EQ(Now(), At(5s));
    co_await SleepUntil(At(1s));
    co_await Sleep(0s);
    EXPECT_EQ(Now(), At(5s));
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.Cancel();
      EXPECT_TRUE(co_await Unwinds([]() -> Task<> { co_await Sleep(1s); }));
      EXPECT_TRUE(co_await Unwinds([]() -> Task<> { co_await Sleep(0s); }));
      EXPECT_TRUE(co_await Unwinds([]() -> Task<> { co_await SleepUntil(At(1s)); }));
    });
    EXPECT_EQ(Now(), At(5s));
  });
}

TEST(Timeouts, MoveOnAfterMovesOn) {  // test_timeouts.py: move_on_after; S21
  RunUnderEveryPolicy([]() -> Task<> {
    ScopeExit exit = co_await MoveOnAfter(2s, [] { return Forever(); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(2s));
    exit = co_await MoveOnAt(At(3s), [] { return Forever(); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(3s));
    exit = co_await MoveOnAfter(2s, []() -> Task<> { co_await Sleep(1s); });
    EXPECT_FALSE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(4s));
    exit = co_await MoveOnAfter(0s, [] { return Forever(); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(4s));
  });
}

TEST(Timeouts, MayShieldFromOutside) {  // test_timeouts.py: context_shields_from_outer; S20
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope outer;
    CancelScope inner({.timeout = 1s, .shield = true});
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        outer.Cancel();
        EXPECT_FALSE(co_await CheckpointUnwinds());
        inner.set_shield(false);
        EXPECT_TRUE(co_await CheckpointUnwinds());
        co_await Checkpoint();
      });
      ADD_FAILURE() << "went on";
    });
    EXPECT_TRUE(outer.cancelled_caught());
    EXPECT_FALSE(inner.cancel_called());
  });
}

TEST(Timeouts, PassEvenIfShielded) {  // test_timeouts.py: move_on_after_moves_on_even_if_shielded; S14, S20
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope outer;
    CancelScope inner({.timeout = 2s, .shield = true});
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        outer.Cancel();
        co_await SleepForever();  // out of reach of the outer scope
      });
      EXPECT_EQ(Now(), At(2s));
      EXPECT_TRUE(inner.cancelled_caught());
      co_await Checkpoint();
      ADD_FAILURE() << "went on";
    });
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

TEST(Timeouts, FailAfterFails) {  // test_timeouts.py: fail; S26
  RunUnderEveryPolicy([]() -> Task<> {
    EXPECT_TRUE(co_await Throws<TooSlowError>([] { return FailAfter(2s, [] { return Forever(); }); }));
    EXPECT_EQ(Now(), At(2s));
    co_await FailAfter(100s, []() -> Task<> { co_await Sleep(1s); });
    EXPECT_EQ(Now(), At(3s));
    // Too slow, but it reaches its end: the last wait was out of reach.
    co_await FailAfter(1s, []() -> Task<> { co_await Shielded([]() -> Task<> { co_await Sleep(2s); }); });
    EXPECT_EQ(Now(), At(5s));
    // An error of the body wins.
    EXPECT_TRUE(co_await Throws<std::runtime_error>([] {
      return FailAfter(1s, []() -> Task<> {
        co_await Unwinds([] { return Forever(); });
        Throw("cleanup");
      });
    }));
    // A cancellation from further out is none of its own.
    const ScopeExit exit =
        co_await MoveOnAfter(1s, []() -> Task<> { co_await FailAfter(2s, [] { return Forever(); }); });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

TEST(Timeouts, CountFromEntry) {  // test_timeouts.py: timeout_deadline_on_entry; S23
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope scope({.timeout = 5s});
    co_await Sleep(3s);
    EXPECT_FALSE(scope.cancel_called());
    co_await WithScope(scope, [&]() -> Task<> {
      EXPECT_EQ(scope.deadline(), At(8s));
      scope.set_deadline(scope.deadline() + 1s);
      co_await SleepForever();
    });
    EXPECT_EQ(Now(), At(9s));
    EXPECT_TRUE(scope.cancelled_caught());

    CancelScope given({.timeout = 5s});  // a deadline instead, before entry
    given.set_deadline(At(20s));
    co_await WithScope(given, [] { return Forever(); });
    EXPECT_EQ(Now(), At(20s));
  });
}

// Checks where Trio raises ValueError or RuntimeError: no schedule decides about these.
using TimeoutsDeathTest = testing::Test;

TEST(TimeoutsDeathTest, MustNotBeNegative) {  // test_timeouts.py: timeouts_raise_value_error; S21
  EXPECT_DEATH(RunVirtual([]() -> Task<> { co_await Sleep(-1s); }), "cannot sleep for");
  EXPECT_DEATH(RunVirtual([]() -> Task<> { co_await MoveOnAfter(-1s, [] { return Forever(); }); }), "negative");
  EXPECT_DEATH(RunVirtual([]() -> Task<> { co_await FailAfter(-1s, [] { return Forever(); }); }), "negative");
}

TEST(TimeoutsDeathTest, HaveNoDeadlineBeforeEntry) {  // test_timeouts.py: invalid_access_unentered; S23
  EXPECT_DEATH(static_cast<void>(CancelScope({.timeout = 5s}).deadline()), "before it is entered");
}

}  // namespace
}  // namespace hocket
