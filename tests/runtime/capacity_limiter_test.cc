#include "hocket/capacity_limiter.h"

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

Task<> Acquire(CapacityLimiter& limiter) { co_await limiter.Acquire(); }
Task<> AcquireFor(CapacityLimiter& limiter, std::uint64_t borrower) { co_await limiter.AcquireOnBehalfOf(borrower); }

// Holds a token until `release` says so.
Task<> Hold(CapacityLimiter& limiter, Log& log, std::string name, Event& release) {
  co_await limiter.Acquire();
  log.push_back(name);
  co_await release.Wait();
  limiter.Release();
}

// Whether `outcome` is a MisuseError.
bool IsMisuse(const Outcome<>& outcome) {
  try {
    if (outcome.has_error()) outcome.failure().Throw();
  } catch (const MisuseError&) {
    return true;
  } catch (...) {
  }
  return false;
}

// Runs `body` in a nursery, with a limiter, a log and an event that outlive its tasks.
template <class Body>
RunOutcome WithLimiter(std::size_t total, const RunOptions& options, Body body) {
  Log log;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        CapacityLimiter limiter(total);
        Event release;
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await body(nursery, limiter, log, release); });
        EXPECT_EQ(limiter.waiting(), 0u);
      },
      options);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  return outcome;
}

TEST(CapacityLimiter, LimitsHowManyAreInside) {
  UnderEveryPolicy([](const RunOptions& options) {
    int inside = 0;
    int most = 0;
    int done = 0;
    WithLimiter(2, options, [&](Nursery& nursery, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
      for (int i = 0; i < 6; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          co_await limiter.Acquire();
          most = std::max(most, ++inside);
          EXPECT_LE(inside, 2);
          co_await Sleep(1s);
          --inside;
          limiter.Release();
          ++done;
        });
      }
      co_return;
    });
    EXPECT_EQ(most, 2);
    EXPECT_EQ(done, 6);
  });
}

TEST(CapacityLimiter, GivesABorrowerOneToken) {  // S70
  const RunOutcome outcome = WithLimiter(5, {}, [](Nursery&, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
    limiter.AcquireNow();
    EXPECT_THROW(limiter.AcquireNow(), MisuseError);
    const Outcome<> own = co_await Capture(Acquire(limiter));
    EXPECT_TRUE(IsMisuse(own));
    EXPECT_EQ(limiter.borrowed(), 1u);
    limiter.AcquireOnBehalfOfNow(7);
    EXPECT_THROW(limiter.AcquireOnBehalfOfNow(7), MisuseError);
    const Outcome<> others = co_await Capture(AcquireFor(limiter, 7));
    EXPECT_TRUE(IsMisuse(others));
    limiter.AcquireOnBehalfOfNow(8);
    EXPECT_EQ(limiter.borrowed(), 3u);
    limiter.ReleaseOnBehalfOf(7);
    limiter.AcquireOnBehalfOfNow(7);
    limiter.Release();
    limiter.AcquireNow();
  });
  EXPECT_EQ(outcome.steps, 2u) << "an error is not a schedule point; leaving the nursery is the second step";  // S35
}

TEST(CapacityLimiter, TakesBackOnlyWhatItGave) {  // S70
  WithLimiter(2, {}, [](Nursery& nursery, CapacityLimiter& limiter, Log& log, Event&) -> Task<> {
    EXPECT_THROW(limiter.Release(), MisuseError);
    EXPECT_THROW(limiter.ReleaseOnBehalfOf(7), MisuseError);
    co_await limiter.Acquire();
    nursery.StartSoon([&]() -> Task<> {
      EXPECT_THROW(limiter.Release(), MisuseError) << "the token is another task's";
      log.push_back("tried");
      co_return;
    });
    co_await Checkpoint();
    EXPECT_EQ(log, Log{"tried"});
    limiter.Release();
    EXPECT_THROW(limiter.Release(), MisuseError);
    EXPECT_EQ(limiter.borrowed(), 0u);
  });
}

TEST(CapacityLimiter, TasksAreNotNumbers) {
  WithLimiter(2, {}, [](Nursery&, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
    co_await limiter.Acquire();
    co_await limiter.AcquireOnBehalfOf(CurrentTask().id());
    EXPECT_EQ(limiter.borrowed(), 2u);
  });
}

TEST(CapacityLimiter, AnybodyMayReleaseOnBehalfOfABorrower) {  // S70
  WithLimiter(1, {}, [](Nursery& nursery, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
    co_await limiter.AcquireOnBehalfOf(1);
    nursery.StartSoon([&]() -> Task<> {
      co_await Sleep(1s);
      limiter.ReleaseOnBehalfOf(1);
    });
    co_await limiter.AcquireOnBehalfOf(2);
    EXPECT_EQ(Now(), At(1s));
    EXPECT_EQ(limiter.borrowed(), 1u);
    EXPECT_THROW(limiter.ReleaseOnBehalfOf(1), MisuseError);
    limiter.ReleaseOnBehalfOf(2);
  });
}

