#include "hocket/lock.h"

#include <gtest/gtest.h>

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

Task<> Acquire(Lock& lock) { co_await lock.Acquire(); }

// Holds `lock` for a moment, and logs when it has got it.
Task<> Use(Lock& lock, Log& log, std::string name) {
  co_await lock.Acquire();
  const LockGuard guard(lock);
  EXPECT_TRUE(lock.owner() == CurrentTask());
  log.push_back(name);
}

// Runs `body` in a nursery, with a lock and a log that outlive its tasks.
template <class Body>
RunOutcome WithLock(const RunOptions& options, Body body) {
  Log log;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        Lock lock;
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await body(nursery, lock, log); });
        EXPECT_EQ(lock.waiting(), 0u);
      },
      options);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  return outcome;
}

TEST(Lock, HasOneOwnerAtATime) {
  UnderEveryPolicy([](const RunOptions& options) {
    int inside = 0;
    int times = 0;
    WithLock(options, [&](Nursery& nursery, Lock& lock, Log&) -> Task<> {
      for (int i = 0; i < 4; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          for (int round = 0; round < 3; ++round) {
            co_await lock.Acquire();
            const LockGuard guard(lock);
            EXPECT_EQ(++inside, 1);
            EXPECT_TRUE(lock.locked());
            EXPECT_TRUE(lock.owner() == CurrentTask());
            co_await Checkpoint();
            ++times;
            --inside;
          }
        });
      }
      co_return;
    });
    EXPECT_EQ(times, 12);
  });
}

TEST(Lock, GoesToTheFirstWaiterBeforeThatOneRuns) {  // S66
  UnderEveryPolicy([](const RunOptions& options) {
    WithLock(options, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
      co_await lock.Acquire();
      TaskRef first;
      nursery.StartSoon([&]() -> Task<> {
        first = CurrentTask();
        co_await Use(lock, log, "first");
      });
      co_await Sleep(1s);
      nursery.StartSoon(Use, std::ref(lock), std::ref(log), "second");
      co_await Sleep(1s);
      EXPECT_EQ(lock.waiting(), 2u);
      lock.Release();
      EXPECT_TRUE(lock.owner() == first);
      EXPECT_EQ(lock.waiting(), 1u);
      EXPECT_TRUE(log.empty());
      EXPECT_THROW(lock.AcquireNow(), WouldBlock);
      EXPECT_THROW(lock.Release(), MisuseError);
      co_await Use(lock, log, "releaser");
      EXPECT_EQ(log, (Log{"first", "second", "releaser"}));
      EXPECT_FALSE(lock.locked());
      EXPECT_FALSE(lock.owner());
    });
  });
}

TEST(Lock, IsNotReentrant) {  // S66
  const RunOutcome outcome = WithLock({}, [](Nursery&, Lock& lock, Log&) -> Task<> {
    lock.AcquireNow();
    EXPECT_THROW(lock.AcquireNow(), MisuseError);
    const Outcome<> again = co_await Capture(Acquire(lock));
    EXPECT_TRUE(again.has_error());
    EXPECT_THROW(again.failure().Throw(), MisuseError);
    EXPECT_TRUE(lock.owner() == CurrentTask());
    lock.Release();
  });
  EXPECT_EQ(outcome.steps, 2u) << "an error is not a schedule point; leaving the nursery is the second step";  // S35
}

TEST(Lock, OnlyItsOwnerReleasesIt) {  // S66
  WithLock({}, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
    EXPECT_THROW(lock.Release(), MisuseError) << "nobody holds it";
    co_await lock.Acquire();
    nursery.StartSoon([&]() -> Task<> {
      EXPECT_THROW(lock.Release(), MisuseError);
      log.push_back("tried");
      co_return;
    });
    co_await Checkpoint();
    EXPECT_EQ(log, Log{"tried"});
    EXPECT_TRUE(lock.owner() == CurrentTask());
    lock.Release();
    EXPECT_THROW(lock.Release(), MisuseError);
  });
}

TEST(Lock, TakesAFreeOneAtOnceAndYields) {  // S34, S71
  WithLock({}, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      log.push_back(lock.locked() ? "locked" : "free");
      EXPECT_THROW(lock.AcquireNow(), WouldBlock);
      co_return;
    });
    co_await lock.Acquire();
    EXPECT_EQ(log, Log{"locked"});
    lock.Release();
  });
}

// ---------------------------------------------------------------- cancellation

