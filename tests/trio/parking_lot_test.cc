// Trio's test_parking_lot.py.

#include "hocket/parking_lot.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/trio/policies.h"

namespace hocket {
namespace {

std::string Numbered(const char* what, int number) { return what + (" " + std::to_string(number)); }

// Parks in `lot` and logs how that went.
Task<> Waiter(int number, ParkingLot& lot, Log& log) {
  log.push_back(Numbered("sleep", number));
  co_await lot.Park();
  log.push_back(Numbered("wake", number));
}

// The same in a scope of its own.
Task<> ScopedWaiter(int number, ParkingLot& lot, CancelScope scope, Log& log) {
  log.push_back(Numbered("sleep", number));
  co_await WithScope(scope, [&]() -> Task<> {
    co_await lot.Park();
    log.push_back(Numbered("wake", number));
  });
  if (scope.cancelled_caught()) log.push_back(Numbered("cancelled", number));
}

// Starts three of them, one after the other.
Task<> StartThree(Nursery nursery, ParkingLot& lot, std::vector<CancelScope>& scopes, Log& log) {
  for (int i = 0; i < 3; ++i) {
    scopes.emplace_back();
    nursery.StartSoon(ScopedWaiter, i, std::ref(lot), scopes.back(), std::ref(log));
    co_await Settle();
  }
}

// Parks and tells whether that throws BrokenResourceError.
Task<> ParkBroken(ParkingLot& lot, int& broken) {
  if (co_await Throws<BrokenResourceError>([&]() -> Task<> { co_await lot.Park(); })) ++broken;
}

TEST(ParkingLotTest, UnparksInTheOrderOfParking) {  // test_parking_lot.py: parking_lot_basic; S63
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    ParkingLot lot;
    EXPECT_EQ(lot.size(), 0u);
    EXPECT_TRUE(lot.empty());
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) nursery.StartSoon(Waiter, i, std::ref(lot), std::ref(log));
      co_await Settle();
      EXPECT_EQ(Sorted(log), (Log{"sleep 0", "sleep 1", "sleep 2"}));
      EXPECT_EQ(lot.size(), 3u);
      EXPECT_FALSE(lot.empty());
      EXPECT_EQ(lot.Unpark(ParkingLot::kAll), 3u);
      EXPECT_TRUE(lot.empty());
      co_await Settle();
      EXPECT_EQ(Sorted(log), (Log{"sleep 0", "sleep 1", "sleep 2", "wake 0", "wake 1", "wake 2"}));
    });

    // One by one, the order is theirs.
    log.clear();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon(Waiter, i, std::ref(lot), std::ref(log));
        co_await Settle();
      }
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(lot.Unpark(), 1u);
        co_await Settle();
      }
      EXPECT_EQ(lot.Unpark(), 0u);
    });
    EXPECT_EQ(log, (Log{"sleep 0", "sleep 1", "sleep 2", "wake 0", "wake 1", "wake 2"}));

    // Several at once, and more than there are.
    log.clear();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon(Waiter, i, std::ref(lot), std::ref(log));
        co_await Settle();
      }
      EXPECT_EQ(lot.Unpark(2), 2u);
      co_await Settle();
      EXPECT_EQ(Sorted(log), (Log{"sleep 0", "sleep 1", "sleep 2", "wake 0", "wake 1"}));
      EXPECT_EQ(lot.Unpark(100), 1u);
    });
    EXPECT_EQ(log.back(), "wake 2");
  });
}

TEST(ParkingLotTest, LetsGoOfACancelledTask) {  // test_parking_lot.py: parking_lot_cancel; S63
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    ParkingLot lot;
    std::vector<CancelScope> scopes;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await StartThree(nursery, lot, scopes, log);
      EXPECT_EQ(log, (Log{"sleep 0", "sleep 1", "sleep 2"}));
      scopes[1].Cancel();
      EXPECT_EQ(lot.size(), 2u) << "at once, before its turn";
      co_await Settle();
      EXPECT_EQ(log.back(), "cancelled 1");
      lot.Unpark();
      co_await Settle();
      EXPECT_EQ(log.back(), "wake 0");
      lot.Unpark();
      co_await Settle();
      EXPECT_EQ(log.back(), "wake 2");
    });
    EXPECT_EQ(log.size(), 6u);
  });
}

