#include "hocket/nursery.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<> LogAfter(Log& log, std::string name, Duration delay) {
  co_await Sleep(delay);
  log.push_back(name);
}
Task<> FailAt(Duration delay, const char* what) {
  co_await Sleep(delay);
  Throw(what);
}
Task<> FailInCleanup(const char* what) {
  const Outcome<> outcome = co_await Capture([]() -> Task<> { co_await SleepForever(); }());
  EXPECT_TRUE(outcome.is_cancelled());
  Throw(what);
}

// Runs a nursery around `body`, and gives what left it.
template <class Body>
Failure Leaving(Body body) {
  Failure failure;
  const RunOutcome run = RunVirtual([&]() -> Task<> {
    const Outcome<> outcome = co_await Capture(WithNursery(body));
    failure = outcome.failure();
  });
  EXPECT_TRUE(run.completed()) << run.ToString();
  return failure;
}

TEST(Nursery, IsLeftWhenBodyAndTasksHaveEnded) {  // S38
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(LogAfter, std::ref(log), "slow", 2s);
      nursery.StartSoon(LogAfter, std::ref(log), "fast", 1s);
      log.push_back("body");
      co_return;
    });
    log.push_back("left");
  });
  EXPECT_EQ(log, (Log{"body", "fast", "slow", "left"}));
}

TEST(Nursery, ATaskDoesNotRunInsideStartSoon) {  // S6
  RunVirtual([]() -> Task<> {
    bool started = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        started = true;
        co_return;
      });
      EXPECT_FALSE(started);
      co_return;
    });
    EXPECT_TRUE(started);
  });
}

TEST(Nursery, ATaskStartsEvenIfItIsCancelledAlready) {  // S6
  bool started = false;
  bool went_on = false;
  const Failure failure = Leaving([&](Nursery& nursery) -> Task<> {
    nursery.cancel_scope().Cancel();
    nursery.StartSoon([&]() -> Task<> {
      started = true;
      co_await Checkpoint();
      went_on = true;
    });
    co_return;
  });
  EXPECT_TRUE(started);
  EXPECT_FALSE(went_on);
  EXPECT_FALSE(failure);
}

TEST(Nursery, OpeningIsNotASchedulePointAndLeavingIs) {  // S38, S39
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& outer) -> Task<> {
      outer.StartSoon([&]() -> Task<> {
        log.push_back("other");
        co_return;
      });
      co_await WithNursery([&](Nursery&) -> Task<> {
        log.push_back("inside");
        co_return;
      });
      log.push_back("left");
    });
  });
  EXPECT_EQ(log, (Log{"inside", "other", "left"}));
}

TEST(Nursery, LeavingIsNotACancelPoint) {  // S39
  int rounds = 0;
  RunVirtual([&]() -> Task<> {
    CancelScope scope;
    scope.Cancel();
    const ScopeExit exit = co_await WithScope(scope, [&]() -> Task<> {
      for (; rounds < 10; ++rounds) co_await WithNursery([](Nursery&) -> Task<> { co_return; });
    });
    EXPECT_FALSE(exit.cancelled_caught);
  });
  EXPECT_EQ(rounds, 10);
}

TEST(Nursery, WaitsForItsTasksEvenWhenCancelled) {
  Log log;
  RunVirtual([&]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(
            [&]() -> Task<> { co_await Shielded([&]() -> Task<> { co_await LogAfter(log, "shielded", 5s); }); });
        co_return;
      });
      log.push_back("left normally");  // nothing was unwound, and leaving is no cancel point
    });
    EXPECT_FALSE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(5s));
  });
  EXPECT_EQ(log, (Log{"shielded", "left normally"}));
}

TEST(Nursery, TheFirstFailureCancelsTheRest) {  // S40
  Log log;
  const Failure failure = Leaving([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(LogAfter, std::ref(log), "sibling", 2s);
    nursery.StartSoon(FailAt, 1s, "boom");
    co_await Sleep(3s);
    log.push_back("body");
  });
  EXPECT_EQ(Shape(failure), "[boom]")
      << "the sibling's cancellation stays inside; even a single error is wrapped";  // S41
  EXPECT_EQ(failure.group().message(), "Exceptions from a nursery");
  EXPECT_TRUE(log.empty());
}