TEST(Lock, AcquiringWhenCancelledAlreadyHasNoEffect) {  // S34, S71
  UnderEveryPolicy([](const RunOptions& options) {
    WithLock(options, [](Nursery&, Lock& lock, Log&) -> Task<> {
      CancelScope scope;
      scope.Cancel();
      const ScopeExit exit = co_await WithScope(scope, [&] { return Acquire(lock); });
      EXPECT_TRUE(exit.cancelled_caught) << "although it is free";
      EXPECT_FALSE(lock.locked());
    });
  });
}

TEST(Lock, BeingCancelledAlreadyComesBeforeErrors) {  // S35
  WithLock({}, [](Nursery&, Lock& lock, Log&) -> Task<> {
    co_await lock.Acquire();
    CancelScope scope;
    scope.Cancel();
    const ScopeExit exit = co_await WithScope(scope, [&] { return Acquire(lock); });
    EXPECT_TRUE(exit.cancelled_caught);
    lock.Release();
  });
}

TEST(Lock, AnAcquireThatHasSucceededIsNotCancelled) {  // S34
  UnderEveryPolicy([](const RunOptions& options) {
    bool acquired = false;
    WithLock(options, [&](Nursery& nursery, Lock& lock, Log&) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        nursery.cancel_scope().Cancel();
        co_return;
      });
      co_await lock.Acquire();
      acquired = true;
      lock.Release();
    });
    EXPECT_TRUE(acquired);
  });
}

TEST(Lock, ACancelledWaiterIsPassedOver) {
  UnderEveryPolicy([](const RunOptions& options) {
    WithLock(options, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
      CancelScope scope;
      co_await lock.Acquire();
      nursery.StartSoon(
          [&]() -> Task<> { co_await WithScope(scope, [&]() -> Task<> { co_await Use(lock, log, "first"); }); });
      co_await Sleep(1s);
      nursery.StartSoon(Use, std::ref(lock), std::ref(log), "second");
      co_await Sleep(1s);
      scope.Cancel();
      EXPECT_EQ(lock.waiting(), 1u);
      lock.Release();
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"second"});
    });
  });
}

TEST(Lock, AWaiterThatOwnsItAlreadyIsNotCancelled) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    Log used;
    WithLock(options, [&](Nursery& nursery, Lock& lock, Log&) -> Task<> {
      co_await lock.Acquire();
      nursery.StartSoon(Use, std::ref(lock), std::ref(used), "waiter");
      co_await Sleep(1s);
      lock.Release();
      nursery.cancel_scope().Cancel();
    });
    EXPECT_EQ(used, Log{"waiter"});
  });
}

TEST(Lock, IsNeverLostByCancellations) {
  UnderEveryPolicy(
      [](const RunOptions& options) {
        int acquired = 0;
        int cancelled = 0;
        WithLock(options, [&](Nursery& nursery, Lock& lock, Log&) -> Task<> {
          for (int i = 0; i < 8; ++i) {
            CancelScope scope;
            nursery.StartSoon([&, scope]() -> Task<> {
              co_await WithScope(scope, [&]() -> Task<> {
                co_await lock.Acquire();
                const LockGuard guard(lock);
                ++acquired;
                co_await Checkpoint();
              });
              if (scope.cancelled_caught()) ++cancelled;
            });
            if (i % 2 == 0) {
              nursery.StartSoon([scope]() mutable -> Task<> {
                co_await Checkpoint();
                scope.Cancel();
              });
            }
          }
          co_return;
        });
        EXPECT_GE(acquired, 4);
        EXPECT_LE(cancelled, 4);
      },
      100);
}

// A shield that goes up between the two steps of a cancellation takes it back, and the operation begins.
// Returns the scope with the shield.
Task<CancelScope> AcquireBehindAShield(Nursery& nursery, Lock& lock, Log& log, std::function<void()> meanwhile) {
  CancelScope outer, inner;
  nursery.StartSoon([=, &lock, &log]() mutable -> Task<> {
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        outer.Cancel();
        try {
          co_await lock.Acquire();
          log.push_back(lock.owner() == CurrentTask() ? "acquired" : "not the owner");
          lock.Release();
        } catch (const MisuseError&) {
          log.push_back("misuse");
        } catch (const BrokenResourceError&) {
          log.push_back("broken");
        }
      });
      log.push_back("left");
    });
  });
  co_await Checkpoint();
  co_await Checkpoint();
  EXPECT_TRUE(log.empty());
  inner.set_shield(true);
  meanwhile();
  co_return inner;
}

