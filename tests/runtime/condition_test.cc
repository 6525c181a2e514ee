#include "hocket/condition.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;

// What the tasks of a test share.
struct Shared {
  Lock lock;
  Condition changed{lock};
  Log log;
};

// Waits once, with the lock held before and after.
Task<> WaitOnce(Shared& shared, std::string name) {
  co_await shared.lock.Acquire();
  const LockGuard guard(shared.lock);
  co_await shared.changed.Wait();
  EXPECT_TRUE(shared.lock.owner() == CurrentTask());
  shared.log.push_back(name);
}

Task<> Notify(Shared& shared, std::size_t count) {
  co_await shared.lock.Acquire();
  shared.changed.Notify(count);
  shared.lock.Release();
}

// Starts "a", "b", "c", ... that wait, each in a scope of its own, and returns when they do, in this order.
Task<std::vector<CancelScope>> StartWaiters(Nursery nursery, Shared& shared, int count) {
  std::vector<CancelScope> scopes;
  for (int i = 0; i < count; ++i) {
    CancelScope scope;
    scopes.push_back(scope);
    nursery.StartSoon([&shared, scope, name = std::string(1, static_cast<char>('a' + i))]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> { co_await WaitOnce(shared, name); });
    });
    co_await Sleep(1s);
  }
  EXPECT_EQ(shared.changed.waiting(), static_cast<std::size_t>(count));
  EXPECT_FALSE(shared.lock.locked()) << "waiting gives the lock up";
  co_return scopes;
}

template <class Body>
void WithShared(const RunOptions& options, Body body) {
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        Shared shared;
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await body(nursery, shared); });
        EXPECT_FALSE(shared.lock.locked());
        EXPECT_EQ(shared.lock.waiting(), 0u);
        EXPECT_EQ(shared.changed.waiting(), 0u);
      },
      options);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(Condition, NotifiesInOrderAndHandsTheLockFromOneToTheNext) {  // S68
  UnderEveryPolicy([](const RunOptions& options) {
    WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
      co_await StartWaiters(nursery, shared, 5);
      co_await Notify(shared, 1);
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, Log{"a"});
      co_await Notify(shared, 0);
      co_await Notify(shared, 2);
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, (Log{"a", "b", "c"}));
      co_await shared.lock.Acquire();
      shared.changed.NotifyAll();
      EXPECT_EQ(shared.changed.waiting(), 0u);
      EXPECT_EQ(shared.lock.waiting(), 2u) << "they wait for the lock now";
      co_await Sleep(1s);
      EXPECT_EQ(shared.log.size(), 3u) << "and do not get it before it is released";
      shared.lock.Release();
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, (Log{"a", "b", "c", "d", "e"}));
      co_await Notify(shared, 3);
    });
  });
}

TEST(Condition, ANotifiedWaiterQueuesBehindWhoWaitsForTheLock) {  // S68
  UnderEveryPolicy([](const RunOptions& options) {
    WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
      co_await StartWaiters(nursery, shared, 1);
      co_await shared.lock.Acquire();
      nursery.StartSoon([&]() -> Task<> {
        co_await shared.lock.Acquire();
        shared.log.push_back("other");
        shared.lock.Release();
      });
      co_await Sleep(1s);
      shared.changed.Notify();
      shared.lock.Release();
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, (Log{"other", "a"}));
    });
  });
}

TEST(Condition, ANotificationForNobodyIsNotKept) {
  WithShared({}, [](Nursery& nursery, Shared& shared) -> Task<> {
    co_await Notify(shared, 1);
    co_await StartWaiters(nursery, shared, 1);
    EXPECT_TRUE(shared.log.empty());
    co_await Notify(shared, 1);
  });
}

TEST(Condition, NeedsTheLock) {  // S68
  WithShared({}, [](Nursery& nursery, Shared& shared) -> Task<> {
    const auto try_all = [&](const char* who) -> Task<> {
      const Outcome<> outcome = co_await Capture(shared.changed.Wait());
      EXPECT_TRUE(outcome.has_error()) << who;
      if (outcome.has_error()) {
        EXPECT_THROW(outcome.failure().Throw(), MisuseError) << who;
      }
      EXPECT_THROW(shared.changed.Notify(), MisuseError) << who;
      EXPECT_THROW(shared.changed.NotifyAll(), MisuseError) << who;
    };
    co_await try_all("nobody has it");
    co_await shared.lock.Acquire();
    nursery.StartSoon(try_all, "somebody else has it");
    co_await Checkpoint();
    EXPECT_TRUE(shared.lock.owner() == CurrentTask());
    shared.lock.Release();
  });
}

