// Deep chains and large numbers: nothing recurses on the native stack, nothing grows faster than it must.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "hocket/internal/frame.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// Under its sanitizers, g++ needs native stack for an exception that passes thousands of frames.
#if HOCKET_TRAMPOLINE && defined(__SANITIZE_ADDRESS__)
constexpr int kThrowDepth = 1'000;
#else
constexpr int kThrowDepth = 10'000;
#endif
constexpr int kDepth = 10'000;
constexpr int kNesting = 5'000;

// AddressSanitizer takes some hundred microseconds for an exception.
#if defined(__SANITIZE_ADDRESS__)
constexpr int kExceptions = 10'000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr int kExceptions = 10'000;
#else
constexpr int kExceptions = 100'000;
#endif
#else
constexpr int kExceptions = 100'000;
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
    const RunOutcome outcome = RunVirtual([&]() -> Task<int> { return Chain(kThrowDepth, leaf); });
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
        co_await WithScope(outermost, [&]() -> Task<> { co_await NestScopes(kNesting, outermost, entered); });
    EXPECT_TRUE(exit.cancelled_caught);
  });
  EXPECT_EQ(entered, kNesting + 1);
}

enum class Ending { kReturn, kThrow, kCancelOutermost, kCancelEach, kAbandon };

// Nested scopes, each with a deadline and every other one shielded: cancelling the outermost one reaches the second.
Task<> NestDeadlines(int depth, Ending ending, CancelScope& outermost) {
  const Counted counted;
  if (depth == 0) {
    if (ending == Ending::kThrow) Throw("from the depth");
    if (ending == Ending::kCancelOutermost) outermost.Cancel();
    if (ending != Ending::kReturn) co_await SleepForever();
    co_return;
  }
  co_await WithScope(CancelScope({.timeout = ending == Ending::kCancelEach ? 1s : 24h * depth}),
                     [&](CancelScope& scope) -> Task<> {
                       co_await NestDeadlines(depth - 1, ending, outermost);
                       if (ending == Ending::kCancelEach) scope.Cancel();
                       co_await Checkpoint();
                     });
}

TEST(Depth, ScopesNestHoweverTheyEnd) {
  for (const Ending ending :
       {Ending::kReturn, Ending::kThrow, Ending::kCancelOutermost, Ending::kCancelEach, Ending::kAbandon}) {
    const int nesting = ending == Ending::kThrow ? kThrowDepth / 4 : kNesting;
    RunOptions options;
    if (ending == Ending::kAbandon) options.max_steps = 1;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          CancelScope outermost;
          co_await WithScope(outermost, [&]() -> Task<> { co_await NestDeadlines(nesting, ending, outermost); });
        },
        options);
    switch (ending) {
      case Ending::kThrow:
        EXPECT_TRUE(Says(outcome.failure, "from the depth"));
        break;
      case Ending::kAbandon:
        EXPECT_EQ(outcome.kind, RunOutcome::Kind::kStepLimit);
        break;
      default:
        EXPECT_TRUE(outcome.completed());
    }
    EXPECT_EQ(Counted::living, 0);
  }
}

TEST(Depth, AShieldAtTheBottomOfFiveThousandScopesComesAndGoes) {
  bool woken = false;
  const std::function<Task<>(int, CancelScope&)> nest = [&](int depth, CancelScope& outermost) -> Task<> {
    if (depth > 0) {
      co_await WithScope(CancelScope(), [&]() -> Task<> { co_await nest(depth - 1, outermost); });
      co_return;
    }
    const CancelScopeOptions shielded{.shield = true};
    co_await WithScope(CancelScope(shielded), [&](CancelScope& scope) -> Task<> {
      outermost.Cancel();
      co_await Sleep(1s);
      EXPECT_EQ(Now(), At(1s));
      woken = true;
      scope.set_shield(false);
      co_await SleepForever();
    });
  };
  RunVirtual([&]() -> Task<> {
    CancelScope outermost;
    co_await WithScope(outermost, [&]() -> Task<> { co_await nest(kNesting, outermost); });
    EXPECT_TRUE(outermost.cancelled_caught());
  });
  EXPECT_TRUE(woken);
}

// Nested nurseries, each with a task that sleeps.
Task<> NestNurseries(int depth, Ending ending, CancelScope& outermost) {
  const Counted counted;
  if (depth == 0) {
    if (ending == Ending::kThrow) Throw("from the depth");
    if (ending == Ending::kCancelOutermost) outermost.Cancel();
    if (ending != Ending::kReturn) co_await SleepForever();
    co_return;
  }
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&, depth]() -> Task<> {
      const Counted sleeper;
      if (ending != Ending::kReturn) co_await Sleep(24h * depth);
    });
    if (ending == Ending::kThrow) co_await Checkpoint();
    co_await NestNurseries(depth - 1, ending, outermost);
  });
}

RunOutcome RunNurseries(int nesting, Ending ending) {
  RunOptions options;
  if (ending == Ending::kAbandon) options.max_steps = 100;
  return RunVirtual(
      [&]() -> Task<> {
        CancelScope outermost;
        co_await WithScope(outermost, [&]() -> Task<> { co_await NestNurseries(nesting, ending, outermost); });
      },
      options);
}