TEST(Lock, AcquiresIfAShieldTakesTheCancellationBack) {  // S32
  WithLock({}, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
    co_await AcquireBehindAShield(nursery, lock, log, [] {});
    co_await Sleep(1s);
    EXPECT_EQ(log, (Log{"acquired", "left"}));
    log.clear();

    co_await AcquireBehindAShield(nursery, lock, log, [&] { lock.AcquireNow(); });
    co_await Sleep(1s);
    EXPECT_TRUE(log.empty()) << "it waits in line";
    EXPECT_EQ(lock.waiting(), 1u);
    lock.Release();
    EXPECT_TRUE(lock.locked()) << "and is handed the lock";
    co_await Sleep(1s);
    EXPECT_EQ(log, (Log{"acquired", "left"}));
    log.clear();

    co_await WithNursery([&](Nursery& inner) -> Task<> {
      inner.StartSoon(Acquire, std::ref(lock));  // and ends with it
      co_return;
    });
    co_await AcquireBehindAShield(nursery, lock, log, [] {});
    co_await Sleep(1s);
    EXPECT_EQ(log, (Log{"broken", "left"}));
  });
}

TEST(Lock, AWaitThatBeganBehindAShieldEndsWithIt) {
  WithLock({}, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
    CancelScope shielded = co_await AcquireBehindAShield(nursery, lock, log, [&] { lock.AcquireNow(); });
    co_await Sleep(1s);
    EXPECT_EQ(lock.waiting(), 1u);
    shielded.set_shield(false);
    EXPECT_EQ(lock.waiting(), 0u);
    co_await Sleep(1s);
    EXPECT_TRUE(log.empty());
    lock.Release();
  });
}

// ---------------------------------------------------------------- owners that end

TEST(Lock, IsBrokenWhenItsOwnerEnds) {  // S67
  UnderEveryPolicy([](const RunOptions& options) {
    for (const bool fails : {false, true}) {
      Log log;
      const RunOutcome outcome = RunVirtual(
          [&]() -> Task<> {
            Lock lock;
            const auto use = [&](std::string name) -> Task<> {
              try {
                co_await Use(lock, log, name);
              } catch (const BrokenResourceError&) {
                log.push_back(name + " broken");
              }
            };
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              nursery.StartSoon([&]() -> Task<> {
                const Outcome<> ended = co_await Capture(WithNursery([&](Nursery& inner) -> Task<> {
                  inner.StartSoon([&]() -> Task<> {
                    co_await lock.Acquire();
                    co_await Sleep(2s);
                    if (fails) Throw("forgot to release");
                  });
                  co_return;
                }));
                EXPECT_EQ(ended.has_error(), fails);
              });
              co_await Sleep(1s);
              nursery.StartSoon(use, "waiter");
              co_await Sleep(2s);
              EXPECT_EQ(log, Log{"waiter broken"});
              EXPECT_TRUE(lock.locked());
              EXPECT_TRUE(lock.owner().ended());
              EXPECT_THROW(lock.AcquireNow(), WouldBlock);
              EXPECT_THROW(lock.Release(), MisuseError);
              co_await use("newcomer");
            });
          },
          options);
      EXPECT_TRUE(outcome.completed()) << outcome.ToString();
      EXPECT_EQ(log, (Log{"waiter broken", "newcomer broken"}));
      EXPECT_EQ(outcome.ended_at, At(3s));
    }
  });
}

TEST(Lock, IsBrokenWhenAnOwnerEndsToWhomItWasHanded) {  // S67
  WithLock({}, [](Nursery& nursery, Lock& lock, Log&) -> Task<> {
    co_await lock.Acquire();
    nursery.StartSoon(Acquire, std::ref(lock));
    co_await Checkpoint();
    lock.Release();
    const Outcome<> outcome = co_await Capture(Acquire(lock));
    EXPECT_THROW(outcome.failure().Throw(), BrokenResourceError);
  });
}

TEST(Lock, IsNotBrokenByEarlierOwners) {  // S67
  WithLock({}, [](Nursery& nursery, Lock& lock, Log& log) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      nursery.StartSoon(Use, std::ref(lock), std::ref(log), "other");
      co_await Sleep(1s);
    }
    co_await Use(lock, log, "body");
    EXPECT_EQ(log.size(), 4u);
  });
}

