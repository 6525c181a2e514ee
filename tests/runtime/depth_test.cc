// Deep chains and large numbers: nothing recurses on the native stack, nothing grows faster than it must.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>

#include "hocket/internal/frame.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// Without optimisation and under sanitizers, g++ needs native stack for an exception that passes thousands of frames.
#if HOCKET_TRAMPOLINE
constexpr int kDepth = 1'000;
#else
constexpr int kDepth = 10'000;
#endif
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
constexpr int kScale = 1;
#else
constexpr int kScale = 10;
#endif

enum class Leaf { kReturn, kThrow, kSleep, kYieldAndReturn, kYieldAndThrow };

Task<int> Chain(int depth, Leaf leaf) {
  const Counted counted;
  if (depth > 0) co_return co_await Chain(depth - 1, leaf) + 1;
  if (leaf == Leaf::kYieldAndReturn || leaf == Leaf::kYieldAndThrow) co_await Checkpoint();
  if (leaf == Leaf::kThrow || leaf == Leaf::kYieldAndThrow) Throw("from the depth");
  if (leaf == Leaf::kSleep) co_await SleepForever();
  co_return 0;
}

TEST(Depth, Returns) {
  for (const Leaf leaf : {Leaf::kReturn, Leaf::kYieldAndReturn}) {
    EXPECT_EQ(RunVirtual([&]() -> Task<int> { return Chain(kDepth, leaf); }).value, kDepth);
    EXPECT_EQ(Counted::living, 0);
  }
}

TEST(Depth, Throws) {
  for (const Leaf leaf : {Leaf::kThrow, Leaf::kYieldAndThrow}) {
    const RunOutcome outcome = RunVirtual([&]() -> Task<int> { return Chain(kDepth, leaf); });
    EXPECT_TRUE(Says(outcome.failure, "from the depth"));
    EXPECT_EQ(Counted::living, 0);
  }
}

TEST(Depth, IsCancelled) {
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> { co_await Chain(kDepth, Leaf::kSleep); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Counted::living, 0);
  });
}

TEST(Depth, IsAbandoned) {
  const RunOutcome outcome = RunVirtual([]() -> Task<int> { return Chain(kDepth, Leaf::kSleep); });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_EQ(outcome.unfinished[0].where.size(), static_cast<std::size_t>(kDepth) + 2);
  EXPECT_EQ(Counted::living, 0);
}

TEST(Depth, IsResolvedLevelByLevel) {
  const std::function<Task<>(int)> nest = [&](int depth) -> Task<> {
    if (depth == 0) co_await SleepForever();
    const Outcome<> outcome = co_await Capture(nest(depth - 1));
    co_await Resolve(outcome);
  };
  RunVirtual([&]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> { co_await nest(kDepth); });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

Task<> NestScopes(int depth, CancelScope& outermost, int& entered) {
  ++entered;
  if (depth == 0) {
    outermost.Cancel();
    co_await Checkpoint();
    ADD_FAILURE();
  } else {
    co_await WithScope(CancelScope(), [&]() -> Task<> { co_await NestScopes(depth - 1, outermost, entered); });
  }
}

TEST(Depth, FiveThousandScopesNest) {  // S27
  int entered = 0;
  RunVirtual([&]() -> Task<> {
    CancelScope outermost;
    const ScopeExit exit =
        co_await WithScope(outermost, [&]() -> Task<> { co_await NestScopes(5'000, outermost, entered); });
    EXPECT_TRUE(exit.cancelled_caught);
  });
  EXPECT_EQ(entered, 5'001);
}

Task<> NestNurseries(int depth) {
  if (depth == 0) Throw("from the depth");
  co_await WithNursery([&](Nursery&) -> Task<> { co_await NestNurseries(depth - 1); });
}

TEST(Depth, AnErrorLeavesAThousandNurseries) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> { co_await NestNurseries(1'000); });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  Failure failure = outcome.failure;
  int depth = 0;
  for (; failure.is_group(); ++depth) failure = Failure(failure.group().members()[0]);
  EXPECT_EQ(depth, 1'000);
  EXPECT_NE(outcome.ToString().find("from the depth"), std::string::npos);
}

TEST(Numbers, AHundredThousandTasksInOneNursery) {
  constexpr int kTasks = 100'000 / kScale;
  int ran = 0;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < kTasks; ++i) {
        nursery.StartSoon([&ran]() -> Task<> {
          co_await Checkpoint();
          ++ran;
        });
      }
      co_return;
    });
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(ran, kTasks);
}

TEST(Numbers, AHundredThousandTasksAreCancelledOrAbandoned) {
  constexpr int kTasks = 100'000 / kScale;
  const auto sleepers = [](bool cancel) -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < kTasks; ++i) {
        nursery.StartSoon([](Counted) -> Task<> { co_await SleepForever(); }, Counted());
      }
      co_await Sleep(1s);
      if (cancel) nursery.cancel_scope().Cancel();
    });
  };
  EXPECT_TRUE(RunVirtual([&]() -> Task<> { return sleepers(true); }).completed());
  EXPECT_EQ(Counted::living, 0);
  EXPECT_EQ(RunVirtual([&]() -> Task<> { return sleepers(false); }).unfinished.size(),
            static_cast<std::size_t>(kTasks) + 1);
  EXPECT_EQ(Counted::living, 0);
}

TEST(Numbers, AMillionCheckpoints) {
  constexpr int kCheckpoints = 1'000'000 / kScale;
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    for (int i = 0; i < kCheckpoints; ++i) co_await Checkpoint();
  });
  EXPECT_EQ(outcome.steps, kCheckpoints + 1u);
}

TEST(Numbers, AMillionAwaitsThatDoNotSuspend) {
  constexpr int kAwaits = 1'000'000 / kScale;
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto nothing = []() -> Task<> { co_return; };
    for (int i = 0; i < kAwaits; ++i) co_await nothing();
  });
  EXPECT_EQ(outcome.steps, 1u);
}

TEST(Numbers, AHundredThousandAwaitsThatAreCancelled) {
  constexpr int kAwaits = 100'000 / kScale;
  int cancelled = 0;
  RunVirtual([&]() -> Task<> {
    const auto leave = []() -> Task<> { co_await Resolve(Outcome<>(Failure::Cancelled())); };
    for (int i = 0; i < kAwaits; ++i) {
      const Outcome<> outcome = co_await Capture(leave());
      cancelled += outcome.is_cancelled() ? 1 : 0;
    }
  });
  EXPECT_EQ(cancelled, kAwaits);
}

}  // namespace
}  // namespace hocket
