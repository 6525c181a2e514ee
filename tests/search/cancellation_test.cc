// Cancellations and faults as decisions: where they can come, what they cost, and that every place is tried.
#include "hocket/testing/cancellation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"
#include "tests/search/comparison.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint64_t kMany = 1'000'000;

ExploreOptions Options() {
  ExploreOptions options;
  options.memory = PlainMemory::kReported;
  options.time_passes = TimePasses::kWhenIdle;
  return options;
}

// Takes `points` checkpoints in a scope that may be cancelled, and notes how many it has passed.
Task<> CountPassed(int points, std::string& observed) {
  int passed = 0;
  const bool cancelled = co_await CancelAnywhere([&]() -> Task<> {
    for (; passed < points; ++passed) co_await Checkpoint();
  });
  observed = std::to_string(passed) + (cancelled ? " cancelled" : "");
}

TEST(CancelAnywhere, IsCancelledAtEachPointOnceInASweep) {
  std::string observed;
  const Seen seen =
      SeenBy("sweep", [&] { return CountPassed(5, observed); }, Options(), kMany, [&] { return observed; });
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.outcomes.size(), 6u) << "not at all, and at each of the five checkpoints";
  // Between two steps there is one moment more than there are steps inside.
  EXPECT_LE(seen.schedules, 8u);
}

TEST(CancelAnywhere, SeesEachPointInOneClass) {
  std::string observed;
  const Seen seen =
      SeenBy("exhaustive", [&] { return CountPassed(5, observed); }, Options(), kMany, [&] { return observed; });
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.outcomes.size(), 6u);
}

// An offer may end, with its scope or because a deadline cancels that, while a search has explored it and lets it
// sleep.
TEST(CancelAnywhere, EndsWhereASearchLetsItSleep) {
  ExploreOptions options{.executions = 2000};
  options.strategy = [](std::uint64_t) { return *ParseStrategy("exhaustive", {}); };
  const Exploration exploration = Explore(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          for (int task = 0; task < 2; ++task) {
            nursery.StartSoon([]() -> Task<> {
              co_await WithScope(CancelScope({.timeout = 3ms}), [](CancelScope scope) -> Task<> {
                OfferCancellation(scope);
                co_await Sleep(2ms);
                co_await Sleep(2ms);
              });
            });
          }
          co_return;
        });
      },
      options);
  EXPECT_FALSE(exploration.failure) << exploration.Statement();
}

TEST(CancelAnywhere, CostsOneDelay) {
  std::string observed;
  const auto what = [&] { return observed; };
  const Body body = [&] { return CountPassed(3, observed); };
  EXPECT_EQ(SeenBy("delay:0", body, Options(), kMany, what).outcomes, std::set<std::string>{"passes\n3"});
  EXPECT_EQ(SeenBy("delay:1", body, Options(), kMany, what).outcomes.size(), 4u);
}

TEST(CancelAnywhere, CanBeSwitchedOff) {
  ExploreOptions options = Options();
  options.cancellations = false;
  std::string observed;
  const Seen seen =
      SeenBy("exhaustive", [&] { return CountPassed(3, observed); }, options, kMany, [&] { return observed; });
  EXPECT_EQ(seen.schedules, 1u);
}

TEST(CancelAnywhere, DoesNothingInAnOrdinaryRun) {
  std::string observed;
  const RunOutcome outcome = hocket::Run([&] { return CountPassed(3, observed); }, {.clock = ClockKind::kVirtual});
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(observed, "3");
}

TEST(CancelAnywhere, ComesAlsoWhileEverybodyWaitsForTime) {
  std::string observed;
  const Body body = [&]() -> Task<> {
    const bool cancelled = co_await CancelAnywhere([]() -> Task<> { co_await Sleep(5ms); });
    observed = cancelled ? std::to_string((Now() - Time{}) / 1ms) + " cancelled" : "slept";
  };
  const Seen seen = SeenBy("sweep", body, Options(), kMany, [&] { return observed; });
  // A cancellation that comes when the time is over, but before the sleeper has had its turn, still wins.
  EXPECT_EQ(seen.outcomes, (std::set<std::string>{"passes\n0 cancelled", "passes\n5 cancelled", "passes\nslept"}));
}

TEST(CancelAnywhere, IsNoWayOutOfADeadlock) {
  const Body body = []() -> Task<> {
    Event event;
    co_await CancelAnywhere([&]() -> Task<> { co_await event.Wait(); });
  };
  ExploreOptions options = Options();
  options.strategy = [](std::uint64_t) { return MakeBaseStrategy(Base::kStay); };
  options.executions = 1;
  const Exploration exploration = Explore(body, options);
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "deadlock");
}

// The property of a few lines, on a counter that is given back in a destructor, or forgotten.
Task<> Borrow(int& tokens, bool careful) {
  struct Return {
    int& tokens;
    bool careful;
    ~Return() {
      if (careful) ++tokens;
    }
  };
  --tokens;
  {
    Return guard{tokens, careful};
    co_await Checkpoint();
    if (!careful) ++tokens;
  }
}

