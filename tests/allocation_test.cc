// What a warmed-up harness takes from the heap: nothing in a step, and next to nothing between executions.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "harness/describer.h"
#include "harness/execution.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace {
std::uint64_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace hocket::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kTasks = 5;
constexpr int kRounds = 40;

// Tasks that do a little of everything in each round: switch, call, lock, sleep, enter a scope.
class Rounds {
 public:
  Body body() {
    return [this]() -> Task<> {
      Lock lock;
      Event all_warm;
      Semaphore semaphore(2);
      warm_ = 0;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        for (int i = 0; i < kTasks; ++i)
          nursery.StartSoon([&]() -> Task<> { return Worker(all_warm, lock, semaphore); });
        co_return;
      });
    };
  }
  // Between the moment when all tasks had done a round and the one when the first one came to its end.
  std::uint64_t allocated() const { return allocated_; }

 private:
  Task<> Worker(Event& all_warm, Lock& lock, Semaphore& semaphore) {
    co_await Round(lock, semaphore);
    if (++warm_ == kTasks) {
      before_ = allocations;
      all_warm.Set();
    }
    co_await all_warm.Wait();
    for (int round = 0; round < kRounds; ++round) co_await Round(lock, semaphore);
    if (warm_ == kTasks) allocated_ = allocations - before_;
    ++warm_;
  }

  static Task<> Round(Lock& lock, Semaphore& semaphore) {
    co_await Checkpoint();
    {
      co_await lock.Acquire();
      const LockGuard guard(lock);
      co_await Sleep(1ms);
    }
    co_await WithScope(CancelScope({.timeout = 1s}), [&]() -> Task<> {
      co_await semaphore.Acquire();
      co_await Checkpoint();
      semaphore.Release();
    });
  }

  int warm_ = 0;
  std::uint64_t before_ = 0;
  std::uint64_t allocated_ = 0;
};

class Allocation : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("HOCKET_CONFIG_ASAN") != nullptr) GTEST_SKIP() << "with AddressSanitizer no block is kept";
  }
};

TEST_F(Allocation, AStepInProductionTakesNone) {
  Rounds rounds;
  const Body body = rounds.body();
  Runner runner;
  for (int i = 0; i < 3; ++i) {
    const RunOutcome outcome = runner.Run(body, {.clock = ClockKind::kVirtual});
    ASSERT_TRUE(outcome.completed()) << outcome.ToString();
  }
  EXPECT_EQ(rounds.allocated(), 0u);
}

TEST_F(Allocation, AStepUnderAnyStrategyTakesNone) {
  for (const std::string& name : StrategyNames()) {
    const std::unique_ptr<Strategy> strategy = ParseStrategy(name, {}).value();
    if (strategy->InSearch(0)) continue;  // searches keep the tree that they are in
    Rounds rounds;
    const Body body = rounds.body();
    const ExploreOptions options{.time_passes = TimePasses::kWhenIdle};  // no timeout comes
    Execution execution(body, options);
    // How long the tables of a strategy have to be depends on the schedule, so that they have grown for good only after
    // some executions.
    std::uint64_t least = ~std::uint64_t{0};
    for (std::uint64_t index = 0; index < 40; ++index) {
      strategy->StartExecution(index);
      const Record& record = execution.Run(*strategy);
      ASSERT_FALSE(record.failure) << record.failure->message;
      strategy->EndExecution();
      if (index >= 20) least = std::min(least, rounds.allocated());
    }
    EXPECT_EQ(least, 0u) << name;
  }
}

TEST_F(Allocation, AStepThatIsTracedTakesNone) {
  Rounds rounds;
  const Body body = rounds.body();
  const ExploreOptions options{.time_passes = TimePasses::kWhenIdle};
  Execution execution(body, options);
  const std::unique_ptr<Strategy> strategy = MakeRandomWalk(1);
  Describer describer;
  std::uint64_t least = ~std::uint64_t{0};
  for (std::uint64_t index = 0; index < 40; ++index) {
    strategy->StartExecution(index);
    describer.Follow(*strategy);
    const Record& record = execution.Run(describer, &describer);
    ASSERT_FALSE(record.failure) << record.failure->message;
    strategy->EndExecution();
    if (index >= 20) least = std::min(least, rounds.allocated());
  }
  EXPECT_EQ(least, 0u);
  EXPECT_GT(describer.Take().trace.events.size(), std::size_t{kTasks * kRounds});
}

// Three tasks that switch and wait for each other.
Task<> Three() {
  Event event;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      for (int i = 0; i < 3; ++i) co_await Checkpoint();
      event.Set();
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await event.Wait();
      co_await Checkpoint();
    });
    nursery.StartSoon([]() -> Task<> {
      for (int i = 0; i < 3; ++i) co_await Checkpoint();
    });
    co_return;
  });
}

std::uint64_t AllocatedBy(const std::string& strategy, std::uint64_t executions) {
  ExploreOptions options{.executions = executions, .check_determinism = false};
  options.strategy = [&](std::uint64_t seed) { return ParseStrategy(strategy, {.seed = seed}).value(); };
  const std::uint64_t before = allocations;
  const Exploration exploration = Explore(Three, options);
  EXPECT_EQ(exploration.executions, executions) << exploration.Statement();
  return allocations - before;
}

TEST_F(Allocation, AnExecutionTakesNextToNone) {
  for (const char* const strategy : {"random", "pct", "pos", "surw", "urw"}) {
    const std::uint64_t some = AllocatedBy(strategy, 2'000);
    const std::uint64_t more = AllocatedBy(strategy, 4'000);
    EXPECT_LE(more - std::min(some, more), 2'000u * 2) << strategy;
  }
}

}  // namespace
}  // namespace hocket::testing
