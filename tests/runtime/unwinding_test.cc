// What destructors may do while a cancellation unwinds their task: whatever does not wait. teardown_test.cc has the
// same for runs that are given up.

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// Runs `action` in a destructor of a task that is cancelled at the second 1, a few frames above the one that sleeps.
template <class Action>
Task<> WhileUnwinding(Action action) {
  int ran = 0;
  const auto sleep = []() -> Task<> { co_await SleepForever(); };
  const ScopeExit exit = co_await MoveOnAfter(1s, [&](CancelScope& scope) -> Task<> {
    const AtEnd guard([&] {
      EXPECT_TRUE(Unwinding());
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      if constexpr (std::is_invocable_v<Action&, CancelScope&>) {
        action(scope);
      } else {
        action();
      }
      EXPECT_TRUE(Unwinding());
      ++ran;
    });
    co_await sleep();
  });
  EXPECT_FALSE(Unwinding());
  EXPECT_TRUE(exit.cancelled_caught);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(Counted::living, 0);
}

// Runs `waits` as a task, and WhileUnwinding(action), which is to let it end.
template <class Action, class Waits>
void Frees(Action action, Waits waits) {
  bool freed = false;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await waits();
        EXPECT_EQ(Now(), At(1s));
        EXPECT_FALSE(Unwinding());
        freed = true;
      });
      co_await WhileUnwinding(action);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_TRUE(freed);
}

TEST(WhileUnwinding, ADestructorMaySetAnEvent) {
  Event event;
  Frees([&] { event.Set(); }, [&]() -> Task<> { co_await event.Wait(); });
}

TEST(WhileUnwinding, ADestructorMayUnparkALot) {
  ParkingLot lot;
  Frees([&] { EXPECT_EQ(lot.Unpark(), 1u); }, [&]() -> Task<> { co_await lot.Park(); });
}

TEST(WhileUnwinding, ADestructorMayWakeATask) {
  TaskRef parked;
  Frees([&] { Wake(parked); },
        [&]() -> Task<> {
          parked = CurrentTask();
          co_await Park("Test.Park", [] { return Abort::kFailed; });
        });
}

TEST(WhileUnwinding, ADestructorMayWakeATaskWithAnError) {
  TaskRef parked;
  Frees([&] { Wake(parked, std::make_exception_ptr(std::runtime_error("woken"))); },
        [&]() -> Task<> {
          parked = CurrentTask();
          const auto park = []() -> Task<> { co_await Park("Test.Park", [] { return Abort::kFailed; }); };
          const Outcome<> outcome = co_await Capture(park());
          EXPECT_TRUE(Says(outcome.failure(), "woken"));
        });
}

TEST(WhileUnwinding, ADestructorMayReleaseALock) {
  std::optional<Lock> lock;
  bool acquired = false;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    lock.emplace();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await MoveOnAfter(1s, [&]() -> Task<> {
          co_await lock->Acquire();
          const LockGuard guard(*lock);
          co_await SleepForever();
        });
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await Checkpoint();
        co_await lock->Acquire();
        acquired = true;
        EXPECT_EQ(Now(), At(1s));
        lock->Release();
      });
      co_return;
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_TRUE(acquired);
  lock.reset();
}

TEST(WhileUnwinding, ADestructorMayReleaseASemaphore) {
  std::optional<Semaphore> semaphore(0);
  Frees([&] { semaphore->Release(); }, [&]() -> Task<> { co_await semaphore->Acquire(); });
}

TEST(WhileUnwinding, ADestructorMayNotifyACondition) {
  RunVirtual([]() -> Task<> {
    Lock lock;
    Condition condition(lock);
    bool notified = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await lock.Acquire();
        const LockGuard guard(lock);
        co_await condition.Wait();
        notified = true;
      });
      co_await Checkpoint();
      co_await Checkpoint();
      co_await MoveOnAfter(1s, [&]() -> Task<> {
        co_await lock.Acquire();
        const LockGuard guard(lock);
        const AtEnd notify([&] { condition.Notify(); });
        co_await SleepForever();
      });
    });
    EXPECT_TRUE(notified);
  });
}

