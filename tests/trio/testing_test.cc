// Trio's test_testing.py; wait_all_tasks_blocked is Settle here.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "hocket/assert_checkpoints.h"
#include "hocket/sequencer.h"
#include "hocket/settle.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

TEST(SettleTest, WaitsUntilNobodyCanRun) {  // test_testing.py: wait_all_tasks_blocked; S81
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        for (int i = 0; i < 10; ++i) co_await Checkpoint();
        log.push_back("busy bee exhausted");
      });
      for (int i = 0; i < 2; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          co_await Settle();
          log.push_back("quiet at last");
        });
      }
      co_return;
    });
    EXPECT_EQ(log, (Log{"busy bee exhausted", "quiet at last", "quiet at last"}));

    bool unwound = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        for (;;) co_await Checkpoint();  // so that it can only be the cancellation
      });
      nursery.StartSoon([&]() -> Task<> { unwound = co_await Unwinds([]() -> Task<> { co_await Settle(); }); });
      for (int i = 0; i < 10; ++i) co_await Checkpoint();
      nursery.cancel_scope().Cancel();
    });
    EXPECT_TRUE(unwound);
  });
}

TEST(SettleTest, LetsNoTimePass) {  // test_testing.py: wait_all_tasks_blocked_with_timeouts; S81
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        log.push_back("starts");
        co_await Sleep(5s);
        log.push_back("has slept");
      });
      co_await Settle();
      EXPECT_EQ(log, (Log{"starts"}));
      EXPECT_EQ(Now(), Time{});
      co_await SleepUntil(At(5s));
      co_await Settle();
      EXPECT_EQ(log, (Log{"starts", "has slept"}));
      EXPECT_EQ(Now(), At(5s));
    });
  });
}

// Trio's cushion is real time, which there is none of here: all who settle go on together.
TEST(SettleTest, LetsAllGoOnTogether) {  // test_testing.py: wait_all_tasks_blocked_with_cushion; S61, S81
  RunUnderEveryPolicy([]() -> Task<> {
    std::vector<CancelScope> scopes(3);
    int settled = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const CancelScope& own : scopes) {
        nursery.StartSoon([&]() -> Task<> {
          co_await WithScope(own, [&]() -> Task<> {
            co_await Settle();
            ++settled;
            for (CancelScope& scope : scopes) scope.Cancel();  // too late for the others, which are awake as well
          });
        });
      }
      co_return;
    });
    EXPECT_EQ(settled, 3);
  });
}

TEST(AssertTest, CheckpointsAreCounted) {  // test_testing.py: assert_checkpoints, assert_no_checkpoints; S37
  RunUnderEveryPolicy([]() -> Task<> {
    const auto nothing = []() -> Task<> { co_return; };
    const auto full = []() -> Task<> { co_await Checkpoint(); };
    const auto partial = []() -> Task<> { co_await CheckpointIfCancelled(); };
    const auto both_halves = []() -> Task<> {
      co_await CheckpointIfCancelled();
      co_await ShieldedCheckpoint();
    };
    co_await AssertCheckpoints(full);
    co_await AssertCheckpoints(both_halves);
    co_await AssertNoCheckpoints(nothing);
    EXPECT_TRUE(co_await Throws<MisuseError>([&] { return AssertCheckpoints(nothing); }));
    EXPECT_TRUE(co_await Throws<MisuseError>([&] { return AssertCheckpoints(partial); }));
    EXPECT_TRUE(co_await Throws<MisuseError>([&] { return AssertNoCheckpoints(partial); }));
    EXPECT_TRUE(co_await Throws<MisuseError>([&] { return AssertNoCheckpoints(full); }));
  });
}

TEST(SequencerTest, PutsBlocksIntoOrder) {  // test_testing.py: Sequencer; S87
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    Sequencer sequencer;
    const auto at = [&](std::uint32_t position) -> Task<> {
      const auto turn = co_await sequencer.At(position);
      log.push_back(std::to_string(position));
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await at(0);
        co_await at(3);
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await at(2);
        co_await at(4);
      });
      nursery.StartSoon(at, 1u);
      co_return;
    });
    EXPECT_EQ(log, (Log{"0", "1", "2", "3", "4"}));
    EXPECT_TRUE(co_await Throws<MisuseError>([&] { return at(0); }));
  });
}

TEST(SequencerTest, BreaksWhenAWaiterIsCancelled) {  // test_testing.py: Sequencer_cancel; S87
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    Sequencer sequencer;
    const auto at = [&](std::uint32_t position) -> Task<> {
      const auto wait = [&, position]() -> Task<> { const auto turn = co_await sequencer.At(position); };
      if (co_await Throws<MisuseError>(wait)) log.push_back("broken");
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await MoveOnAfter(1s, [&] { return at(1); }); });
      nursery.StartSoon(at, 2u);
      co_await Sleep(2s);
      co_await at(3);
    });
    EXPECT_EQ(log, (Log{"broken", "broken", "broken"}));
  });
}

}  // namespace
}  // namespace hocket
