#include "hocket/semaphore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;

Task<> Take(Semaphore& semaphore, Log& log, std::string name) {
  co_await semaphore.Acquire();
  log.push_back(name);
}

// Runs `body` in a nursery, with a semaphore and a log that outlive its tasks.
template <class Body>
void WithSemaphore(std::size_t initial, const RunOptions& options, Body body) {
  Log log;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        Semaphore semaphore(initial);
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await body(nursery, semaphore, log); });
        EXPECT_EQ(semaphore.waiting(), 0u);
      },
      options);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(Semaphore, CountsItsTokens) {  // S69
  WithSemaphore(2, {}, [](Nursery&, Semaphore& semaphore, Log&) -> Task<> {
    EXPECT_EQ(semaphore.value(), 2u);
    co_await semaphore.Acquire();
    semaphore.AcquireNow();
    EXPECT_EQ(semaphore.value(), 0u);
    EXPECT_THROW(semaphore.AcquireNow(), WouldBlock);
    EXPECT_EQ(semaphore.value(), 0u);
    semaphore.Release();
    semaphore.Release();
    semaphore.Release();
    EXPECT_EQ(semaphore.value(), 3u) << "without a maximum";
  });
}

TEST(Semaphore, LimitsHowManyAreInside) {
  UnderEveryPolicy([](const RunOptions& options) {
    int inside = 0;
    int most = 0;
    int done = 0;
    WithSemaphore(2, options, [&](Nursery& nursery, Semaphore& semaphore, Log&) -> Task<> {
      for (int i = 0; i < 6; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          co_await semaphore.Acquire();
          most = std::max(most, ++inside);
          EXPECT_LE(inside, 2);
          co_await Sleep(1s);
          --inside;
          semaphore.Release();
          ++done;
        });
      }
      co_return;
    });
    EXPECT_EQ(most, 2);
    EXPECT_EQ(done, 6);
  });
}

TEST(Semaphore, AnybodyMayRelease) {  // S69
  WithSemaphore(0, {}, [](Nursery& nursery, Semaphore& semaphore, Log& log) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      co_await Sleep(1s);
      semaphore.Release();
    });
    co_await Take(semaphore, log, "body");
    EXPECT_EQ(Now(), At(1s));
  });
}

TEST(Semaphore, ATokenGoesToTheFirstWaiterBeforeThatOneRuns) {  // S69
  UnderEveryPolicy([](const RunOptions& options) {
    WithSemaphore(0, options, [](Nursery& nursery, Semaphore& semaphore, Log& log) -> Task<> {
      for (const char* name : {"a", "b", "c"}) {
        nursery.StartSoon(Take, std::ref(semaphore), std::ref(log), name);
        co_await Sleep(1s);
      }
      EXPECT_EQ(semaphore.waiting(), 3u);
      semaphore.Release();
      EXPECT_EQ(semaphore.waiting(), 2u);
      EXPECT_EQ(semaphore.value(), 0u);
      EXPECT_THROW(semaphore.AcquireNow(), WouldBlock) << "no overtaking";
      EXPECT_TRUE(log.empty());
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"a"});
      semaphore.Release();
      co_await Sleep(1s);
      EXPECT_EQ(log, (Log{"a", "b"}));
      nursery.StartSoon(Take, std::ref(semaphore), std::ref(log), "d");
      co_await Sleep(1s);
      for (int i = 0; i < 3; ++i) semaphore.Release();
      EXPECT_EQ(semaphore.value(), 1u);
      EXPECT_EQ(semaphore.waiting(), 0u);
      co_await Sleep(1s);
      EXPECT_EQ(log.size(), 4u);
    });
  });
}

TEST(Semaphore, HasAtMostItsMaximum) {  // S69
  RunVirtual([]() -> Task<> {
    Semaphore semaphore(1, 2);
    semaphore.Release();
    EXPECT_THROW(semaphore.Release(), MisuseError);
    EXPECT_EQ(semaphore.value(), 2u);
    Log log;
    co_await semaphore.Acquire();
    co_await semaphore.Acquire();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Take, std::ref(semaphore), std::ref(log), "waiter");
      co_await Checkpoint();
      semaphore.Release();
      semaphore.Release();
      semaphore.Release();
      EXPECT_EQ(semaphore.value(), 2u);
      EXPECT_THROW(semaphore.Release(), MisuseError);
    });
    EXPECT_EQ(log, Log{"waiter"});
  });
}

TEST(SemaphoreDeathTest, DoesNotBeginWithMoreThanItsMaximum) {
  const Semaphore full(2, 2);
  EXPECT_EQ(full.value(), 2u);
  EXPECT_DEATH(Semaphore(3, 2), "begins with 3 tokens, more than its maximum");
}

TEST(Semaphore, TakesAFreeTokenAtOnceAndYields) {  // S34, S71
  WithSemaphore(1, {}, [](Nursery& nursery, Semaphore& semaphore, Log& log) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      log.push_back("other sees " + std::to_string(semaphore.value()));
      co_return;
    });
    co_await semaphore.Acquire();
    EXPECT_EQ(log, Log{"other sees 0"});
  });
}

// ---------------------------------------------------------------- cancellation

