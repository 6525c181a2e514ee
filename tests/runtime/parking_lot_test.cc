#include "hocket/parking_lot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;

// Waits in `lot` from the second `arrival` on, and logs how that ends.
Task<> WaitIn(ParkingLot& lot, Log& log, std::string name, int arrival) {
  co_await Sleep(std::chrono::seconds(arrival));
  try {
    co_await lot.Park();
    log.push_back(name);
  } catch (const BrokenResourceError&) {
    log.push_back(name + " broken");
  }
}

// "a", "b", "c", ... wait in `lot`, in this order, when this returns to `nursery`'s body after `count` seconds.
Task<> Fill(Nursery nursery, ParkingLot& lot, Log& log, int count) {
  for (int i = 0; i < count; ++i) {
    nursery.StartSoon(WaitIn, std::ref(lot), std::ref(log), std::string(1, static_cast<char>('a' + i)), i);
  }
  co_await Sleep(std::chrono::seconds(count));
  EXPECT_EQ(lot.size(), static_cast<std::size_t>(count));
}

// Lets everybody run who can.
Task<> Pass() { co_await Sleep(1ms); }

// Runs `body` in a nursery, with two lots and a log that outlive its tasks.
template <class Body>
void InNursery(const RunOptions& options, Body body) {
  Log log;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        ParkingLot lot, other;
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await body(nursery, lot, other, log); });
      },
      options);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(ParkingLot, IsFirstInFirstOut) {  // S63
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& lot, ParkingLot&, Log& log) -> Task<> {
      EXPECT_TRUE(lot.empty());
      co_await Fill(nursery, lot, log, 5);
      EXPECT_FALSE(lot.empty());
      for (const char* next : {"a", "b", "c", "d", "e"}) {
        EXPECT_EQ(lot.Unpark(), 1u);
        EXPECT_TRUE(log.empty()) << "a task ran inside Unpark";
        co_await Pass();
        EXPECT_EQ(log, Log{next});
        log.clear();
      }
      EXPECT_EQ(lot.Unpark(), 0u);
      EXPECT_TRUE(lot.empty());
    });
  });
}

TEST(ParkingLot, UnparksAsManyAsThereAre) {  // S63
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& lot, ParkingLot&, Log& log) -> Task<> {
      co_await Fill(nursery, lot, log, 5);
      EXPECT_EQ(lot.Unpark(0), 0u);
      EXPECT_EQ(lot.size(), 5u);
      EXPECT_EQ(lot.Unpark(2), 2u);
      EXPECT_EQ(lot.size(), 3u) << "they have left the line before they run";
      co_await Pass();
      EXPECT_EQ(log.size(), 2u);
      EXPECT_EQ(lot.Unpark(7), 3u);
      co_await Pass();
      EXPECT_EQ(log.size(), 5u);
      nursery.StartSoon(WaitIn, std::ref(lot), std::ref(log), "late", 0);
      co_await Pass();
      EXPECT_EQ(lot.Unpark(ParkingLot::kAll), 1u);
    });
  });
}

TEST(ParkingLot, TasksGoOnInTheirOrder) {  // S63
  InNursery({}, [](Nursery& nursery, ParkingLot& lot, ParkingLot&, Log& log) -> Task<> {
    co_await Fill(nursery, lot, log, 4);
    lot.Unpark(ParkingLot::kAll);
    co_await Pass();
    EXPECT_EQ(log, (Log{"a", "b", "c", "d"}));
  });
}

TEST(ParkingLot, ACancelledTaskLeavesTheLine) {  // S63
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& lot, ParkingLot&, Log& log) -> Task<> {
      CancelScope scope;
      nursery.StartSoon(WaitIn, std::ref(lot), std::ref(log), "a", 0);
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(scope, [&]() -> Task<> { co_await WaitIn(lot, log, "b", 1); });
        log.push_back("b is out");
      });
      nursery.StartSoon(WaitIn, std::ref(lot), std::ref(log), "c", 2);
      co_await Sleep(3s);
      scope.Cancel();
      EXPECT_EQ(lot.size(), 2u) << "at once";
      co_await Pass();
      EXPECT_EQ(log, Log{"b is out"});
      EXPECT_EQ(lot.Unpark(2), 2u);
      co_await Pass();
      EXPECT_EQ(log.size(), 3u);
    });
  });
}

TEST(ParkingLot, AnUnparkedTaskIsNotCancelledAnyMore) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& lot, ParkingLot&, Log& log) -> Task<> {
      co_await Fill(nursery, lot, log, 2);
      lot.Unpark();
      nursery.cancel_scope().Cancel();
      EXPECT_TRUE(lot.empty());
      co_await Shielded(Pass);
      EXPECT_EQ(log, Log{"a"});
    });
  });
}

