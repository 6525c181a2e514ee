#include "hocket/park.h"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;

std::exception_ptr Error(const char* what) { return std::make_exception_ptr(std::runtime_error(what)); }

// One parked task: what its abort function says, and what has become of it.
struct Slot {
  Abort answer = Abort::kSucceeded;
  TaskRef task;
  int aborts = 0;
  bool returned = false;
};

Task<> ParkIn(Slot& slot) {
  slot.task = CurrentTask();
  co_await Park("Slot.Park", [&slot] {
    ++slot.aborts;
    return slot.answer;
  });
  slot.returned = true;
}

TEST(Park, LastsUntilSomebodyWakesTheTask) {
  UnderEveryPolicy([](const RunOptions& options) {
    Slot slot;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon(ParkIn, std::ref(slot));
            co_await Sleep(1s);
            EXPECT_FALSE(slot.returned);
            Wake(slot.task);
            EXPECT_FALSE(slot.returned) << "the task ran inside Wake";
          });
          EXPECT_TRUE(slot.returned);
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, At(1s));
    EXPECT_EQ(slot.aborts, 0);
  });
}

TEST(Park, EndsByThrowingWhatTheTaskIsWokenWith) {
  RunVirtual([]() -> Task<> {
    Slot slot;
    Failure failure;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const Outcome<> outcome = co_await Capture(ParkIn(slot));
        failure = outcome.failure();
      });
      co_await Checkpoint();
      Wake(slot.task, Error("broken"));
    });
    EXPECT_TRUE(Says(failure, "broken")) << failure.ToString();
  });
}

TEST(Park, TasksGoOnInTheOrderInWhichTheyAreWoken) {
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      std::vector<TaskRef> tasks;
      for (const char* name : {"a", "b", "c"}) {
        nursery.StartSoon([&tasks, &log, name]() -> Task<> {
          tasks.push_back(CurrentTask());
          co_await Park("Test", [] { return Abort::kSucceeded; });
          log.push_back(name);
        });
      }
      co_await Checkpoint();
      Wake(tasks[2]);
      Wake(tasks[0]);
      Wake(tasks[1]);
    });
  });
  EXPECT_EQ(log, (Log{"c", "a", "b"}));
}

TEST(Park, IsNamedInReports) {
  const RunOutcome outcome =
      RunVirtual([]() -> Task<> { co_await Park("Pool.Borrow", [] { return Abort::kSucceeded; }); });
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
  ASSERT_EQ(outcome.unfinished.size(), 1u);
  EXPECT_EQ(outcome.unfinished[0].operation, "Pool.Borrow");
}

// ---------------------------------------------------------------- cancellation

TEST(Park, IsAbortedInTheCancellersCallAndUnwindsInItsTurn) {  // S58, S59
  UnderEveryPolicy([](const RunOptions& options) {
    Slot slot;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            bool unwound = false;
            nursery.StartSoon([&]() -> Task<> {
              const AtEnd guard([&] { unwound = true; });
              co_await ParkIn(slot);
            });
            co_await Sleep(1s);
            EXPECT_EQ(slot.aborts, 0);
            nursery.cancel_scope().Cancel();
            EXPECT_EQ(slot.aborts, 1);
            EXPECT_FALSE(unwound);
            nursery.cancel_scope().Cancel();
            co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
            EXPECT_TRUE(unwound);
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(slot.aborts, 1);
    EXPECT_FALSE(slot.returned);
  });
}

TEST(Park, IsAbortedByADeadlineBeforeAnyTaskRuns) {  // S58, S25
  RunVirtual([]() -> Task<> {
    Slot slot;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> { co_await Sleep(1s); });
      nursery.StartSoon([&]() -> Task<> { co_await MoveOnAfter(1s, [&] { return ParkIn(slot); }); });
      co_await Sleep(1s);
      EXPECT_EQ(slot.aborts, 1);
    });
    EXPECT_FALSE(slot.returned);
  });
}

TEST(Park, IsAbortedAtOnceIfTheTaskIsCancelledAlready) {  // S58
  Slot slot;
  Recorder recorder;
  RunVirtual(
      [&]() -> Task<> {
        CancelScope scope;
        scope.Cancel();
        const ScopeExit exit = co_await WithScope(scope, [&] { return ParkIn(slot); });
        EXPECT_TRUE(exit.cancelled_caught);
      },
      {.observer = &recorder});
  EXPECT_EQ(slot.aborts, 1);
  EXPECT_FALSE(slot.returned);
  EXPECT_EQ(recorder.steps[0], 2u);
  EXPECT_EQ(recorder.cancelled, std::vector<std::uint32_t>{0});
}