TEST(ParkingLotTest, ReparksInOrder) {  // test_parking_lot.py: parking_lot_repark; S63
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    ParkingLot one, two;
    std::vector<CancelScope> scopes;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await StartThree(nursery, one, scopes, log);
      EXPECT_EQ(log.size(), 3u);

      one.Repark(two);
      EXPECT_EQ(one.size(), 2u);
      EXPECT_EQ(two.size(), 1u);
      two.Unpark();
      co_await Settle();
      EXPECT_EQ(log.size(), 4u);
      EXPECT_EQ(log.back(), "wake 0");

      one.Repark(two, ParkingLot::kAll);
      EXPECT_EQ(one.size(), 0u);
      EXPECT_EQ(two.size(), 2u);
      scopes[1].Cancel();
      EXPECT_EQ(two.size(), 1u) << "out of the lot that it is in by now";
      co_await Settle();
      EXPECT_EQ(log.back(), "cancelled 1");
      two.Unpark(ParkingLot::kAll);
      co_await Settle();
      EXPECT_EQ(log.size(), 6u);
      EXPECT_EQ(log.back(), "wake 2");
    });
  });
}

TEST(ParkingLotTest, ReparksAsManyAsItIsTold) {  // test_parking_lot.py: parking_lot_repark_with_count; S63
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    ParkingLot one, two;
    std::vector<CancelScope> scopes;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await StartThree(nursery, one, scopes, log);
      one.Repark(two, 2);
      EXPECT_EQ(one.size(), 1u);
      EXPECT_EQ(two.size(), 2u);
      for (const char* expected : {"wake 0", "wake 1"}) {
        two.Unpark();
        co_await Settle();
        EXPECT_EQ(log.back(), expected);
      }
      EXPECT_EQ(one.Unpark(ParkingLot::kAll), 1u);
    });
    EXPECT_EQ(log, (Log{"sleep 0", "sleep 1", "sleep 2", "wake 0", "wake 1", "wake 2"}));
  });
}

TEST(ParkingLotTest, BreaksWithItsBreaker) {  // test_parking_lot.py: parking_lot_breaker_basic; S63, S64
  RunUnderEveryPolicy([]() -> Task<> {
    ParkingLot lot;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        lot.AddBreaker(CurrentTask());
        co_await Checkpoint();
        EXPECT_FALSE(lot.broken());
      });
      co_return;
    });
    EXPECT_TRUE(lot.broken());
    lot.Break();  // once more, and nothing happens
    EXPECT_TRUE(lot.broken());
    int broken = 0;
    co_await ParkBroken(lot, broken);
    EXPECT_EQ(broken, 1);
  });
}

TEST(ParkingLotTest, FailsWhoIsParkedWhenItBreaks) {  // test_parking_lot.py: parking_lot_break_parking_tasks; S63
  RunUnderEveryPolicy([]() -> Task<> {
    ParkingLot lot;
    int broken = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 2; ++i) nursery.StartSoon(ParkBroken, std::ref(lot), std::ref(broken));
      co_await Settle();
      EXPECT_EQ(lot.size(), 2u);
      lot.Break();
      EXPECT_TRUE(lot.empty());
    });
    EXPECT_EQ(broken, 2);
    co_await ParkBroken(lot, broken);
    EXPECT_EQ(broken, 3) << "and whoever comes later";
  });
}

