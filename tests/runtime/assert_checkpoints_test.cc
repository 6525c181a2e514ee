#include "hocket/assert_checkpoints.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""s;

template <class Main>
std::string FailureOf(Main main) {
  return RunVirtual(main).failure.ToString();
}

constexpr char kNoSchedulePoint[] = "hocket::MisuseError: AssertCheckpoints: the body came to no schedule point";
constexpr char kNoCancelPoint[] = "hocket::MisuseError: AssertCheckpoints: the body came to no cancel point";
constexpr char kNone[] = "no failure";

Task<> Nothing() { co_return; }
Task<> Full() { co_await Checkpoint(); }
Task<> IfCancelled() { co_await CheckpointIfCancelled(); }
Task<> Uncancellable() { co_await ShieldedCheckpoint(); }
Task<int> Seven() {
  co_await Checkpoint();
  co_return 7;
}

TEST(AssertCheckpoints, NeedsBothASchedulePointAndACancelPoint) {  // S37
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertCheckpoints(Full); }), kNone);
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertCheckpoints(Nothing); }), kNoSchedulePoint);
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertCheckpoints(IfCancelled); }), kNoSchedulePoint);
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertCheckpoints(Uncancellable); }), kNoCancelPoint);
  const auto both = []() -> Task<> {
    co_await CheckpointIfCancelled();
    co_await ShieldedCheckpoint();
  };
  EXPECT_EQ(FailureOf([&]() -> Task<> { co_await AssertCheckpoints(both); }), kNone);
}

TEST(AssertCheckpoints, GivesTheValueOfTheBody) {
  EXPECT_EQ(RunVirtual([]() -> Task<int> { co_return co_await AssertCheckpoints(Seven); }).value, 7);
}

TEST(AssertCheckpoints, PassesOnWhatTheBodyThrows) {
  const auto fails = []() -> Task<> {
    Throw("boom");
    co_return;
  };
  EXPECT_EQ(FailureOf([&]() -> Task<> { co_await AssertCheckpoints(fails); }), "std::runtime_error: boom");
  EXPECT_EQ(FailureOf([&]() -> Task<> { co_await AssertNoCheckpoints(fails); }), "std::runtime_error: boom");
}

TEST(AssertCheckpoints, PassesOnACancellation) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope scope;
    scope.Cancel();
    co_await WithScope(scope, []() -> Task<> { co_await AssertCheckpoints(Full); });
    EXPECT_TRUE(scope.cancelled_caught());
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(AssertNoCheckpoints, AllowsNeither) {  // S37
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertNoCheckpoints(Nothing); }), kNone);
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertNoCheckpoints(IfCancelled); }),
            "hocket::MisuseError: AssertNoCheckpoints: the body came to 0 schedule points and 1 cancel points");
  EXPECT_EQ(FailureOf([]() -> Task<> { co_await AssertNoCheckpoints(Uncancellable); }),
            "hocket::MisuseError: AssertNoCheckpoints: the body came to 1 schedule points and 0 cancel points");
  const auto fails = []() -> Task<> {
    co_await Checkpoint();
    Throw("boom");
  };
  EXPECT_EQ(
      FailureOf([&]() -> Task<> { co_await AssertNoCheckpoints(fails); }),
      "hocket::MisuseError: AssertNoCheckpoints: the body came to 1 schedule points and 1 cancel points, and ended "
      "with: std::runtime_error: boom");
}

TEST(AssertNoCheckpoints, DoesNotCountOtherTasks) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Full);
      co_await AssertNoCheckpoints(Nothing);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

// Each row: an operation, its schedule points, its cancel points (S37 and the table of ticks).
TEST(CheckpointCount, OfEachOperationIsThatOfTrio) {
  const auto count = [](auto body) {
    internal::CheckpointCount counted{};
    const RunOutcome outcome = RunVirtual([&]() -> Task<> {
      const internal::CheckpointCount before = internal::CountCheckpoints();
      const Outcome<> ended = co_await Capture(body());
      const internal::CheckpointCount after = internal::CountCheckpoints();
      counted = {after.schedule_points - before.schedule_points, after.cancel_points - before.cancel_points};
    });
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    return std::pair(counted.schedule_points, counted.cancel_points);
  };
  const auto cancelled = [&](auto body) {
    return count([body]() -> Task<> {
      CancelScope scope;
      scope.Cancel();
      co_await WithScope(scope, body);
    });
  };
  using Points = std::pair<std::uint32_t, std::uint32_t>;
  const auto event_wait = []() -> Task<> {
    Event event;
    event.Set();
    co_await event.Wait();
  };
  const auto sleep = [] { return [](Duration duration) -> Task<> { co_await Sleep(duration); }(1s); };
  const auto nothing_to_do = [] { return [](Duration duration) -> Task<> { co_await Sleep(duration); }(0s); };
  const auto acquire = []() -> Task<> {
    Lock lock;
    co_await lock.Acquire();
    lock.Release();
  };
  const auto receive_end = []() -> Task<> {
    std::pair<SendChannel<int>, ReceiveChannel<int>> ends = OpenChannel<int>(1);
    ends.first.Close();
    co_await ends.second.Receive();
  };
  const auto empty_nursery = [] { return WithNursery([](Nursery&) -> Task<> { co_return; }); };
  EXPECT_EQ(count(Full), Points(1, 1));
  EXPECT_EQ(cancelled(Full), Points(2, 2));
  EXPECT_EQ(count(Uncancellable), Points(1, 0));
  EXPECT_EQ(cancelled(Uncancellable), Points(1, 0));
  EXPECT_EQ(count(IfCancelled), Points(0, 1));
  EXPECT_EQ(cancelled(IfCancelled), Points(2, 2));
  EXPECT_EQ(count(event_wait), Points(1, 1));
  EXPECT_EQ(cancelled(event_wait), Points(2, 2));
  EXPECT_EQ(count(nothing_to_do), Points(1, 1));
  EXPECT_EQ(cancelled(nothing_to_do), Points(2, 2));
  EXPECT_EQ(count(sleep), Points(1, 1));
  EXPECT_EQ(cancelled(sleep), Points(1, 1));
  EXPECT_EQ(count(acquire), Points(1, 1));
  EXPECT_EQ(cancelled(acquire), Points(2, 2));
  EXPECT_EQ(count(receive_end), Points(0, 1));
  EXPECT_EQ(cancelled(receive_end), Points(2, 2));
  EXPECT_EQ(count(empty_nursery), Points(1, 0));
  EXPECT_EQ(cancelled(empty_nursery), Points(1, 0));
}

}  // namespace
}  // namespace hocket