TEST(Lock, AnAcquireAtABrokenOneIsNotASchedulePoint) {  // S35
  Recorder recorder;
  RunVirtual(
      []() -> Task<> {
        Lock lock;
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(Acquire, std::ref(lock));
          co_return;
        });
        for (int i = 0; i < 3; ++i) {
          const Outcome<> outcome = co_await Capture(Acquire(lock));
          EXPECT_THROW(outcome.failure().Throw(), BrokenResourceError);
        }
      },
      {.observer = &recorder});
  EXPECT_EQ(recorder.steps[0], 2u) << "the second after leaving the nursery";
}

TEST(Lock, ATaskMayHoldManyAndReleaseThemInAnyOrder) {
  RunVirtual([]() -> Task<> {
    Lock locks[4];
    for (const int last : {0, 1, 2, 3}) {
      for (Lock& lock : locks) co_await lock.Acquire();
      for (int i = 0; i < 4; ++i) locks[(last + i) % 4].Release();
    }
    for (Lock& lock : locks) EXPECT_FALSE(lock.locked());
  });
}

// ---------------------------------------------------------------- guards

TEST(LockGuard, ReleasesHoweverItsBodyEnds) {
  Log log;
  WithLock({}, [&](Nursery& nursery, Lock& lock, Log&) -> Task<> {
    const auto hold = [&](std::function<Task<>()> body) -> Task<> {
      co_await lock.Acquire();
      const LockGuard guard(lock);
      nursery.StartSoon(Use, std::ref(lock), std::ref(log), "next");
      co_await Checkpoint();
      EXPECT_EQ(lock.waiting(), 1u);
      co_await body();
    };
    co_await hold([]() -> Task<> { co_return; });
    const Outcome<> failed = co_await Capture(hold([]() -> Task<> {
      Throw("boom");
      co_return;
    }));
    EXPECT_TRUE(failed.has_error());
    const ScopeExit exit = co_await MoveOnAfter(1s, [&] { return hold([]() -> Task<> { co_await SleepForever(); }); });
    EXPECT_TRUE(exit.cancelled_caught);
  });
  EXPECT_EQ(log, (Log{"next", "next", "next"}));
}

TEST(LockGuardDeathTest, DoesNotOutliveTheOwnership) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 Lock lock;
                 co_await lock.Acquire();
                 const LockGuard guard(lock);
                 lock.Release();
               }),
               "released by somebody else");
}

// ---------------------------------------------------------------- runs that are given up

TEST(Lock, MayBeReleasedByDestructorsWhileTheRunIsGivenUp) {
  for (std::uint64_t limit = 0; limit < 12; ++limit) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          Lock lock;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 3; ++i) {
              nursery.StartSoon([&]() -> Task<> {
                co_await lock.Acquire();
                const LockGuard guard(lock);
                co_await SleepForever();
              });
              nursery.StartSoon([&]() -> Task<> {
                co_await lock.Acquire();
                const AtEnd guard([&] { lock.Release(); });
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

TEST(Lock, IsBrokenIfItsOwnersRunIsGivenUp) {  // S67
  for (const bool guarded : {false, true}) {
    Lock lock;
    const RunOutcome outcome = RunVirtual([&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(Acquire, std::ref(lock));
        co_await lock.Acquire();
        if (guarded) {
          const LockGuard guard(lock);
          co_await SleepForever();
        }
        co_await SleepForever();
      });
    });
    EXPECT_EQ(outcome.kind, Kind::kDeadlock);
    EXPECT_EQ(lock.waiting(), 0u);
    EXPECT_TRUE(lock.locked());
    RunVirtual([&]() -> Task<> {
      const Outcome<> acquired = co_await Capture(Acquire(lock));
      EXPECT_THROW(acquired.failure().Throw(), BrokenResourceError) << "not for ever";
    });
  }
}

TEST(Lock, ServesManyRuns) {
  Lock lock;
  for (int run = 0; run < 3; ++run) {
    Log log;
    const RunOutcome outcome = RunVirtual([&]() -> Task<> { co_await Use(lock, log, "main"); });
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(log, Log{"main"});
    EXPECT_FALSE(lock.locked());
  }
}

TEST(Lock, WaitersOfADestroyedOneStayAsleep) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    auto lock = std::make_unique<Lock>();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await lock->Acquire();
      nursery.StartSoon([&]() -> Task<> { co_await lock->Acquire(); });
      co_await Checkpoint();
      lock.reset();
    });
  });
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
}

}  // namespace
}  // namespace hocket