TEST(ParkingLotTest, CountsItsBreakers) {  // test_parking_lot.py: parking_lot_breaker_registration; S64
  RunUnderEveryPolicy([]() -> Task<> {
    ParkingLot lot;
    const TaskRef main = CurrentTask();
    EXPECT_THROW(lot.RemoveBreaker(main), MisuseError) << "not registered";

    lot.AddBreaker(main);
    lot.RemoveBreaker(main);
    EXPECT_THROW(lot.RemoveBreaker(main), MisuseError) << "not any more";

    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {  // registered twice and removed twice
        lot.AddBreaker(CurrentTask());
        lot.AddBreaker(CurrentTask());
        lot.RemoveBreaker(CurrentTask());
        lot.RemoveBreaker(CurrentTask());
        co_return;
      });
      co_return;
    });
    EXPECT_FALSE(lot.broken());

    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {  // removed only once
        lot.AddBreaker(CurrentTask());
        lot.AddBreaker(CurrentTask());
        lot.RemoveBreaker(CurrentTask());
        EXPECT_THROW(lot.RemoveBreaker(main), MisuseError) << "somebody else";
        co_return;
      });
      co_return;
    });
    EXPECT_TRUE(lot.broken());
  });
}

TEST(ParkingLotTest, BreaksOnce) {  // test_parking_lot.py: parking_lot_breaker_rebreak; S63
  RunUnderEveryPolicy([]() -> Task<> {
    ParkingLot lot;
    int broken = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(ParkBroken, std::ref(lot), std::ref(broken));
      co_await Settle();
      lot.Break();
      lot.Break();
      co_await WithNursery([&](Nursery& breakers) -> Task<> {
        breakers.StartSoon([&]() -> Task<> {
          lot.AddBreaker(CurrentTask());
          co_return;
        });
        co_return;
      });
    });
    EXPECT_EQ(broken, 1);
  });
}

TEST(ParkingLotTest, BreaksWithEachOfItsBreakers) {  // test_parking_lot.py: parking_lot_multiple_breakers_exit; S64
  RunUnderEveryPolicy([]() -> Task<> {
    ParkingLot lot;
    int broken = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(ParkBroken, std::ref(lot), std::ref(broken));
      co_await WithNursery([&](Nursery& breakers) -> Task<> {
        for (int i = 0; i < 3; ++i) {
          breakers.StartSoon([&]() -> Task<> {
            lot.AddBreaker(CurrentTask());
            co_await SleepForever();
          });
        }
        co_await Settle();
        EXPECT_FALSE(lot.broken());
        breakers.cancel_scope().Cancel();
      });
      EXPECT_TRUE(lot.broken());
    });
    EXPECT_EQ(broken, 1);
  });
}

TEST(ParkingLotTest, BreaksByAnEndedTask) {  // test_parking_lot.py: parking_lot_breaker_register_exited_task; S64
  RunUnderEveryPolicy([]() -> Task<> {
    TaskRef child;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        child = CurrentTask();
        co_return;
      });
      co_return;
    });
    ParkingLot lot;
    EXPECT_THROW(lot.AddBreaker(child), BrokenResourceError);
    EXPECT_TRUE(lot.broken());
  });
}

TEST(ParkingLotTest, MayBeParkedInByItsBreaker) {  // test_parking_lot.py: parking_lot_break_itself; S63, S64
  RunUnderEveryPolicy([]() -> Task<> {
    for (const bool by_cancelling : {false, true}) {
      ParkingLot lot;
      int broken = 0;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          lot.AddBreaker(CurrentTask());
          co_await ParkBroken(lot, broken);
        });
        co_await Settle();
        EXPECT_EQ(lot.size(), 1u);
        if (by_cancelling) {
          nursery.cancel_scope().Cancel();
        } else {
          lot.Break();
        }
        EXPECT_TRUE(lot.empty());
      });
      EXPECT_EQ(broken, by_cancelling ? 0 : 1);
      EXPECT_TRUE(lot.broken());
    }
  });
}

}  // namespace
}  // namespace hocket