Body Borrowing(bool careful) {
  return [careful]() -> Task<> {
    int tokens = 2;
    co_await HoldsWhereverCancelled([&]() -> Task<> { co_await Borrow(tokens, careful); },
                                    [&] {
                                      if (tokens != 2) throw std::logic_error("a token is lost");
                                    });
  };
}

std::function<std::unique_ptr<Strategy>(std::uint64_t)> Spelled(const std::string& spelling) {
  return [spelling](std::uint64_t seed) { return *ParseStrategy(spelling, {.seed = seed}); };
}

TEST(HoldsWhereverCancelled, FindsWhatIsLostAndReplaysIt) {
  for (const char* spelling : {"sweep", "delay:1", "exhaustive", "random", "portfolio"}) {
    ExploreOptions options = Options();
    options.strategy = Spelled(spelling);
    const Exploration exploration = Explore(Borrowing(false), options);
    ASSERT_TRUE(exploration.failure) << spelling;
    const Schedule& schedule = exploration.failure->schedule;
    ASSERT_EQ(schedule.deviations.size(), 1u) << spelling << ": " << FormatToken(schedule);
    EXPECT_EQ(schedule.deviations[0].run, "main/cancel.0");
    EXPECT_TRUE(ReplaySchedule(Borrowing(false), schedule, options).failure) << spelling;
  }
}

TEST(HoldsWhereverCancelled, IsSilentWhereNothingIsLost) {
  for (const char* spelling : {"sweep:2", "delay:2", "exhaustive", "random", "portfolio"}) {
    ExploreOptions options = Options();
    options.strategy = Spelled(spelling);
    EXPECT_FALSE(Explore(Borrowing(true), options).failure) << spelling;
  }
}

// Each order and composition of what a nursery's tasks can fail with: 0, 1, 2 or 3 of 3 tasks, in any order.
TEST(MayFail, ShowsEachOrderAndCompositionOfAGroup) {
  std::string observed;
  const Body body = [&]() -> Task<> {
    const Outcome<> outcome = co_await Capture(WithNursery([](Nursery& nursery) -> Task<> {
      for (const char* label : {"a", "b", "c"}) {
        nursery.StartSoon([label]() -> Task<> {
          co_await ShieldedCheckpoint();
          MayFail(label);
        });
      }
      co_return;
    }));
    observed = outcome.failure() ? outcome.failure().ToString() : "none";
  };
  for (const char* strategy : {"exhaustive", "dfs"}) {
    const Seen seen = SeenBy(strategy, body, Options(), kMany, [&] { return observed; });
    EXPECT_TRUE(seen.complete) << strategy;
    EXPECT_EQ(seen.outcomes.size(), 16u) << strategy;
  }
}

TEST(Sweep, SaysInWordsWhatItHasTried) {
  for (const auto& [spelling, words] : {std::pair("sweep:1", "at most 1 cancellation or fault "),
                                        std::pair("sweep:2", "at most 2 cancellations or faults ")}) {
    ExploreOptions options = Options();
    options.strategy = Spelled(spelling);
    const std::string statement = Explore(Borrowing(true), options).Statement();
    EXPECT_NE(statement.find(words), std::string::npos) << statement;
  }
}

TEST(MayFail, FailsOnceAtEachPointInASweep) {
  const Body body = []() -> Task<> {
    for (const char* label : {"a", "b", "c"}) {
      MayFail(label);
      co_await Checkpoint();
    }
  };
  const Seen seen = SeenBy("sweep", body, Options(), kMany);
  EXPECT_EQ(seen.schedules, 4u);
  EXPECT_EQ(seen.outcomes.size(), 4u);
}

// Who is woken is a decision if the exploration says so.
TEST(WakeOrder, IsDrawnOnlyWhereItIsLeftOpen) {
  std::string observed;
  const Body body = [&]() -> Task<> {
    ParkingLot lot;
    observed.clear();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const char name : {'a', 'b', 'c'}) {
        nursery.StartSoon([&, name]() -> Task<> {
          co_await lot.Park();
          observed += name;
        });
      }
      co_await Settle();
      while (!lot.empty()) {
        lot.Unpark();
        co_await Settle();
      }
    });
  };
  for (const WakeOrder order : {WakeOrder::kFirst, WakeOrder::kAny}) {
    ExploreOptions options = Options();
    options.wake_order = order;
    const Seen seen = SeenBy("dfs", body, options, kMany, [&] { return observed; });
    EXPECT_TRUE(seen.complete);
    std::set<std::string> orders = seen.outcomes;
    // The order of coming to the lot is open in both.
    EXPECT_EQ(orders.size(), 6u);
    EXPECT_EQ(seen.schedules, order == WakeOrder::kFirst ? 6u : 36u);
  }
}

}  // namespace
}  // namespace hocket::testing