TEST(ParkingLot, ReparksInOrderBehindWhoWaitsThere) {  // S63
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& first, ParkingLot& second, Log& log) -> Task<> {
      nursery.StartSoon(WaitIn, std::ref(second), std::ref(log), "x", 0);
      co_await Fill(nursery, first, log, 4);
      first.Repark(second);
      first.Repark(second, 2);
      EXPECT_EQ(first.size(), 1u);
      EXPECT_EQ(second.size(), 4u);
      first.Repark(second, 0);
      first.Repark(second, ParkingLot::kAll);
      first.Repark(second);
      co_await Pass();
      EXPECT_TRUE(log.empty()) << "they go on waiting";
      EXPECT_TRUE(first.empty());
      EXPECT_EQ(first.Unpark(), 0u);
      while (second.Unpark() > 0) co_await Pass();
      EXPECT_EQ(log, (Log{"x", "a", "b", "c", "d"}));
    });
  });
}

TEST(ParkingLot, ACancelledTaskLeavesTheLineThatItWasMovedTo) {  // S63
  InNursery({}, [](Nursery& nursery, ParkingLot& first, ParkingLot& second, Log& log) -> Task<> {
    co_await WithNursery([&](Nursery& inner) -> Task<> {
      co_await Fill(inner, first, log, 3);
      first.Repark(second, 2);
      inner.cancel_scope().Cancel();
      EXPECT_TRUE(first.empty());
      EXPECT_TRUE(second.empty());
      EXPECT_EQ(second.size(), 0u);
    });
    EXPECT_TRUE(log.empty());
    nursery.StartSoon(WaitIn, std::ref(second), std::ref(log), "later", 0);
    co_await Pass();
    EXPECT_EQ(second.Unpark(), 1u);
  });
}

TEST(ParkingLotDeathTest, DoesNotReparkIntoItself) {
  ParkingLot lot;
  EXPECT_DEATH(lot.Repark(lot), "into itself");
}

// ---------------------------------------------------------------- breaking

TEST(ParkingLot, BreakingIsAnErrorForAllWhoWaitAndForAllWhoCome) {  // S63
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& lot, ParkingLot&, Log& log) -> Task<> {
      co_await Fill(nursery, lot, log, 2);
      EXPECT_FALSE(lot.broken());
      lot.Break();
      EXPECT_TRUE(lot.broken());
      EXPECT_TRUE(lot.empty());
      lot.Break();
      nursery.cancel_scope().Cancel();
      co_await Shielded(Pass);
      std::sort(log.begin(), log.end());
      EXPECT_EQ(log, (Log{"a broken", "b broken"})) << "who was woken is not cancelled";
      EXPECT_THROW(co_await lot.Park(), BrokenResourceError) << "before any cancel point";
    });
  });
}

TEST(ParkingLot, ParkingInABrokenOneIsNotASchedulePoint) {  // S63
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    ParkingLot lot;
    lot.Break();
    for (int i = 0; i < 3; ++i) EXPECT_THROW(co_await lot.Park(), BrokenResourceError);
  });
  EXPECT_EQ(outcome.steps, 1u);
}

TEST(ParkingLot, ReparkingIntoABrokenOneIsAnError) {  // S63: what comes later
  UnderEveryPolicy([](const RunOptions& options) {
    InNursery(options, [](Nursery& nursery, ParkingLot& lot, ParkingLot& broken, Log& log) -> Task<> {
      broken.Break();
      co_await Fill(nursery, lot, log, 3);
      lot.Repark(broken);
      co_await Pass();
      EXPECT_EQ(log, Log{"a broken"});
      EXPECT_TRUE(broken.empty());
      lot.Unpark(2);
    });
  });
}

TEST(ParkingLot, BreaksWhenItsBreakerEnds) {  // S64
  UnderEveryPolicy([](const RunOptions& options) {
    for (const bool fails : {false, true}) {
      Log log;
      const RunOutcome outcome = RunVirtual(
          [&]() -> Task<> {
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              ParkingLot lot;
              const Outcome<> ended = co_await Capture(WithNursery([&](Nursery& inner) -> Task<> {
                inner.StartSoon([&lot, fails]() -> Task<> {
                  lot.AddBreaker(CurrentTask());
                  co_await Sleep(2s);
                  if (fails) Throw("boom");
                });
                nursery.StartSoon(WaitIn, std::ref(lot), std::ref(log), "a", 1);
                co_return;
              }));
              EXPECT_EQ(ended.has_error(), fails);
              EXPECT_TRUE(lot.broken());
              co_await Pass();
            });
          },
          options);
      EXPECT_TRUE(outcome.completed()) << outcome.ToString();
      EXPECT_EQ(log, Log{"a broken"});
      EXPECT_EQ(outcome.ended_at, At(2s + 1ms));
    }
  });
}

TEST(ParkingLot, BreaksWhenItsBreakerIsCancelled) {  // S64
  RunVirtual([]() -> Task<> {
    ParkingLot lot;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        lot.AddBreaker(CurrentTask());
        co_await SleepForever();
      });
      co_await Checkpoint();
      EXPECT_FALSE(lot.broken());
      nursery.cancel_scope().Cancel();
      EXPECT_FALSE(lot.broken()) << "the task has not ended yet";
    });
    EXPECT_TRUE(lot.broken());
  });
}