TEST(CapacityLimiter, ATokenGoesToTheFirstWaiterBeforeThatOneRuns) {  // S70
  UnderEveryPolicy([](const RunOptions& options) {
    WithLimiter(1, options, [](Nursery& nursery, CapacityLimiter& limiter, Log& log, Event& release) -> Task<> {
      co_await limiter.Acquire();
      for (const char* name : {"a", "b", "c"}) {
        nursery.StartSoon(Hold, std::ref(limiter), std::ref(log), name, std::ref(release));
        co_await Sleep(1s);
      }
      EXPECT_EQ(limiter.waiting(), 3u);
      EXPECT_EQ(limiter.borrowed(), 1u);
      limiter.Release();
      EXPECT_EQ(limiter.borrowed(), 1u) << "it has changed hands";
      EXPECT_EQ(limiter.waiting(), 2u);
      EXPECT_THROW(limiter.AcquireNow(), WouldBlock) << "no overtaking";
      EXPECT_TRUE(log.empty());
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"a"});
      release.Set();
      co_await Sleep(1s);
      EXPECT_EQ(log, (Log{"a", "b", "c"}));
      EXPECT_EQ(limiter.borrowed(), 0u);
    });
  });
}

TEST(CapacityLimiter, TakesAFreeTokenAtOnceAndYields) {  // S34, S71
  WithLimiter(1, {}, [](Nursery& nursery, CapacityLimiter& limiter, Log& log, Event&) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      log.push_back("other sees " + std::to_string(limiter.borrowed()));
      co_return;
    });
    co_await limiter.Acquire();
    EXPECT_EQ(log, Log{"other sees 1"});
  });
}

// ---------------------------------------------------------------- the total

TEST(CapacityLimiter, RaisingTheTotalServesWaitersAtOnce) {  // S70
  UnderEveryPolicy([](const RunOptions& options) {
    WithLimiter(0, options, [](Nursery& nursery, CapacityLimiter& limiter, Log& log, Event& release) -> Task<> {
      EXPECT_THROW(limiter.AcquireNow(), WouldBlock);
      for (const char* name : {"a", "b", "c", "d"}) {
        nursery.StartSoon(Hold, std::ref(limiter), std::ref(log), name, std::ref(release));
        co_await Sleep(1s);
      }
      limiter.set_total(1);
      EXPECT_EQ(limiter.borrowed(), 1u);
      EXPECT_EQ(limiter.waiting(), 3u);
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"a"});
      limiter.set_total(3);
      EXPECT_EQ(limiter.borrowed(), 3u);
      EXPECT_THROW(limiter.AcquireNow(), WouldBlock);
      limiter.set_total(CapacityLimiter::kUnlimited);
      EXPECT_EQ(limiter.total(), CapacityLimiter::kUnlimited);
      EXPECT_EQ(limiter.waiting(), 0u);
      limiter.AcquireNow();
      limiter.Release();
      co_await Sleep(1s);
      EXPECT_EQ(log.size(), 4u);
      release.Set();
    });
  });
}

TEST(CapacityLimiter, LoweringTheTotalRevokesNothing) {  // S70
  UnderEveryPolicy([](const RunOptions& options) {
    WithLimiter(3, options, [](Nursery& nursery, CapacityLimiter& limiter, Log& log, Event& release) -> Task<> {
      for (std::uint64_t i = 0; i < 3; ++i) co_await limiter.AcquireOnBehalfOf(i);
      nursery.StartSoon(Hold, std::ref(limiter), std::ref(log), "waiter", std::ref(release));
      co_await Sleep(1s);
      limiter.set_total(1);
      EXPECT_EQ(limiter.total(), 1u);
      EXPECT_EQ(limiter.borrowed(), 3u);
      for (std::uint64_t i = 0; i < 2; ++i) {
        limiter.ReleaseOnBehalfOf(i);
        EXPECT_EQ(limiter.waiting(), 1u) << "there are too many out still";
      }
      limiter.ReleaseOnBehalfOf(2);
      EXPECT_EQ(limiter.waiting(), 0u);
      EXPECT_EQ(limiter.borrowed(), 1u);
      limiter.set_total(0);
      release.Set();
      co_await Sleep(1s);
      EXPECT_EQ(limiter.borrowed(), 0u);
      EXPECT_THROW(limiter.AcquireNow(), WouldBlock);
    });
  });
}

