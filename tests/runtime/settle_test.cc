#include "hocket/settle.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;

Task<> Yield(int& yielded, int times) {
  for (int i = 0; i < times; ++i) {
    co_await Checkpoint();
    ++yielded;
  }
}

Task<> AwaitSettle() { co_await Settle(); }

TEST(Settle, WaitsUntilNobodyElseCanRun) {  // S81
  UnderEveryPolicy([](const RunOptions& options) {
    int yielded = 0;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          Event event;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon(Yield, std::ref(yielded), 5);
            nursery.StartSoon(Yield, std::ref(yielded), 9);
            nursery.StartSoon([&]() -> Task<> {
              co_await event.Wait();
              co_await Yield(yielded, 3);
            });
            co_await Settle();
            EXPECT_EQ(yielded, 14);
            event.Set();
            co_await Settle();
            EXPECT_EQ(yielded, 17);
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, Time{});
  });
}

TEST(Settle, NeedsNobodyElse) {
  EXPECT_TRUE(RunVirtual(AwaitSettle).completed());
  EXPECT_TRUE(RunReal(AwaitSettle).completed());
}

TEST(Settle, ComesBeforeTime) {  // S81
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> {
              co_await Sleep(1ns);
              log.push_back("time");
            });
            for (int i = 0; i < 3; ++i) {
              co_await Settle();
              EXPECT_EQ(Now(), Time{});
            }
            log.push_back("settled");
          });
        },
        options);
    EXPECT_EQ(log, (Log{"settled", "time"}));
  });
}

TEST(Settle, ComesBeforeTimeOnTheSystemClockToo) {  // S81
  Log log;
  RunReal([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await Sleep(50ms);
        log.push_back("time");
      });
      co_await Checkpoint();
      co_await Settle();
      log.push_back("settled");
    });
  });
  EXPECT_EQ(log, (Log{"settled", "time"}));
}

TEST(Settle, AllWhoSettleGoOnTogether) {  // S81
  for (const PassLength pass : {PassLength::kStep, PassLength::kBatch}) {
    Log log;
    RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (const char* name : {"a", "b", "c"}) {
              nursery.StartSoon([&log, name]() -> Task<> {
                co_await Settle();
                log.push_back(name);
                co_await Checkpoint();
                EXPECT_EQ(log.size(), 3u) << "one round later all have gone on";
              });
            }
            co_return;
          });
        },
        {.pass = pass});
    EXPECT_EQ(log.size(), 3u);
  }
}

TEST(Settle, TasksGoOnInTheOrderInWhichTheyBegan) {
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const int yields : {2, 0, 1}) {
        nursery.StartSoon([&log, yields]() -> Task<> {
          int yielded = 0;
          co_await Yield(yielded, yields);
          co_await Settle();
          log.push_back(std::to_string(yields));
        });
      }
      co_return;
    });
  });
  EXPECT_EQ(log, (Log{"0", "1", "2"}));
}

TEST(Settle, MayBeCancelled) {  // S58
  UnderEveryPolicy([](const RunOptions& options) {
    bool returned = false;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            CancelScope scope;
            nursery.StartSoon([&returned, scope]() -> Task<> {
              co_await WithScope(scope, AwaitSettle);
              returned = scope.cancelled_caught();
            });
            nursery.StartSoon([scope]() mutable -> Task<> {
              for (int i = 0; i < 10; ++i) co_await Checkpoint();
              scope.Cancel();
            });
            co_await Settle();
            EXPECT_TRUE(returned) << "a cancelled one that has yet to unwind counts as running";
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

TEST(Settle, WhenCancelledAlreadyUnwindsAtOnce) {
  Recorder recorder;
  RunVirtual(
      []() -> Task<> {
        CancelScope scope;
        scope.Cancel();
        const ScopeExit exit = co_await WithScope(scope, AwaitSettle);
        EXPECT_TRUE(exit.cancelled_caught);
      },
      {.observer = &recorder});
  EXPECT_EQ(recorder.steps[0], 2u);
}

TEST(Settle, ADeadlineDoesNotPassWhileItWaits) {  // S81
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1ns, AwaitSettle);
    EXPECT_FALSE(exit.cancelled_caught) << "it never takes time";
    const ScopeExit none = co_await MoveOnAfter(0s, AwaitSettle);
    EXPECT_TRUE(none.cancelled_caught);
  });
}

TEST(Settle, IsNotADeadlock) {  // S80
  bool settled = false;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
      co_await Settle();
      settled = true;
      co_await SleepForever();
    });
  });
  EXPECT_TRUE(settled);
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
}

TEST(Settle, MayBeGivenUpWithItsRun) {
  Runner runner;
  for (std::uint64_t limit = 1; limit < 6; ++limit) {
    const RunOutcome outcome = runner.Run(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            nursery.StartSoon(AwaitSettle);
            nursery.StartSoon(AwaitSettle);
            for (;;) co_await Checkpoint();
          });
        },
        {.clock = ClockKind::kVirtual, .max_steps = limit});
    EXPECT_EQ(outcome.kind, Kind::kStepLimit);
    EXPECT_TRUE(runner.Run(AwaitSettle, {.clock = ClockKind::kVirtual}).completed());
  }
}

TEST(Settle, TellsHowFarAPrimitiveHasCome) {
  UnderEveryPolicy([](const RunOptions& options) {
    RunVirtual(
        [&]() -> Task<> {
          ParkingLot lot;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 4; ++i) nursery.StartSoon([&]() -> Task<> { co_await lot.Park(); });
            co_await Settle();
            EXPECT_EQ(lot.size(), 4u);
            lot.Unpark(ParkingLot::kAll);
          });
        },
        options);
  });
}

}  // namespace
}  // namespace hocket
