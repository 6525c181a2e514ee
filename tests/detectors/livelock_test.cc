// Executions that do not end: livelocks are told from schedules that starved somebody.
#include "harness/detectors/livelock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/detectors/support.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const ExploreOptions kShort{.executions = 50, .steps_per_execution = 1000, .shrink_executions = 30};

// ---- Waiting by polling: an unfair schedule never lets the setter run.

Task<> Poll(const Shared<bool>& ready) {
  while (!ready) co_await Checkpoint();
}

Task<> PollForASetter(bool forgets) {
  Shared<bool> ready{false};
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Poll, std::cref(ready));
    nursery.StartSoon([&]() -> Task<> {
      co_await Checkpoint();
      if (!forgets) ready = true;
    });
    co_return;
  });
}

TEST(Livelock, IsAPollThatNobodyAnswers) {
  const std::string message = MessageFound([] { return PollForASetter(true); }, kShort);
  EXPECT_EQ(message.find("livelock: 1000 steps were taken, and the last 500 of them went in circles"), 0u) << message;
  EXPECT_TRUE(Contains(message, "times:\n    main/0 goes on from Checkpoint at ")) << message;
  EXPECT_TRUE(Contains(message, "livelock_test.cc:")) << message;
  EXPECT_TRUE(Contains(message, "\n  main waits in Nursery.Exit")) << message;
}

// The base `stay` alone would poll for ever.
TEST(Livelock, IsNoneWhereAnUnfairScheduleStarvesTheSetter) {
  for (const Base base : {Base::kStay, Base::kFifo, Base::kSpawn}) {
    ExploreOptions options = kShort;
    options.strategy = [base](std::uint64_t) { return MakeBaseStrategy(base); };
    EXPECT_EQ(KindFound([] { return PollForASetter(false); }, options), "none");
  }
}

TEST(Livelock, WithoutFairStepsTheUnfairScheduleFails) {
  ExploreOptions options = kShort;
  options.detectors.fair_steps = 0;
  EXPECT_EQ(KindFound([] { return PollForASetter(false); }, options), "step-limit");
}

TEST(Livelock, HasOneIdentityWhateverTheSchedule) {
  std::vector<FailureIdentity> identities;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ExploreOptions options = kShort;
    options.seed = seed;
    options.strategy = MakeRandomWalk;
    const Exploration exploration = Explore([] { return PollForASetter(true); }, options);
    ASSERT_TRUE(exploration.failure);
    identities.push_back(exploration.failure->failure.identity);
  }
  for (const FailureIdentity& identity : identities) EXPECT_EQ(identity, identities.front());
}

// ---- Philosophers who put their fork back when the other one is taken.

struct Table {
  Lock forks[2];
};

bool TryTake(Lock& fork) {
  try {
    fork.AcquireNow();
    return true;
  } catch (const WouldBlock&) {
    return false;
  }
}

Task<> Dine(Table& table, int first) {
  for (;;) {
    co_await table.forks[first].Acquire();
    co_await Checkpoint();
    const bool eats = TryTake(table.forks[1 - first]);
    if (eats) table.forks[1 - first].Release();
    if (!eats) co_await Checkpoint();
    table.forks[first].Release();
    if (eats) co_return;
    co_await Checkpoint();
  }
}

Task<> DineTogether(int second) {
  Table table;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Dine, std::ref(table), 0);
    nursery.StartSoon(Dine, std::ref(table), second);
    co_return;
  });
}

// Most schedules let one of them eat; only those that keep both in step do not.
TEST(Livelock, IsFoundWhereTasksGiveWayToEachOther) {
  ExploreOptions options = kShort;
  options.strategy = [](std::uint64_t) { return MakeBaseStrategy(Base::kFifo); };
  const std::string message = MessageFound([] { return DineTogether(1); }, options);
  EXPECT_EQ(message.find("livelock: "), 0u) << message;
  EXPECT_TRUE(Contains(message, "\n  the cycle, ")) << message;
  EXPECT_TRUE(Contains(message, "\n    main/0 goes on from Lock.Acquire at ")) << message;
  EXPECT_TRUE(Contains(message, "\n    main/1 goes on from Lock.Acquire at ")) << message;
}

TEST(Livelock, IsNoneWhereTasksTakeTheirForksInOneOrder) {
  ExploreOptions options = kShort;
  options.strategy = [](std::uint64_t) { return MakeBaseStrategy(Base::kFifo); };
  EXPECT_EQ(KindFound([] { return DineTogether(0); }, options), "none");
  EXPECT_EQ(KindFound([] { return DineTogether(0); }, kShort), "none");
}

// ---- A task that others keep from what it waits for.

Task<> Toggle(Shared<int>& value) {
  for (;;) {
    value += 2;
    co_await Checkpoint();
  }
}

TEST(Livelock, NamesWhoIsStarved) {
  const auto body = []() -> Task<> {
    Shared<int> value{0};
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Toggle, std::ref(value));
      nursery.StartSoon([&]() -> Task<> {
        while (value % 2 == 0) co_await Checkpoint();
      });
      co_return;
    });
  };
  const std::string message = MessageFound(body, kShort);
  EXPECT_TRUE(Contains(message, "\n  starved: main/1 has its turns, and does nothing but look and give way"))
      << message;
  EXPECT_FALSE(Contains(message, "starved: main/0")) << message;
}