TEST(WhileUnwinding, ADestructorMayCloseAChannel) {
  auto [sender, receiver] = OpenChannel<int>(0);
  auto sending = std::make_optional(std::move(sender));
  auto& receiving = receiver;
  Frees([&] { sending.reset(); },
        [&]() -> Task<> {
          const std::optional<int> value = co_await receiving.ReceiveOrEnd();
          EXPECT_FALSE(value.has_value());
        });
}

TEST(WhileUnwinding, ADestructorMaySendWithoutWaiting) {
  auto [sender, receiver] = OpenChannel<int>(1);
  auto& sending = sender;
  auto& receiving = receiver;
  Frees([&] { sending.SendNow(7); },
        [&]() -> Task<> {
          const int value = co_await receiving.Receive();
          EXPECT_EQ(value, 7);
        });
}

TEST(WhileUnwinding, ADestructorMayCancelAScope) {
  CancelScope scope;
  Frees([&] { scope.Cancel(); },
        [&]() -> Task<> { co_await WithScope(scope, []() -> Task<> { co_await SleepForever(); }); });
  EXPECT_TRUE(scope.cancelled_caught());
}

TEST(WhileUnwinding, ADestructorMayMoveADeadline) {
  CancelScope scope;
  Frees([&] { scope.set_deadline(Now()); },
        [&]() -> Task<> { co_await WithScope(scope, []() -> Task<> { co_await SleepForever(); }); });
}

TEST(WhileUnwinding, ADestructorMayTakeAShieldOff) {
  CancelScopeOptions options;
  options.shield = true;
  CancelScope shield(options);
  Frees([&] { shield.set_shield(false); },
        [&]() -> Task<> {
          CancelScope outer;
          outer.Cancel();
          co_await WithScope(
              outer, [&]() -> Task<> { co_await WithScope(shield, []() -> Task<> { co_await SleepForever(); }); });
        });
}

TEST(WhileUnwinding, ADestructorMayUseTheScopeThatIsBeingLeft) {
  RunVirtual([]() -> Task<> {
    co_await WhileUnwinding([](CancelScope& scope) {
      EXPECT_TRUE(scope.cancel_called());
      EXPECT_FALSE(scope.cancelled_caught());
      scope.Cancel();
      scope.set_deadline(kForever);
      scope.set_shield(true);
      EXPECT_EQ(CurrentEffectiveDeadline(), Time::min());
    });
  });
}

TEST(WhileUnwinding, ADestructorMayDropTheLastHandleOfItsScope) {
  bool dropped = false;
  RunVirtual([&]() -> Task<> {
    auto scope = std::make_unique<CancelScope>(CancelScopeOptions{.timeout = 1s});
    const CancelScope copy = *scope;
    co_await WithScope(copy, [&](CancelScope& inner) -> Task<> {
      const AtEnd guard([&] {
        inner = CancelScope();
        scope.reset();
        dropped = true;
      });
      co_await SleepForever();
    });
  });
  EXPECT_TRUE(dropped);
}

TEST(WhileUnwinding, ADestructorMayStartATask) {
  bool ran = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await WhileUnwinding([&] {
        nursery.StartSoon([&]() -> Task<> {
          EXPECT_FALSE(Unwinding());
          ran = true;
          co_return;
        });
        EXPECT_FALSE(ran);
      });
    });
  });
  EXPECT_TRUE(ran);
}

TEST(WhileUnwinding, ADestructorMayStartATaskInTheNurseryThatIsCancelled) {
  int reached = 0;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const AtEnd guard([&] {
          nursery.StartSoon([&]() -> Task<> {
            reached = 1;  // up to its first cancel point
            co_await Checkpoint();
            reached = 2;
          });
        });
        co_await SleepForever();
      });
      co_await Sleep(1s);
      nursery.cancel_scope().Cancel();
    });
  });
  EXPECT_EQ(reached, 1);
}