TEST(Condition, GuardsAQueue) {
  UnderEveryPolicy([](const RunOptions& options) {
    std::deque<int> queue;
    int sum = 0;
    WithShared(options, [&](Nursery& nursery, Shared& shared) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          for (int taken = 0; taken < 4; ++taken) {
            co_await shared.lock.Acquire();
            const LockGuard guard(shared.lock);
            while (queue.empty()) co_await shared.changed.Wait();
            sum += queue.front();
            queue.pop_front();
          }
        });
        nursery.StartSoon([&]() -> Task<> {
          for (int value = 1; value <= 4; ++value) {
            co_await shared.lock.Acquire();
            const LockGuard guard(shared.lock);
            queue.push_back(value);
            shared.changed.Notify();
          }
        });
      }
      co_return;
    });
    EXPECT_EQ(sum, 30);
  });
}

// ---------------------------------------------------------------- cancellation

TEST(Condition, ACancelledWaitHasTheLockWhenItUnwinds) {  // S68
  UnderEveryPolicy([](const RunOptions& options) {
    WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
      bool unwound = false;
      CancelScope scope;
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(scope, [&]() -> Task<> {
          co_await shared.lock.Acquire();
          const LockGuard guard(shared.lock);  // would die without the lock
          const AtEnd check([&] {
            EXPECT_TRUE(shared.lock.owner() == CurrentTask());
            unwound = true;
          });
          co_await shared.changed.Wait();
          ADD_FAILURE() << "the wait returned";
        });
      });
      co_await Sleep(1s);
      co_await shared.lock.Acquire();
      scope.Cancel();
      EXPECT_EQ(shared.changed.waiting(), 0u);
      co_await Sleep(1s);
      EXPECT_FALSE(unwound) << "it must wait for the lock, and that cannot be cancelled";
      EXPECT_EQ(shared.lock.waiting(), 1u);
      scope.Cancel();
      nursery.cancel_scope().Cancel();
      EXPECT_EQ(shared.lock.waiting(), 1u);
      shared.lock.Release();
      co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
      EXPECT_TRUE(unwound);
      EXPECT_TRUE(scope.cancelled_caught() || nursery.cancel_scope().cancel_called());
    });
  });
}

TEST(Condition, AWaitThatIsCancelledAlreadyGivesTheLockUpOnce) {
  UnderEveryPolicy([](const RunOptions& options) {
    WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
      co_await shared.lock.Acquire();
      nursery.StartSoon([&]() -> Task<> {
        co_await shared.lock.Acquire();
        shared.log.push_back("other");
        shared.lock.Release();
      });
      co_await Sleep(1s);
      CancelScope scope;
      scope.Cancel();
      co_await WithScope(scope, [&]() -> Task<> { co_await shared.changed.Wait(); });
      EXPECT_TRUE(scope.cancelled_caught());
      EXPECT_EQ(shared.log, Log{"other"});
      EXPECT_TRUE(shared.lock.owner() == CurrentTask());
      shared.lock.Release();
    });
  });
}

TEST(Condition, ACancelledNotifiedWaiterPassesTheNotificationOn) {  // S68, where Trio swallows it
  UnderEveryPolicy([](const RunOptions& options) {
    WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
      std::vector<CancelScope> scopes = co_await StartWaiters(nursery, shared, 4);
      co_await shared.lock.Acquire();
      shared.changed.Notify();
      scopes[0].Cancel();
      EXPECT_EQ(shared.changed.waiting(), 2u) << "b is notified instead";
      scopes[1].Cancel();
      EXPECT_EQ(shared.changed.waiting(), 1u) << "and c instead of b";
      shared.lock.Release();
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, Log{"c"});
      co_await Notify(shared, 1);
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, (Log{"c", "d"}));
    });
  });
}

TEST(Condition, ANotificationOfTheLastWaiterGoesNowhere) {
  WithShared({}, [](Nursery& nursery, Shared& shared) -> Task<> {
    std::vector<CancelScope> scopes = co_await StartWaiters(nursery, shared, 1);
    co_await shared.lock.Acquire();
    shared.changed.Notify();
    scopes[0].Cancel();
    shared.lock.Release();
    co_await Sleep(1s);
    EXPECT_TRUE(shared.log.empty());
  });
}