TEST(ParkingLot, DoesNotBreakWhenABreakerEndsThatWasRemoved) {  // S64
  RunVirtual([]() -> Task<> {
    ParkingLot lot;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        lot.AddBreaker(CurrentTask());
        lot.RemoveBreaker(CurrentTask());
        co_return;
      });
      co_return;
    });
    EXPECT_FALSE(lot.broken());
  });
}

TEST(ParkingLot, CountsHowOftenATaskIsABreaker) {
  RunVirtual([]() -> Task<> {
    ParkingLot lot;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const TaskRef task = CurrentTask();
        EXPECT_THROW(lot.RemoveBreaker(task), MisuseError);
        lot.AddBreaker(task);
        lot.AddBreaker(task);
        lot.RemoveBreaker(task);
        co_return;
      });
      co_return;
    });
    EXPECT_TRUE(lot.broken());
    EXPECT_THROW(lot.RemoveBreaker(CurrentTask()), MisuseError);
  });
}

TEST(ParkingLot, AnEndedTaskAsABreakerBreaksIt) {  // S64
  RunVirtual([]() -> Task<> {
    ParkingLot lot;
    Log log;
    TaskRef ended;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        ended = CurrentTask();
        co_return;
      });
      nursery.StartSoon(WaitIn, std::ref(lot), std::ref(log), "a", 0);
      co_await Pass();
      EXPECT_THROW(lot.AddBreaker(ended), BrokenResourceError);
      EXPECT_TRUE(lot.broken());
    });
    EXPECT_EQ(log, Log{"a broken"});
  });
}

TEST(ParkingLot, EachOfManyBreakersBreaksIt) {  // S64
  for (const int first : {0, 1, 2}) {
    RunVirtual([&]() -> Task<> {
      ParkingLot lot;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        for (int i = 0; i < 3; ++i) {
          nursery.StartSoon([&, i]() -> Task<> {
            lot.AddBreaker(CurrentTask());
            co_await Sleep(i == first ? 1s : 3s);
          });
        }
        co_await Sleep(2s);
        EXPECT_TRUE(lot.broken());
      });
      EXPECT_EQ(Now(), At(3s)) << "the others end without harm";
    });
  }
}

TEST(ParkingLot, ATaskBreaksAllOfItsLots) {  // S64
  RunVirtual([]() -> Task<> {
    std::vector<std::unique_ptr<ParkingLot>> lots;
    for (int i = 0; i < 10; ++i) lots.push_back(std::make_unique<ParkingLot>());
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        for (auto& lot : lots) lot->AddBreaker(CurrentTask());
        co_await Sleep(1s);
      });
      co_await Checkpoint();
      lots.erase(lots.begin() + 3);  // a lot may go before its breakers
    });
    for (auto& lot : lots) EXPECT_TRUE(lot->broken());
  });
}

// ---------------------------------------------------------------- runs that are given up

TEST(ParkingLot, MayOutliveARunThatWasGivenUp) {
  ParkingLot lot;
  Log log;
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(RunVirtual([&]() -> Task<> {
                co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await Fill(nursery, lot, log, 3); });
              }).kind,
              Kind::kDeadlock);
    EXPECT_TRUE(lot.empty());
    EXPECT_EQ(lot.size(), 0u) << "who waited is gone";
  }
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await Fill(nursery, lot, log, 2);
      EXPECT_EQ(lot.Unpark(ParkingLot::kAll), 2u);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"a", "b"}));
}

TEST(ParkingLot, BreaksIfItsBreakersRunIsGivenUp) {  // S64
  ParkingLot lot;
  RunVirtual([&]() -> Task<> {
    lot.AddBreaker(CurrentTask());
    co_await SleepForever();
  });
  EXPECT_TRUE(lot.broken());
}

TEST(ParkingLot, ADestructorMayUseItWhileTheRunIsGivenUp) {
  for (const bool lot_goes_first : {false, true}) {
    Log log;
    const RunOutcome outcome = RunVirtual([&]() -> Task<> {
      auto lot = std::make_unique<ParkingLot>();
      auto other = std::make_unique<ParkingLot>();
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        co_await Fill(nursery, *lot, log, 4);
        lot->AddBreaker(CurrentTask());
        const AtEnd guard([&] {
          lot->Repark(*other);
          lot->Unpark();
          other->Break();
          if (lot_goes_first) {
            lot.reset();
          } else {
            lot->RemoveBreaker(CurrentTask());
            lot->AddBreaker(CurrentTask());
          }
        });
        co_await SleepForever();
      });
    });
    EXPECT_EQ(outcome.kind, Kind::kDeadlock);
    EXPECT_TRUE(log.empty());
  }
}

TEST(ParkingLot, WaitersOfADestroyedOneStayAsleep) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    auto lot = std::make_unique<ParkingLot>();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await Fill(nursery, *lot, log, 2);
      lot.reset();
    });
  });
  EXPECT_EQ(outcome.kind, Kind::kDeadlock);
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace hocket