// ---- Time.

// A thousand jumps, while somebody polls.
TEST(Livelock, IsNoneWherePollingWaitsForTime) {
  const auto body = []() -> Task<> {
    Shared<bool> done{false};
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Poll, std::cref(done));
      nursery.StartSoon([&]() -> Task<> {
        for (int i = 0; i < 1000; ++i) co_await Sleep(1ms);
        done = true;
      });
      co_return;
    });
  };
  const ExploreOptions options{.executions = 5};
  EXPECT_EQ(KindFound(body, options), "none");
}

// Time that passes in each round would end every attempt, in a fair schedule.
TEST(Livelock, IsNoneWhereAnAttemptUnderATimeoutNeedsAFewRounds) {
  const auto body = [](int steps) -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> {
        for (int i = 0; i < 30; ++i) co_await Checkpoint();
      });
      for (bool done = false; !done;) {
        co_await MoveOnAfter(1ms, [&]() -> Task<> {
          for (int i = 0; i < steps; ++i) co_await Checkpoint();
          done = true;
        });
      }
    });
  };
  // A schedule that lets time pass first, always.
  class Hasty final : public Strategy {
   public:
    std::string Name() const override { return "hasty"; }
    void StartExecution(std::uint64_t) override { ready_.clear(); }
    void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
    void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
    void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
    AlternativeId Pick() noexcept override {
      for (const AlternativeId id : ready_) {
        if (executor_->Describe(id).kind == AlternativeKind::kClock) return id;
      }
      return ready_.front();
    }
    std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

   private:
    const Executor* executor_ = nullptr;
    std::vector<AlternativeId> ready_;
  };
  ExploreOptions options{.executions = 1, .steps_per_execution = 4000, .shrink_executions = 1};
  options.strategy = [](std::uint64_t) { return std::make_unique<Hasty>(); };
  EXPECT_EQ(KindFound([&] { return body(20); }, options), "none");
  options.detectors.fair_steps = 0;
  EXPECT_EQ(KindFound([&] { return body(20); }, options), "step-limit") << "this schedule is hasty";
}

// ---- Values.

// Both draw how long they stand back: if nobody drew any more, they would keep step.
TEST(Livelock, IsNoneWhereABackOffIsDrawn) {
  const auto dine = [](Table& table, int first) -> Task<> {
    for (;;) {
      co_await table.forks[first].Acquire();
      co_await Checkpoint();
      const bool eats = TryTake(table.forks[1 - first]);
      if (eats) table.forks[1 - first].Release();
      if (!eats) co_await Checkpoint();
      table.forks[first].Release();
      if (eats) co_return;
      const std::uint32_t pause = Choose(8, "pause");
      for (std::uint32_t i = 0; i <= pause; ++i) co_await Checkpoint();
    }
  };
  const auto body = [dine]() -> Task<> {
    Table table;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(dine, std::ref(table), 0);
      nursery.StartSoon(dine, std::ref(table), 1);
      co_return;
    });
  };
  ExploreOptions options = kShort;
  options.strategy = [](std::uint64_t) { return MakeBaseStrategy(Base::kFifo); };
  EXPECT_EQ(KindFound(body, options), "none");
}

// ---- What gets somewhere is no circle.

TEST(Livelock, IsNoneWhereTasksAreStartedForEver) {
  const auto body = []() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (;;) {
        nursery.StartSoon([]() -> Task<> { co_return; });
        co_await Checkpoint();
      }
    });
  };
  EXPECT_EQ(KindFound(body, kShort), "step-limit");
}

// ---- An expectation that fails after the bound.

TEST(FairSuffix, ShowsFailuresThatUnfairSchedulesHide) {
  const auto body = []() -> Task<> {
    Shared<bool> ready{false};
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Poll, std::cref(ready));
      nursery.StartSoon([&]() -> Task<> {
        ready = true;
        throw std::runtime_error("after the bound");
        co_return;
      });
      co_return;
    });
  };
  ExploreOptions options = kShort;
  options.executions = 1;  // the base `stay`, which polls
  const Exploration exploration = Explore(body, options);
  ASSERT_TRUE(exploration.failure) << exploration.Statement();
  EXPECT_EQ(exploration.failure->failure.identity.kind, "exception");
  // And again, from what is stored.
  const ReplayResult replay = ReplaySchedule(body, exploration.failure->schedule, options);
  ASSERT_TRUE(replay.failure);
  EXPECT_EQ(replay.failure->identity, exploration.failure->failure.identity);
  EXPECT_FALSE(replay.divergence) << *replay.divergence;
}

// ---- The period, beside what it means.

TEST(ShortestPeriod, IsTheSmallestShiftThatFits) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::uint32_t> sequence(1 + random() % 12);
    for (std::uint32_t& element : sequence) element = random() % 2;
    std::size_t expected = 1;
    const auto fits = [&](std::size_t shift) {
      for (std::size_t k = shift; k < sequence.size(); ++k) {
        if (sequence[k] != sequence[k - shift]) return false;
      }
      return true;
    };
    while (!fits(expected)) ++expected;
    EXPECT_EQ(ShortestPeriod(sequence), expected);
  }
}

}  // namespace
}  // namespace hocket::testing