TEST(Park, GoesOnIfItsAbortFails) {  // S59
  UnderEveryPolicy([](const RunOptions& options) {
    Slot slot{.answer = Abort::kFailed};
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            Outcome<> after;
            nursery.StartSoon([&]() -> Task<> {
              co_await ParkIn(slot);
              after = co_await Capture([]() -> Task<> { co_await Checkpoint(); }());
            });
            co_await Sleep(1s);
            nursery.cancel_scope().Cancel();
            co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
            EXPECT_FALSE(slot.returned) << "the cancellation woke it all the same";
            Wake(slot.task);
            co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
            EXPECT_TRUE(slot.returned) << "being woken counts, not being cancelled";
            EXPECT_TRUE(after.is_cancelled()) << "the cancellation shows at the next cancel point";
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(slot.aborts, 1);
  });
}

TEST(Park, GoesOnIfItsAbortFailsAtOnce) {  // S58, S59
  UnderEveryPolicy([](const RunOptions& options) {
    Slot slot{.answer = Abort::kFailed};
    Failure failure;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> {
              CancelScope scope;
              scope.Cancel();
              co_await WithScope(scope, [&]() -> Task<> {
                const Outcome<> outcome = co_await Capture(ParkIn(slot));
                failure = outcome.failure();
              });
            });
            co_await Sleep(1s);
            EXPECT_EQ(slot.aborts, 1);
            EXPECT_FALSE(failure);
            Wake(slot.task, Error("woken"));
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_TRUE(Says(failure, "woken")) << failure.ToString();
    EXPECT_EQ(slot.aborts, 1);
  });
}

TEST(Park, IsAbortedOnceHoweverOftenItIsCancelled) {  // S58
  RunVirtual([]() -> Task<> {
    Slot slot{.answer = Abort::kFailed};
    CancelScope outer;
    CancelScope inner({.shield = true});
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(outer, [&]() -> Task<> { co_await WithScope(inner, [&] { return ParkIn(slot); }); });
      });
      co_await Checkpoint();
      outer.Cancel();
      EXPECT_EQ(slot.aborts, 0) << "shielded";
      inner.set_shield(false);
      EXPECT_EQ(slot.aborts, 1);
      inner.set_shield(true);
      inner.set_shield(false);
      inner.Cancel();
      nursery.cancel_scope().Cancel();
      EXPECT_EQ(slot.aborts, 1) << "at most once a wait";
      Wake(slot.task);
    });
    EXPECT_TRUE(slot.returned);
  });
}

TEST(Park, EachWaitHasItsOwnAbort) {  // S58
  int aborts = 0;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      TaskRef task;
      nursery.StartSoon([&]() -> Task<> {
        task = CurrentTask();
        for (int i = 0; i < 3; ++i) {
          co_await Park("Test", [&] {
            ++aborts;
            return Abort::kFailed;
          });
        }
      });
      nursery.cancel_scope().Cancel();
      for (int i = 0; i < 3; ++i) {
        co_await ShieldedCheckpoint();
        EXPECT_EQ(aborts, i + 1);
        Wake(task);
      }
    });
  });
  EXPECT_EQ(aborts, 3);
}

TEST(Park, AWakeUpThatCameFirstBeatsACancellation) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    Slot slot;
    RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon(ParkIn, std::ref(slot));
            co_await Sleep(1s);
            Wake(slot.task);
            nursery.cancel_scope().Cancel();
          });
        },
        options);
    EXPECT_TRUE(slot.returned);
    EXPECT_EQ(slot.aborts, 0);
  });
}

TEST(Park, ItsAbortMayWakeTheTaskItselfIfItFails) {  // S59: ignoring the cancellation, or making it an error
  RunVirtual([]() -> Task<> {
    CancelScope scope;
    scope.Cancel();
    Outcome<> outcome;
    co_await WithScope(scope, [&]() -> Task<> {
      outcome = co_await Capture([]() -> Task<> {
        const TaskRef task = CurrentTask();
        co_await Park("Test", [&] {
          Wake(task, Error("broken by its cancellation"));
          return Abort::kFailed;
        });
      }());
    });
    EXPECT_TRUE(Says(outcome.failure(), "broken by its cancellation"));
    EXPECT_FALSE(scope.cancelled_caught());
  });
}