TEST(Nursery, AFailureOfTheBodyCancelsTheTasks) {  // S40
  Log log;
  const Failure failure = Leaving([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(LogAfter, std::ref(log), "child", 2s);
    co_await Sleep(1s);
    Throw("body");
  });
  EXPECT_EQ(Shape(failure), "[body]");
  EXPECT_TRUE(log.empty());
}

TEST(Nursery, FailuresLeaveInTheOrderOfCompletion) {  // S41
  const Failure failure = Leaving([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(FailInCleanup, "first started");
    nursery.StartSoon(FailAt, 1s, "cause");
    nursery.StartSoon(FailInCleanup, "third started");
    co_await Checkpoint();
    Throw("body");
  });
  EXPECT_EQ(Shape(failure), "[body, first started, third started]");
}

TEST(Nursery, AnErrorTakesTheCancellationFromOutsideAlong) {  // S41, S42
  RunVirtual([]() -> Task<> {
    Failure seen;
    CancelScope outer;
    Outcome<ScopeExit> outcome = co_await Capture(WithScope(outer, [&]() -> Task<> {
      const Outcome<> inside = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
        nursery.StartSoon(FailInCleanup, "cleanup");
        co_await Sleep(1s);
        outer.Cancel();
        co_await SleepForever();
      }));
      seen = inside.failure();
      co_await Resolve(inside);
    }));
    EXPECT_EQ(Shape(seen), "[cancelled, cleanup, cancelled]");
    EXPECT_FALSE(seen.is_cancelled()) << "it holds an error";
    EXPECT_EQ(Shape(outcome.failure()), "[cleanup]") << "the scope takes its cancellations out";  // S18
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

TEST(Nursery, CancellationsAloneGoOnAsACancellation) {
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
      const Outcome<> outcome = co_await Capture(WithNursery([](Nursery& nursery) -> Task<> {
        nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
        co_await SleepForever();
      }));
      EXPECT_TRUE(outcome.is_cancelled());
      EXPECT_EQ(Shape(outcome.failure()), "[cancelled, cancelled]");
      co_await Resolve(outcome);
      ADD_FAILURE() << "went on";
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

TEST(Nursery, ItsScopeCancelsBodyAndTasks) {  // S48
  Log log;
  const Failure failure = Leaving([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(LogAfter, std::ref(log), "child", 1s);
    nursery.cancel_scope().Cancel();
    co_await Checkpoint();
    log.push_back("body");
  });
  EXPECT_FALSE(failure);
  EXPECT_TRUE(log.empty());
}

TEST(Nursery, TasksMayStartSiblingsAfterTheBodyHasEnded) {  // S44
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&log, handle = nursery]() mutable -> Task<> {
        co_await Sleep(1s);
        handle.StartSoon(LogAfter, std::ref(log), "sibling", 1s);
      });
      co_return;
    });
    log.push_back("left");
  });
  EXPECT_EQ(log, (Log{"sibling", "left"}));
}

TEST(Nursery, TasksInheritItsScopeNotThatOfTheirStarter) {  // S45
  bool went_on = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      CancelScope scope;
      scope.Cancel();
      co_await WithScope(scope, [&]() -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          co_await Checkpoint();
          went_on = true;
        });
        co_return;
      });
    });
  });
  EXPECT_TRUE(went_on);
}

TEST(Nursery, KeepsCallableAndArgumentsUntilTheTaskHasEnded) {
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon(
          [counted = Counted()](const Counted&, std::unique_ptr<int> number) -> Task<> {
            co_await Sleep(1s);
            EXPECT_EQ(*number, 7);
            EXPECT_EQ(Counted::living, 2);
          },
          Counted(), std::make_unique<int>(7));
      co_return;
    });
    EXPECT_EQ(Counted::living, 0);
  });
}

TEST(Nursery, DropsTheValuesOfItsTasks) {  // S46
  const Failure failure = Leaving([](Nursery& nursery) -> Task<> {
    nursery.StartSoon([]() -> Task<int> { co_return 7; });
    co_return;
  });
  EXPECT_FALSE(failure);
}