TEST(Depth, AnErrorLeavesFiveThousandNurseries) {
  const RunOutcome outcome = RunNurseries(kNesting, Ending::kThrow);
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  Failure failure = outcome.failure;
  int depth = 0;
  for (; failure.is_group(); ++depth) {
    EXPECT_EQ(failure.group().members().size(), 1u) << "the cancelled siblings were caught level by level";
    failure = Failure(failure.group().members()[0]);
  }
  EXPECT_EQ(depth, kNesting);
  EXPECT_NE(outcome.ToString().find("from the depth"), std::string::npos);
  EXPECT_EQ(Counted::living, 0);
}

TEST(Depth, NurseriesNestHoweverElseTheyEnd) {
  EXPECT_TRUE(RunNurseries(kNesting, Ending::kReturn).completed());
  EXPECT_TRUE(RunNurseries(kNesting, Ending::kCancelOutermost).completed());
  EXPECT_EQ(RunNurseries(kNesting, Ending::kAbandon).unfinished.size(), kNesting + 1u);
  EXPECT_EQ(Counted::living, 0);
}

// ---------------------------------------------------------------- groups

// A group in a group in a group..., with an error and a cancellation at each level, and at the bottom.
Failure Nested(int depth, bool thrown) {
  const Failure error = Failure::FromException(std::make_exception_ptr(std::runtime_error("boom")));
  Failure inner = Failure::FromGroup(ExceptionGroup("bottom", {error, Failure::Cancelled()}));
  for (int i = 1; i < depth; ++i) {
    Failure outer = Failure::FromGroup(ExceptionGroup("level", {error, std::move(inner), Failure::Cancelled()}));
    inner = thrown ? Failure::FromException(outer.error()) : std::move(outer);
  }
  return inner;
}

std::pair<int, std::size_t> DepthAndLeaves(Failure failure) {
  int depth = 0;
  std::size_t leaves = 0;
  while (failure.is_group()) {
    ++depth;
    Failure next;
    for (const Failure& member : failure.group().members()) {
      if (member.is_group()) {
        next = member;
      } else {
        ++leaves;
      }
    }
    failure = next;
  }
  return {depth, leaves};
}

TEST(Depth, GroupsInGroupsArePrintedSplitAndReleased) {
  constexpr int kGroups = kExceptions / 2;
  for (const bool thrown : {false, true}) {  // the groups hold each other directly, or through exception objects
    Failure failure = Nested(kGroups, thrown);
    const std::string text = failure.ToString();
    EXPECT_LT(text.size(), 300u * kGroups) << "linear";
    EXPECT_NE(text.find("bottom"), std::string::npos);
    const ExceptionGroup group = failure.group();
    auto [cancelled, errors] = group.Split([](const Failure& leaf) { return leaf.is_cancelled(); });
    EXPECT_EQ(DepthAndLeaves(cancelled), (std::pair<int, std::size_t>(kGroups, kGroups)));
    EXPECT_EQ(DepthAndLeaves(errors), (std::pair<int, std::size_t>(kGroups, kGroups)));
    EXPECT_EQ(DepthAndLeaves(group.WithoutCancelled()), (std::pair<int, std::size_t>(kGroups, kGroups)));
    cancelled = errors = failure = Failure();
  }
}

TEST(Numbers, AGroupWithAHundredThousandMembers) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      for (int i = 0; i < kExceptions; ++i)
        nursery.StartSoon([]() -> Task<> {
          throw 1;
          co_return;
        });
      co_return;
    });
  });
  ASSERT_TRUE(outcome.failure.is_group());
  EXPECT_EQ(outcome.failure.group().members().size(), static_cast<std::size_t>(kExceptions));
  EXPECT_NE(outcome.ToString().find("\n  [" + std::to_string(kExceptions - 1) + "] int"), std::string::npos);
}

// ---------------------------------------------------------------- tasks that start tasks

// First in, first out; with a chooser, tasks know their paths.
class Fifo final : public Chooser {
 public:
  void Begin(const Executor&) noexcept override { ready_.clear(); }
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal) noexcept override {
    ready_.erase(std::find(ready_.begin(), ready_.end(), id));
  }
  AlternativeId Pick() noexcept override { return ready_.front(); }
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

 private:
  std::deque<AlternativeId> ready_;
};

// Each task starts the next, and ends or goes on to sleep; the last one sleeps.
Task<> StartNext(int left, Nursery& nursery, bool sleeps) {
  if (left > 0) nursery.StartSoon(StartNext, left - 1, std::ref(nursery), sleeps);
  if (sleeps || left == 0) co_await SleepForever();
}

TEST(Depth, EachOfTenThousandTasksStartsTheNext) {
  for (const bool sleeps : {false, true}) {
    const RunOutcome outcome = RunVirtual([&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await StartNext(kDepth, nursery, sleeps); });
    });
    EXPECT_EQ(outcome.unfinished.size(), sleeps ? kDepth + 1u : 2u);
  }
}