TEST(Park, ItsAbortMayWakeOtherTasks) {
  Log log;
  RunVirtual([&]() -> Task<> {
    Slot other;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await ParkIn(other);
        log.push_back("other");
      });
      co_await Checkpoint();
      co_await MoveOnAfter(1s, [&]() -> Task<> {
        co_await Park("Test", [&] {
          Wake(other.task);
          return Abort::kSucceeded;
        });
      });
      log.push_back("cancelled");
    });
  });
  EXPECT_EQ(log, (Log{"other", "cancelled"}));
}

// ---------------------------------------------------------------- misuse

Task<> ParkAndWake(int times) {
  Slot slot;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(ParkIn, std::ref(slot));
    co_await Checkpoint();
    for (int i = 0; i < times; ++i) Wake(slot.task);
  });
}

TEST(WakeDeathTest, ATaskThatHasBeenWokenAlready) {  // S7
  RunVirtual([] { return ParkAndWake(1); });
  EXPECT_DEATH(RunVirtual([] { return ParkAndWake(2); }), "a wait ends exactly once");
}

TEST(WakeDeathTest, ATaskWhoseWaitWasAborted) {  // S59
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 Slot slot;
                 co_await WithNursery([&](Nursery& nursery) -> Task<> {
                   nursery.StartSoon(ParkIn, std::ref(slot));
                   co_await Checkpoint();
                   nursery.cancel_scope().Cancel();
                   Wake(slot.task);
                 });
               }),
               "a wait ends exactly once");
}

TEST(WakeDeathTest, ATaskThatHasEnded) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 TaskRef task;
                 co_await WithNursery([&](Nursery& nursery) -> Task<> {
                   nursery.StartSoon([&]() -> Task<> {
                     task = CurrentTask();
                     co_return;
                   });
                   co_return;
                 });
                 Wake(task);
               }),
               "Wake needs a task that has not ended");
}

TEST(WakeDeathTest, NoTask) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 Wake(TaskRef());
                 co_return;
               }),
               "Wake needs a task");
}

TEST(WakeDeathTest, ATaskThatDoesNotWait) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 Wake(CurrentTask());
                 co_return;
               }),
               "Wake needs a task that is parked");
}

TEST(WakeDeathTest, ATaskThatWaitsForSomethingElse) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 TaskRef task;
                 co_await WithNursery([&](Nursery& nursery) -> Task<> {
                   nursery.StartSoon([&]() -> Task<> {
                     task = CurrentTask();
                     co_await SleepForever();
                   });
                   co_await Checkpoint();
                   Wake(task);
                 });
               }),
               "Wake needs a task that is parked in a Park");
}

TEST(WakeDeathTest, ATaskOfARunThatWasGivenUp) {
  EXPECT_DEATH(
      {
        Slot slot;
        RunVirtual([&]() -> Task<> { co_await ParkIn(slot); });
        RunVirtual([&]() -> Task<> {
          Wake(slot.task);
          co_return;
        });
      },
      "Wake needs a task that has not ended");
}

TEST(WakeDeathTest, WithoutARun) {
  EXPECT_DEATH(
      {
        TaskRef task;
        RunVirtual([&]() -> Task<> {
          task = CurrentTask();
          co_return;
        });
        Wake(task);
      },
      "this needs a run");
}

// ---------------------------------------------------------------- runs that are given up

TEST(Park, IsNotAbortedWhenTheRunIsGivenUp) {
  Slot slot;
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await ParkIn(slot); }).kind, Kind::kDeadlock);
  EXPECT_EQ(slot.aborts, 0);
  EXPECT_TRUE(slot.task.ended());
}

TEST(Park, WakingDoesNothingWhileTheRunIsGivenUp) {
  Slot first, second;
  const auto wake_both = [&] {
    Wake(first.task);
    Wake(second.task, Error("nobody hears it"));
    Wake(second.task);
  };
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const AtEnd guard(wake_both);
        co_await ParkIn(first);
      });
      nursery.StartSoon([&]() -> Task<> {
        const AtEnd guard(wake_both);
        co_await ParkIn(second);
      });
      co_return;
    });
  });
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
  EXPECT_FALSE(first.returned);
  EXPECT_FALSE(second.returned);
}

TEST(Park, ADestructorMayWakeATaskWhileACancellationUnwinds) {
  Slot slot;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(ParkIn, std::ref(slot));
      co_await MoveOnAfter(1s, [&]() -> Task<> {
        const AtEnd guard([&] { Wake(slot.task); });
        co_await SleepForever();
      });
      EXPECT_FALSE(slot.returned);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_TRUE(slot.returned);
}