TEST(Semaphore, AcquiringWhenCancelledAlreadyHasNoEffect) {  // S34, S71
  WithSemaphore(1, {}, [](Nursery&, Semaphore& semaphore, Log& log) -> Task<> {
    CancelScope scope;
    scope.Cancel();
    const ScopeExit exit = co_await WithScope(scope, [&] { return Take(semaphore, log, "taken"); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_TRUE(log.empty());
    EXPECT_EQ(semaphore.value(), 1u);
  });
}

TEST(Semaphore, AnAcquireThatHasSucceededIsNotCancelled) {  // S34
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithSemaphore(1, options, [&](Nursery& nursery, Semaphore& semaphore, Log&) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        nursery.cancel_scope().Cancel();
        co_return;
      });
      co_await Take(semaphore, log, "taken");
    });
    EXPECT_EQ(log, Log{"taken"});
  });
}

TEST(Semaphore, ACancelledWaiterIsPassedOver) {
  UnderEveryPolicy([](const RunOptions& options) {
    WithSemaphore(0, options, [](Nursery& nursery, Semaphore& semaphore, Log& log) -> Task<> {
      CancelScope scope;
      nursery.StartSoon(
          [&]() -> Task<> { co_await WithScope(scope, [&]() -> Task<> { co_await Take(semaphore, log, "first"); }); });
      co_await Sleep(1s);
      nursery.StartSoon(Take, std::ref(semaphore), std::ref(log), "second");
      co_await Sleep(1s);
      scope.Cancel();
      EXPECT_EQ(semaphore.waiting(), 1u);
      semaphore.Release();
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"second"});
    });
  });
}

TEST(Semaphore, AWaiterThatHasItsTokenAlreadyIsNotCancelled) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithSemaphore(0, options, [&](Nursery& nursery, Semaphore& semaphore, Log&) -> Task<> {
      nursery.StartSoon(Take, std::ref(semaphore), std::ref(log), "waiter");
      co_await Sleep(1s);
      semaphore.Release();
      nursery.cancel_scope().Cancel();
    });
    EXPECT_EQ(log, Log{"waiter"});
  });
}

TEST(Semaphore, LosesNoTokenToCancellations) {
  UnderEveryPolicy(
      [](const RunOptions& options) {
        WithSemaphore(2, options, [&](Nursery&, Semaphore& semaphore, Log&) -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 8; ++i) {
              CancelScope scope;
              nursery.StartSoon([&, scope]() -> Task<> {
                co_await WithScope(scope, [&]() -> Task<> {
                  co_await semaphore.Acquire();
                  const AtEnd release([&] { semaphore.Release(); });
                  co_await Checkpoint();
                });
              });
              nursery.StartSoon([scope]() mutable -> Task<> {
                co_await Checkpoint();
                co_await Checkpoint();
                scope.Cancel();
              });
            }
            co_return;
          });
          EXPECT_EQ(semaphore.value(), 2u);
        });
      },
      100);
}

TEST(Semaphore, AcquiresIfAShieldTakesTheCancellationBack) {  // S32
  for (const bool free : {false, true}) {
    WithSemaphore(1, {}, [&](Nursery& nursery, Semaphore& semaphore, Log& log) -> Task<> {
      CancelScope outer, inner;
      nursery.StartSoon([&, outer, inner]() mutable -> Task<> {
        co_await WithScope(outer, [&]() -> Task<> {
          co_await WithScope(inner, [&]() -> Task<> {
            outer.Cancel();
            co_await Take(semaphore, log, "taken");
          });
        });
      });
      co_await Checkpoint();
      co_await Checkpoint();
      inner.set_shield(true);
      if (!free) semaphore.AcquireNow();
      co_await Sleep(1s);
      EXPECT_EQ(log.size(), free ? 1u : 0u);
      EXPECT_EQ(semaphore.value(), 0u);
      semaphore.Release();
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"taken"});
    });
  }
}

// ---------------------------------------------------------------- runs that are given up

TEST(Semaphore, MayBeReleasedByDestructorsWhileTheRunIsGivenUp) {
  for (std::uint64_t limit = 0; limit < 12; ++limit) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          Semaphore semaphore(2, 2);
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 5; ++i) {
              nursery.StartSoon([&]() -> Task<> {
                co_await semaphore.Acquire();
                const AtEnd guard([&] { semaphore.Release(); });
                co_await SleepForever();
              });
            }
            co_await SleepForever();
          });
        },
        {.max_steps = limit});
    EXPECT_FALSE(outcome.completed());
  }
}

TEST(Semaphore, MayOutliveARunThatWasGivenUp) {
  Semaphore semaphore(0);
  Log log;
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await Take(semaphore, log, "never"); }).kind, Kind::kDeadlock);
  EXPECT_EQ(semaphore.waiting(), 0u);
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    semaphore.Release();
    EXPECT_EQ(semaphore.value(), 1u) << "nobody waits any more";
    co_await Take(semaphore, log, "again");
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, Log{"again"});
}

TEST(Semaphore, WaitersOfADestroyedOneStayAsleep) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    auto semaphore = std::make_unique<Semaphore>(0);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await semaphore->Acquire(); });
      co_await Checkpoint();
      semaphore.reset();
    });
  });
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
}

}  // namespace
}  // namespace hocket