TEST(Depth, TheLastOfTenThousandTasksKnowsItsPath) {
  Fifo chooser;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await StartNext(kDepth, nursery, false); });
      },
      {.chooser = &chooser});
  ASSERT_EQ(outcome.unfinished.size(), 2u);
  EXPECT_EQ(outcome.unfinished[1].path.size(), std::string("main").size() + 2 * kDepth);
}

TEST(Numbers, AHundredThousandTasksInOneNursery) {
  constexpr int kTasks = 100'000;
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
  constexpr int kTasks = 100'000;
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
  constexpr int kCheckpoints = 1'000'000;
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    for (int i = 0; i < kCheckpoints; ++i) co_await Checkpoint();
  });
  EXPECT_EQ(outcome.steps, kCheckpoints + 1u);
}

TEST(Numbers, AMillionAwaitsThatDoNotSuspend) {
  constexpr int kAwaits = 1'000'000;
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto nothing = []() -> Task<> { co_return; };
    for (int i = 0; i < kAwaits; ++i) co_await nothing();
  });
  EXPECT_EQ(outcome.steps, 1u);
}

TEST(Numbers, AHundredThousandAwaitsThatAreCancelled) {
  constexpr int kAwaits = 100'000;
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

// ---------------------------------------------------------------- cancelled at once

// How many seconds of the processor `run` takes for so many items.
template <class Measured>
double Seconds(Measured run, int items) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const std::clock_t begin = std::clock();
    run(items);
    best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return best;
}

// 64 times as many items take 64 times as long, and some five times that where the few fit into the caches and the many
// do not, or the machine is busy. Were it the square, they would take 4,096 times as long.
template <class Measured>
void ExpectLinear(Measured run) {
  const double few = std::max(Seconds(run, 1'000), 1e-4);
  EXPECT_LT(Seconds(run, 64'000), 1'500 * few);
}

// All waiters of one thing are cancelled together, and each takes one step of its own to leave.
template <class Waiter>
void CancelAtOnce(int waiters, Waiter wait) {
  std::uint64_t steps = 0;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < waiters; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          const Counted counted;
          co_await wait();
          ADD_FAILURE();
        });
      }
      co_await Settle();
      EXPECT_GE(Counted::living, waiters);
      nursery.cancel_scope().Cancel();
    });
    EXPECT_EQ(Counted::living, 0);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  steps = outcome.steps;
  EXPECT_LE(steps, 2u * static_cast<std::uint64_t>(waiters) + 10);
}

TEST(Numbers, WaitersOfAnEventAreCancelledAtOnce) {
  ExpectLinear([](int waiters) {
    Event event;
    CancelAtOnce(waiters, [&] { return [](Event& e) -> Task<> { co_await e.Wait(); }(event); });
  });
}

TEST(Numbers, WaitersOfALockAreCancelledAtOnce) {
  ExpectLinear([](int waiters) {
    std::optional<Lock> lock;
    CancelAtOnce(waiters, [&]() -> Task<> {
      if (!lock) lock.emplace();
      co_await lock->Acquire();
      const LockGuard guard(*lock);  // who has got it holds it
      co_await SleepForever();
    });
  });
}

TEST(Numbers, WaitersOfASemaphoreAreCancelledAtOnce) {
  ExpectLinear([](int waiters) {
    std::optional<Semaphore> semaphore;
    CancelAtOnce(waiters, [&]() -> Task<> {
      if (!semaphore) semaphore.emplace(0);
      co_await semaphore->Acquire();
    });
  });
}

TEST(Numbers, WaitersOfALimiterAreCancelledAtOnce) {
  ExpectLinear([](int waiters) {
    std::optional<CapacityLimiter> limiter;
    CancelAtOnce(waiters, [&]() -> Task<> {
      if (!limiter) limiter.emplace(1);
      co_await limiter->Acquire();
      const AtEnd release([&] { limiter->Release(); });
      co_await SleepForever();
    });
  });
}

TEST(Numbers, WaitersOfAParkingLotAreCancelledAtOnce) {
  ExpectLinear([](int waiters) {
    std::optional<ParkingLot> lot;
    CancelAtOnce(waiters, [&]() -> Task<> {
      if (!lot) lot.emplace();
      co_await lot->Park();
    });
  });
}

TEST(Numbers, WaitersOfAChannelAreCancelledAtOnce) {
  for (const bool send : {false, true}) {
    ExpectLinear([send](int waiters) {
      std::optional<std::pair<SendChannel<int>, ReceiveChannel<int>>> channel;
      CancelAtOnce(waiters, [&]() -> Task<> {
        if (!channel) channel.emplace(OpenChannel<int>(0));
        if (send) {
          co_await channel->first.Send(1);
        } else {
          static_cast<void>(co_await channel->second.Receive());
        }
      });
    });
  }
}

TEST(Numbers, SleepersAreCancelledAtOnce) {
  ExpectLinear([](int waiters) {
    int n = 0;
    CancelAtOnce(waiters, [&]() -> Task<> { co_await Sleep(1h + 1s * (n++ * 7919 % 1000)); });
  });
}

}  // namespace
}  // namespace hocket