TEST(Condition, AWaiterThatIsNotNotifiedPassesNothingOn) {
  WithShared({}, [](Nursery& nursery, Shared& shared) -> Task<> {
    std::vector<CancelScope> scopes = co_await StartWaiters(nursery, shared, 3);
    co_await shared.lock.Acquire();
    shared.changed.Notify();
    scopes[1].Cancel();
    EXPECT_EQ(shared.changed.waiting(), 1u);
    shared.lock.Release();
    co_await Sleep(1s);
    EXPECT_EQ(shared.log, Log{"a"});
    co_await Notify(shared, 1);
  });
}

TEST(Condition, AWaiterThatHasTheLockAlreadyIsNotCancelled) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
      std::vector<CancelScope> scopes = co_await StartWaiters(nursery, shared, 2);
      co_await shared.lock.Acquire();
      shared.changed.Notify();
      shared.lock.Release();
      scopes[0].Cancel();
      co_await Sleep(1s);
      EXPECT_EQ(shared.log, Log{"a"});
      EXPECT_EQ(shared.changed.waiting(), 1u);
      co_await Notify(shared, 1);
    });
  });
}

TEST(Condition, LosesNoNotificationToCancellations) {
  UnderEveryPolicy(
      [](const RunOptions& options) {
        WithShared(options, [](Nursery& nursery, Shared& shared) -> Task<> {
          std::vector<CancelScope> scopes = co_await StartWaiters(nursery, shared, 6);
          for (int i = 0; i < 3; ++i) {
            nursery.StartSoon(Notify, std::ref(shared), 1);
            nursery.StartSoon([scope = scopes[2 * i]]() mutable -> Task<> {
              co_await Checkpoint();
              scope.Cancel();
            });
          }
          co_await Sleep(1s);
          EXPECT_EQ(shared.log.size(), 3u);
          co_await Notify(shared, ParkingLot::kAll);
        });
      },
      100);
}

// ---------------------------------------------------------------- errors

TEST(Condition, ANotifiedWaiterIsToldIfTheLockBreaks) {  // S67, S68
  UnderEveryPolicy([](const RunOptions& options) {
    Failure failure;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          Lock lock;
          Condition changed(lock);
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> {
              co_await lock.Acquire();
              const Outcome<> waited = co_await Capture(changed.Wait());
              failure = waited.failure();
            });
            co_await Sleep(1s);
            nursery.StartSoon([&]() -> Task<> {
              co_await lock.Acquire();
              changed.Notify();
            });
            co_return;
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    ASSERT_TRUE(failure);
    EXPECT_THROW(failure.Throw(), BrokenResourceError);
  });
}

TEST(Condition, ACancelledWaiterIsToldIfTheLockIsBroken) {  // S67, S68
  Failure failure;
  RunVirtual([&]() -> Task<> {
    Lock lock;
    Condition changed(lock);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await lock.Acquire();
        const Outcome<> waited = co_await Capture(changed.Wait());
        failure = waited.failure();
      });
      co_await Checkpoint();
      nursery.StartSoon([&]() -> Task<> { co_await lock.Acquire(); });
      co_await Sleep(1s);
      nursery.cancel_scope().Cancel();
    });
  });
  ASSERT_TRUE(failure);
  EXPECT_FALSE(failure.is_cancelled());
  EXPECT_THROW(failure.Throw(), BrokenResourceError);
}

// ---------------------------------------------------------------- runs that are given up

TEST(Condition, DestructorsMayReleaseItsLockWhileTheRunIsGivenUp) {
  for (std::uint64_t limit = 0; limit < 20; ++limit) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          Shared shared;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 2; ++i) {
              nursery.StartSoon(WaitOnce, std::ref(shared), "guarded");
              nursery.StartSoon([&]() -> Task<> {
                co_await shared.lock.Acquire();
                const AtEnd guard([&] { shared.lock.Release(); });  // although the wait has given it up
                co_await shared.changed.Wait();
              });
            }
            co_await Sleep(1s);
            co_await Notify(shared, 2);
            co_await SleepForever();
          });
        },
        {.max_steps = limit});
    EXPECT_FALSE(outcome.completed());
  }
}

TEST(Condition, MayOutliveARunThatWasGivenUp) {
  Shared shared;
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await WaitOnce(shared, "never"); }).kind, Kind::kDeadlock);
  EXPECT_EQ(shared.changed.waiting(), 0u);
  EXPECT_FALSE(shared.lock.locked());
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(WaitOnce, std::ref(shared), "again");
      co_await Sleep(1s);
      co_await Notify(shared, 1);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(shared.log, Log{"again"});
}

}  // namespace
}  // namespace hocket