// ---------------------------------------------------------------- the example of park.h

class Latch {  // lets everybody pass once it has been opened
 public:
  Task<> Wait() {
    if (open_) co_return co_await Checkpoint();
    const TaskRef task = CurrentTask();
    waiting_.push_back(task);
    co_await Park("Latch.Wait", [&] {
      std::erase(waiting_, task);  // undo every registration
      return Abort::kSucceeded;
    });
  }
  void Open() {
    open_ = true;
    for (const TaskRef& task : std::exchange(waiting_, {})) Wake(task);
  }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::vector<TaskRef> waiting_;
  bool open_ = false;
};

TEST(Latch, LetsEverybodyPassWhoWasNotCancelled) {
  UnderEveryPolicy([](const RunOptions& options) {
    int passed = 0;
    int cancelled = 0;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          Latch latch;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 6; ++i) {
              nursery.StartSoon([&, i]() -> Task<> {
                const ScopeExit exit =
                    co_await MoveOnAfter(i % 2 == 0 ? 1s : 3s, [&]() -> Task<> { co_await latch.Wait(); });
                ++(exit.cancelled_caught ? cancelled : passed);
              });
            }
            co_await Sleep(2s);
            EXPECT_EQ(latch.waiting(), 3u);
            latch.Open();
            co_await latch.Wait();
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, At(2s));
    EXPECT_EQ(passed, 3);
    EXPECT_EQ(cancelled, 3);
  });
}

TEST(Latch, MayOutliveARunThatWasGivenUp) {
  Latch latch;
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await latch.Wait(); }).kind, Kind::kDeadlock);
  EXPECT_EQ(latch.waiting(), 1u) << "nobody was asked to undo anything";
}

// ---------------------------------------------------------------- task references

TEST(TaskRef, OutlivesItsTaskAndTheRun) {
  TaskRef main, child, other;
  RunVirtual([&]() -> Task<> {
    main = CurrentTask();
    EXPECT_FALSE(main.ended());
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("worker"), [&]() -> Task<> {
        child = CurrentTask();
        EXPECT_FALSE(child.ended());
        co_return;
      });
      co_return;
    });
    EXPECT_TRUE(child.ended());
    EXPECT_EQ(child.id(), PathHash("main/worker.0"));
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        other = CurrentTask();
        co_return;
      });
      co_return;
    });
    EXPECT_FALSE(other == child) << "memory of an ended task was used again while somebody named it";
  });
  EXPECT_TRUE(main.ended());
  EXPECT_EQ(main.id(), PathHash("main"));
  EXPECT_EQ(child.id(), PathHash("main/worker.0"));
}

TEST(TaskRef, IsAValue) {
  RunVirtual([]() -> Task<> {
    TaskRef none;
    EXPECT_FALSE(none);
    EXPECT_TRUE(none == TaskRef());
    const TaskRef task = CurrentTask();
    EXPECT_TRUE(task);
    EXPECT_TRUE(task == CurrentTask());
    EXPECT_FALSE(task == none);
    TaskRef copy = task;
    TaskRef moved = std::move(copy);
    EXPECT_TRUE(moved == task);
    EXPECT_FALSE(copy);  // NOLINT(bugprone-use-after-move): what a moved-from reference names is promised here
    TaskRef& self = moved;
    moved = self;
    EXPECT_TRUE(moved == task);
    moved = none;
    EXPECT_FALSE(moved);
    co_return;
  });
}

TEST(TaskRef, OfATaskOfARunThatWasGivenUpHasEnded) {
  for (std::uint64_t limit = 1; limit < 4; ++limit) {
    std::vector<TaskRef> tasks;
    RunVirtual(
        [&]() -> Task<> {
          tasks.push_back(CurrentTask());
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> {
              tasks.push_back(CurrentTask());
              co_await Checkpoint();
            });
            co_await SleepForever();
          });
        },
        {.max_steps = limit});
    for (const TaskRef& task : tasks) EXPECT_TRUE(task.ended());
  }
}

TEST(TaskRefDeathTest, NoTaskHasNoName) {
  EXPECT_DEATH(TaskRef().id(), "no task");
  EXPECT_DEATH(TaskRef().ended(), "no task");
}

TEST(TaskRefDeathTest, ThereIsNoCurrentTaskOutsideOfOne) { EXPECT_DEATH(CurrentTask(), "this needs a run"); }

}  // namespace
}  // namespace hocket
