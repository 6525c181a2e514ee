// Time on the virtual clock.

#include "hocket/sleep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

TEST(Sleep, JumpsToItsDeadlineWhenNothingElseCanRun) {  // S80
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      []() -> Task<> {
        EXPECT_EQ(Now(), Time{});
        co_await Sleep(3h);
        EXPECT_EQ(Now(), At(3h));
        co_await SleepUntil(At(5h));
        EXPECT_EQ(Now(), At(5h));
      },
      {.observer = &recorder});
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(outcome.ended_at, At(5h));
  EXPECT_EQ(recorder.jumps, (std::vector<Time>{At(3h), At(5h)}));
}

TEST(Sleep, WakesInTheOrderOfDeadlines) {
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int seconds : {3, 1, 2}) {
        nursery.StartSoon([&log, seconds]() -> Task<> {
          co_await Sleep(std::chrono::seconds(seconds));
          log.push_back(std::to_string(seconds));
          EXPECT_EQ(Now(), At(std::chrono::seconds(seconds)));
        });
      }
      co_return;
    });
  });
  EXPECT_EQ(log, (Log{"1", "2", "3"}));
}

TEST(Sleep, EqualDeadlinesWakeTogetherInTheOrderOfRegistration) {  // S82
  Recorder recorder;
  Log log;
  RunVirtual(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          for (const char* name : {"a", "b", "c"}) {
            nursery.StartSoon([&log, name]() -> Task<> {
              co_await Sleep(1s);
              log.push_back(name);
            });
          }
          co_return;
        });
      },
      {.observer = &recorder});
  EXPECT_EQ(log, (Log{"a", "b", "c"}));
  EXPECT_EQ(recorder.jumps.size(), 1u);
}

TEST(Sleep, TimeStandsStillWhileATaskCanRun) {  // S80
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      bool woken = false;
      nursery.StartSoon([&woken]() -> Task<> {
        co_await Sleep(1ns);
        woken = true;
      });
      for (int i = 0; i < 100; ++i) co_await Checkpoint();
      EXPECT_FALSE(woken);
      EXPECT_EQ(Now(), Time{});
      co_await Sleep(1ns);
    });
  });
}

TEST(Sleep, UntilThePastIsASchedulePoint) {
  bool other_ran = false;
  RunVirtual([&]() -> Task<> {
    co_await Sleep(5s);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        other_ran = true;
        co_return;
      });
      co_await SleepUntil(At(1s));
      EXPECT_TRUE(other_ran);
      EXPECT_EQ(Now(), At(5s));
    });
  });
}

TEST(Sleep, IsEndedByACancellation) {
  ScopeExit exit;
  RunVirtual([&]() -> Task<> {
    exit = co_await MoveOnAfter(1s, []() -> Task<> {
      co_await Sleep(2s);
      ADD_FAILURE() << "slept on";
    });
    EXPECT_EQ(Now(), At(1s));
  });
  EXPECT_TRUE(exit.cancelled_caught);
}

TEST(Sleep, AScopeWithTheSameDeadlineWins) {
  ScopeExit exit;
  RunVirtual([&]() -> Task<> {
    exit = co_await MoveOnAfter(1s, []() -> Task<> {
      co_await Sleep(1s);
      ADD_FAILURE() << "the surrounding scope is cancelled";
    });
  });
  EXPECT_TRUE(exit.cancelled_caught);
}

// The sleep is a scope of its own: it has expired as well, and once the cancellation from outside is shielded off, that
// is all there is.
TEST(Sleep, ReturnsIfItsDeadlineHasPassedAndTheCancellationIsShieldedOff) {  // S16, S31
  bool returned = false;
  ScopeExit outer_exit;
  RunVirtual([&]() -> Task<> {
    CancelScope middle;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await Sleep(1s);
        middle.set_shield(true);
      });
      co_await Checkpoint();
      outer_exit = co_await MoveOnAt(At(1s), [&]() -> Task<> {
        co_await WithScope(middle, [&]() -> Task<> {
          co_await Sleep(1s);
          returned = true;
        });
      });
    });
  });
  EXPECT_TRUE(returned);
  EXPECT_FALSE(outer_exit.cancelled_caught);
}

TEST(Sleep, ForeverIsEndedByACancellationOnly) {
  ScopeExit exit;
  RunVirtual([&]() -> Task<> { exit = co_await MoveOnAfter(1h, []() -> Task<> { co_await SleepForever(); }); });
  EXPECT_TRUE(exit.cancelled_caught);
}

TEST(Sleep, DurationsBeyondTheEndOfTimeAreForEver) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await Sleep(1s);
    co_await Sleep(Duration::max());
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
}

TEST(Sleep, ReachesTheLastPointInTime) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> { co_await SleepUntil(kForever - 1ns); });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(outcome.ended_at, kForever - 1ns);
}

TEST(Sleep, AThousandSleepersWakeInOrder) {
  std::vector<std::int64_t> woken;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 1000; ++i) {
        nursery.StartSoon([&woken, i]() -> Task<> {
          const Time deadline = Now() + Duration((i * 7919) % 1009);
          co_await SleepUntil(deadline);
          EXPECT_EQ(Now(), deadline);
          woken.push_back((Now() - Time{}).count());
        });
      }
      co_return;
    });
  });
  EXPECT_EQ(woken.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(woken.begin(), woken.end()));
}

using SleepDeathTest = testing::Test;

TEST(SleepDeathTest, ChecksANegativeDuration) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> { co_await Sleep(-1ns); }), "cannot sleep for -1 ns");
}
TEST(SleepDeathTest, ChecksThatThereIsARun) { EXPECT_DEATH(static_cast<void>(Now()), "this needs a run"); }

TEST(Sleep, AddsUpExactly) {  // S83
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    for (int i = 0; i < 3; ++i) co_await Sleep(100ms);
    EXPECT_EQ(Now(), At(300ms));
    const ScopeExit exit = co_await MoveOnAfter(100ms, []() -> Task<> {
      co_await Sleep(100ms);  // the same moment, which the deadline includes
    });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(400ms));
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(Sleep, DeadlinesThatPassAreLookedAtBetweenSteps) {  // S1, S25
  for (const PassLength pass : {PassLength::kStep, PassLength::kBatch}) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          CancelScope first;
          CancelScope second;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (const CancelScope& scope : {first, second}) {
              nursery.StartSoon(
                  [scope]() -> Task<> { co_await WithScope(scope, []() -> Task<> { co_await SleepForever(); }); });
            }
            co_await Settle();
            first.set_deadline(Now());
            second.set_deadline(Now());
            EXPECT_FALSE(SnapshotTasks()[1].ready);
            EXPECT_FALSE(SnapshotTasks()[2].ready);
            co_await Checkpoint();
            EXPECT_TRUE(SnapshotTasks()[1].ready);
            EXPECT_TRUE(SnapshotTasks()[2].ready);
          });
        },
        {.pass = pass});
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  }
}

}  // namespace
}  // namespace hocket