TEST(CapacityLimiter, ABorrowerThatWaitsTwiceGetsOneToken) {  // S70
  UnderEveryPolicy([](const RunOptions& options) {
    int acquired = 0;
    int misused = 0;
    WithLimiter(0, options, [&](Nursery& nursery, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
      for (int i = 0; i < 2; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          const Outcome<> outcome = co_await Capture(AcquireFor(limiter, 7));
          if (outcome.has_value()) ++acquired;
          if (IsMisuse(outcome)) ++misused;
        });
      }
      nursery.StartSoon(AcquireFor, std::ref(limiter), 8);
      co_await Sleep(1s);
      EXPECT_EQ(limiter.waiting(), 3u);
      limiter.set_total(3);
      EXPECT_EQ(limiter.borrowed(), 2u);
      EXPECT_EQ(limiter.waiting(), 0u);
      co_await Sleep(1s);
    });
    EXPECT_EQ(acquired, 1);
    EXPECT_EQ(misused, 1);
  });
}

// ---------------------------------------------------------------- cancellation

TEST(CapacityLimiter, AcquiringWhenCancelledAlreadyHasNoEffect) {  // S34, S71
  WithLimiter(1, {}, [](Nursery&, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
    CancelScope scope;
    scope.Cancel();
    const ScopeExit exit = co_await WithScope(scope, [&] { return Acquire(limiter); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(limiter.borrowed(), 0u);
    limiter.AcquireNow();
  });
}

TEST(CapacityLimiter, AnAcquireThatHasSucceededIsNotCancelled) {  // S34
  UnderEveryPolicy([](const RunOptions& options) {
    bool acquired = false;
    WithLimiter(1, options, [&](Nursery& nursery, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        nursery.cancel_scope().Cancel();
        co_return;
      });
      co_await limiter.Acquire();
      acquired = true;
    });
    EXPECT_TRUE(acquired);
  });
}

TEST(CapacityLimiter, ACancelledWaiterLeavesNoTrace) {  // S70
  UnderEveryPolicy([](const RunOptions& options) {
    WithLimiter(1, options, [](Nursery& nursery, CapacityLimiter& limiter, Log& log, Event& release) -> Task<> {
      CancelScope scope;
      co_await limiter.AcquireOnBehalfOf(1);
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(scope, [&] { return Acquire(limiter); });
        EXPECT_THROW(limiter.Release(), MisuseError);
        co_await Sleep(2s);
        limiter.AcquireNow();  // the borrower is as good as new
        limiter.Release();
        log.push_back("first");
      });
      co_await Sleep(1s);
      nursery.StartSoon(Hold, std::ref(limiter), std::ref(log), "second", std::ref(release));
      co_await Sleep(1s);
      scope.Cancel();
      EXPECT_EQ(limiter.waiting(), 1u);
      limiter.ReleaseOnBehalfOf(1);
      release.Set();
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"second"});
      EXPECT_EQ(limiter.borrowed(), 0u);
    });
  });
}

TEST(CapacityLimiter, AWaiterThatHasItsTokenAlreadyIsNotCancelled) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    bool acquired = false;
    WithLimiter(1, options, [&](Nursery& nursery, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
      co_await limiter.Acquire();
      nursery.StartSoon([&]() -> Task<> {
        co_await limiter.Acquire();
        acquired = true;
        limiter.Release();
      });
      co_await Sleep(1s);
      limiter.Release();
      nursery.cancel_scope().Cancel();
    });
    EXPECT_TRUE(acquired);
  });
}

TEST(CapacityLimiter, LosesNoTokenToCancellations) {
  UnderEveryPolicy(
      [](const RunOptions& options) {
        WithLimiter(2, options, [&](Nursery&, CapacityLimiter& limiter, Log&, Event&) -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 8; ++i) {
              CancelScope scope;
              nursery.StartSoon([&, scope]() -> Task<> {
                co_await WithScope(scope, [&]() -> Task<> {
                  co_await limiter.Acquire();
                  const AtEnd release([&] { limiter.Release(); });
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
          EXPECT_EQ(limiter.borrowed(), 0u);
        });
      },
      100);
}

// ---------------------------------------------------------------- runs that are given up

TEST(CapacityLimiter, MayBeReleasedByDestructorsWhileTheRunIsGivenUp) {
  for (std::uint64_t limit = 0; limit < 12; ++limit) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          CapacityLimiter limiter(2);
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 5; ++i) {
              nursery.StartSoon([&]() -> Task<> {
                co_await limiter.Acquire();
                const AtEnd guard([&] {
                  limiter.Release();
                  limiter.set_total(limiter.total() + 1);
                });
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

TEST(CapacityLimiter, MayOutliveARunThatWasGivenUp) {
  CapacityLimiter limiter(0);
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await limiter.Acquire(); }).kind, Kind::kDeadlock);
  EXPECT_EQ(limiter.waiting(), 0u);
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    limiter.set_total(1);
    EXPECT_EQ(limiter.borrowed(), 0u) << "nobody waits any more";
    co_await limiter.Acquire();
    limiter.Release();
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CapacityLimiter, WaitersOfADestroyedOneStayAsleep) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    auto limiter = std::make_unique<CapacityLimiter>(0);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await limiter->Acquire(); });
      co_await Checkpoint();
      limiter.reset();
    });
  });
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
}

}  // namespace
}  // namespace hocket