TEST(WhileUnwinding, ADestructorMayPost) {
  bool ran = false;
  RunReal([&]() -> Task<> {
    Event done;
    co_await MoveOnAfter(1ms, [&]() -> Task<> {
      const AtEnd guard([&] {
        EXPECT_TRUE(Unwinding());
        EXPECT_TRUE(OpenPoster().Post([&] {
          EXPECT_FALSE(Unwinding());
          ran = true;
          done.Set();
        }));
        EXPECT_FALSE(ran);
      });
      co_await SleepForever();
    });
    co_await done.Wait();
  });
  EXPECT_TRUE(ran);
}

TEST(WhileUnwinding, ADestructorMayThrowAndCatch) {
  RunVirtual([]() -> Task<> {
    co_await WhileUnwinding([] {
      try {
        Throw("inside");
      } catch (const std::runtime_error&) {
        EXPECT_TRUE(Unwinding());
      }
    });
  });
}

TEST(WhileUnwinding, ADestructorMayDropATask) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WhileUnwinding([] { static_cast<void>([](Counted) -> Task<> { co_return; }(Counted())); });
  });
  EXPECT_TRUE(outcome.never_awaited.empty());
}

TEST(WhileUnwinding, ADestructorMayStartCleanupThatWaits) {
  bool cleaned = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await WhileUnwinding([&] {
        nursery.StartSoon([&]() -> Task<> {  // cleanup that waits
          co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
          cleaned = true;
        });
      });
    });
    EXPECT_EQ(Now(), At(2s));
  });
  EXPECT_TRUE(cleaned);
}

// ---------------------------------------------------------------- what a task was started with

struct AskAtEnd {
  explicit AskAtEnd(int& answer_in) : answer(&answer_in) {}
  AskAtEnd(AskAtEnd&& other) noexcept : answer(std::exchange(other.answer, nullptr)) {}
  ~AskAtEnd() {
    if (answer != nullptr) *answer = Unwinding() ? 1 : 0;
  }
  int* answer;
};

enum class Way { kReturn, kThrow, kCancelled, kCancelledGroup, kAbandoned };

// Whether Unwinding() holds in the destructors of callable and arguments of a task that ends that way.
std::pair<int, int> AskedIn(Way way) {
  int callable = -1;
  int argument = -1;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      auto body = [way, ask = AskAtEnd(callable)](AskAtEnd&) -> Task<> {
        static_cast<void>(ask);
        if (way == Way::kReturn) co_return;
        if (way == Way::kThrow) Throw("boom");
        if (way == Way::kCancelledGroup) {
          co_await WithNursery([](Nursery& inner) -> Task<> {
            inner.StartSoon([]() -> Task<> { co_await SleepForever(); });
            co_await SleepForever();
          });
        }
        co_await SleepForever();
      };
      auto shared = std::make_unique<AskAtEnd>(argument);
      nursery.StartSoon([body = std::move(body)](std::unique_ptr<AskAtEnd> ask) -> Task<> { co_await body(*ask); },
                        std::move(shared));
      co_await Sleep(1s);
      if (way != Way::kAbandoned) nursery.cancel_scope().Cancel();
      co_await SleepForever();
    });
  });
  return {callable, argument};
}

TEST(Unwinding, HoldsForWhatACancelledTaskWasStartedWith) {
  EXPECT_EQ(AskedIn(Way::kCancelled), (std::pair<int, int>(1, 1)));
  EXPECT_EQ(AskedIn(Way::kCancelledGroup), (std::pair<int, int>(1, 1)));
  EXPECT_EQ(AskedIn(Way::kAbandoned), (std::pair<int, int>(1, 1)));
}

TEST(Unwinding, DoesNotHoldForWhatATaskThatReturnedOrFailedWasStartedWith) {
  EXPECT_EQ(AskedIn(Way::kReturn), (std::pair<int, int>(0, 0)));
  EXPECT_EQ(AskedIn(Way::kThrow), (std::pair<int, int>(0, 0)));
}

}  // namespace
}  // namespace hocket
