// Trio's test_mock_clock.py: what its autojumping MockClock does, the virtual clock of a run does by itself. There is
// no jump() and no rate; in a test of its own time passes because somebody sleeps.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "hocket/run.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// Also test_run.py: current_time_with_mock_clock.
TEST(VirtualClock, StandsStillUnlessAllWait) {  // test_mock_clock.py: mock_clock; S79
  RunUnderEveryPolicy([]() -> Task<> {
    EXPECT_EQ(Now(), Time{});
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> {
        for (int i = 0; i < 100; ++i) {
          co_await Checkpoint();
          EXPECT_EQ(Now(), Time{}) << "somebody could run all the time";
        }
        co_await Sleep(1ns);
        EXPECT_EQ(Now(), At(1ns));
      });
      nursery.StartSoon([]() -> Task<> {
        co_await Sleep(1h);
        EXPECT_EQ(Now(), At(1h));
      });
      co_return;
    });
    EXPECT_EQ(Now(), At(1h));
  });
}

TEST(VirtualClock, JumpsToTheNextDeadline) {  // test_mock_clock.py: mock_clock_autojump; S80
  ForEachPolicy([](RunOptions options) {
    Recorder recorder;
    options.observer = &recorder;
    const auto begin = std::chrono::steady_clock::now();
    const RunOutcome outcome = hocket::Run(
        []() -> Task<> {
          for (int i = 0; i < 10; ++i) {
            const Time start = Now();
            co_await Sleep(10s * i);
            EXPECT_EQ(Now() - start, 10s * i);
          }
          // Many deadlines, near and far: each is its own jump.
          const Time start = Now();
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (const Duration delay : {3s, 1s, 2s, 1s}) {
              nursery.StartSoon([start, delay]() -> Task<> {
                co_await Sleep(delay);
                EXPECT_EQ(Now() - start, delay);
              });
            }
            co_return;
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 60s) << "not for real";
    const std::vector<Time> jumps = {At(10s),  At(30s),  At(60s),  At(100s), At(150s), At(210s),
                                     At(280s), At(360s), At(450s), At(451s), At(452s), At(453s)};
    EXPECT_EQ(recorder.jumps, jumps);
  });
}

TEST(VirtualClock, JumpsInANestedWay) {  // test_mock_clock.py: mock_clock_autojump_interference; S80, S81
  RunUnderEveryPolicy([]() -> Task<> {
    // Settling does not keep time from passing later, nor the other way round.
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 2; ++i) {
        nursery.StartSoon([]() -> Task<> {
          co_await Settle();
          EXPECT_EQ(Now(), Time{});
          co_await Sleep(1s);
          co_await Settle();
          EXPECT_EQ(Now(), At(1s));
        });
      }
      co_await Sleep(10s);
      EXPECT_EQ(Now(), At(10s));
    });
  });
}

TEST(VirtualClock, BelongsToItsRun) {  // test_mock_clock.py: mock_clock_autojump_preset; S79, S80
  ForEachPolicy([](const RunOptions& options) {
    for (int i = 0; i < 2; ++i) {
      const RunOutcome outcome = hocket::Run(
          []() -> Task<> {
            EXPECT_EQ(Now(), Time{});
            co_await Sleep(3s);
          },
          options);
      EXPECT_EQ(outcome.ended_at, At(3s)) << "each run begins at 0, whatever was before";
    }
  });
}

TEST(VirtualClock, WaitsForWhoSettles) {  // test_mock_clock.py: mock_clock_autojump_0_and_wait_all_tasks_blocked_0; S81
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await Sleep(100s);
        log.push_back("slept");
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await Settle();
        log.push_back("settled");
        co_await Settle();
        log.push_back("settled");
        EXPECT_EQ(Now(), Time{});
        co_await Sleep(1000s);
        log.push_back("slept longer");
      });
      co_return;
    });
    EXPECT_EQ(log, (Log{"settled", "settled", "slept", "slept longer"}));
  });
}

// A deviation: Trio's loop would poll for ever.
TEST(VirtualClock, SaysSoIfThereIsNothingToJumpTo) {  // S80
  ForEachPolicy([](RunOptions options) {
    const RunOutcome outcome = hocket::Run(
        []() -> Task<> {
          co_await Sleep(1s);
          Event never;
          co_await never.Wait();
        },
        options);
    EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
    EXPECT_EQ(outcome.ended_at, At(1s));
    ASSERT_EQ(outcome.unfinished.size(), 1u);
    EXPECT_EQ(outcome.unfinished[0].operation, "Event.Wait");
  });
}

TEST(VirtualClock, FiresAllThatIsDueTogether) {  // S25, S82
  RunUnderEveryPolicy([]() -> Task<> {
    int aborted = 0;
    int unwound = 0;
    const auto sleeper = [&]() -> Task<> {
      CancelScope scope({.deadline = At(5s)});
      co_await WithScope(scope, [&]() -> Task<> {
        const AtEnd check([&] {
          EXPECT_EQ(aborted, 3) << "all deadlines are noticed before anybody runs";
          ++unwound;
        });
        co_await Park("Sleeper", [&] {
          ++aborted;
          return Abort::kSucceeded;
        });
      });
      EXPECT_TRUE(scope.cancelled_caught());
      EXPECT_EQ(Now(), At(5s));
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) nursery.StartSoon(sleeper);
      co_return;
    });
    EXPECT_EQ(unwound, 3);
  });
}

}  // namespace
}  // namespace hocket