TEST(Nursery, StartSoonPassesOnWhatTheCallableThrows) {
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      EXPECT_THROW(nursery.StartSoon(
                       [counted = Counted()](int) -> Task<> {
                         Throw("no task");
                         return []() -> Task<> { co_return; }();
                       },
                       1),
                   std::runtime_error);
      EXPECT_EQ(Counted::living, 0);
      co_return;
    });
  });
}

TEST(Nursery, ABodyThatThrowsBeforeItMakesATaskFails) {
  const Failure failure = Leaving([](Nursery& nursery) -> Task<> {
    nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
    Throw("no task");
    return []() -> Task<> { co_return; }();
  });
  EXPECT_EQ(Shape(failure), "[no task]");
}

TEST(Nursery, KeepsTheOriginalExceptionObject) {  // S47
  const Failure failure = Leaving([](Nursery& nursery) -> Task<> {
    nursery.StartSoon(FailAt, 1s, "boom");
    co_return;
  });
  EXPECT_EQ(failure.group().members()[0].error(), failure.group().members()[0].error());
  EXPECT_THROW(failure.group().members()[0].Throw(), std::runtime_error);
}

TEST(Nursery, GroupsNestAsNurseriesDo) {
  const Failure failure = Leaving([](Nursery& nursery) -> Task<> {
    nursery.StartSoon([]() -> Task<> {
      co_await WithNursery([](Nursery& inner) -> Task<> {
        inner.StartSoon(FailAt, 1s, "inner");
        co_return;
      });
    });
    co_return;
  });
  EXPECT_EQ(Shape(failure), "[[inner]]");
}

TEST(Nursery, ACaughtGroupWithCancelledMembersDropsThem) {
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
      try {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.StartSoon(FailInCleanup, "cleanup");
          co_await SleepForever();
        });
      } catch (const ExceptionGroup& group) {
        EXPECT_TRUE(group.has_cancelled());
      }
    });
    EXPECT_FALSE(exit.cancelled_caught);
  });
}

TEST(Nursery, ServesTasksThatDestructorsStartWhileUnwinding) {
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await MoveOnAfter(1s, [&]() -> Task<> {
        const AtEnd guard([&] {
          EXPECT_TRUE(Unwinding());
          EXPECT_EQ(std::uncaught_exceptions(), 0);
          nursery.StartSoon(LogAfter, std::ref(log), "from a destructor", 1s);
        });
        co_await SleepForever();
      });
      EXPECT_FALSE(Unwinding());
    });
  });
  EXPECT_EQ(log, Log{"from a destructor"});
}

TEST(Nursery, RefusesTasksOnceItHasClosed) {  // S44
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    std::optional<Nursery> kept;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      kept = nursery;
      co_return;
    });
    EXPECT_THROW(kept->StartSoon([counted = Counted()]() -> Task<> { co_return; }), MisuseError);
    EXPECT_EQ(Counted::living, 0);
    kept->StartSoon([]() -> Task<> { co_return; });
  });
  EXPECT_EQ(outcome.failure.ToString(),
            "hocket::MisuseError: the nursery is closed to new tasks: its body and all its tasks have ended");
}
TEST(Nursery, OfAnAbandonedRunRefusesTasks) {
  std::optional<Nursery> kept;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      kept = nursery;
      co_await SleepForever();
    });
  });
  RunVirtual([&]() -> Task<> {
    EXPECT_THROW(kept->StartSoon([]() -> Task<> { co_return; }), MisuseError);
    co_return;
  });
}

using NurseryDeathTest = testing::Test;

TEST(NurseryDeathTest, ChecksNamesOfTasks) {
  for (const char* name : {"", "a/b"}) {
    EXPECT_DEATH(RunVirtual([&]() -> Task<> {
                   co_await WithNursery([&](Nursery& nursery) -> Task<> {
                     nursery.StartSoon(TaskName(name), []() -> Task<> { co_return; });
                     co_return;
                   });
                 }),
                 "cannot name a task");
  }
}

}  // namespace
}  // namespace hocket
