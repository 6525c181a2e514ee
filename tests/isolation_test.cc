#include "harness/isolation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {
namespace {

// How the exploration is explored, by the spelling of a strategy.
Exploration By(const std::string& strategy, bool isolate, const Body& body, ExploreOptions options) {
  options.isolate = isolate;
  options.strategy = [&](std::uint64_t seed) {
    return *ParseStrategy(strategy, {.seed = seed, .memory = PlainMemory::kReported, .budget = options.executions});
  };
  return Explore(body, options);
}

void ExpectTheSameInIsolation(const Body& body, const ExploreOptions& options) {
  for (const std::string strategy : {"random", "surw", "delay:1", "exhaustive", "default"}) {
    const Exploration here = By(strategy, false, body, options);
    const Exploration isolated = By(strategy, true, body, options);
    EXPECT_EQ(isolated.Statement(), here.Statement()) << strategy;
    EXPECT_TRUE(isolated == here) << strategy;
    EXPECT_EQ(isolated.nondeterminism.value_or(""), here.nondeterminism.value_or("")) << strategy;
  }
}

TEST(Isolation, GivesTheSameExplorationWhoeverDecides) {
  ExpectTheSameInIsolation([] { return examples::TransferAndAudit(examples::TransferAtOnce); }, {.executions = 40});
  ExpectTheSameInIsolation([] { return examples::QueryWithTimeouts(examples::LeaseThenQuery); }, {.executions = 30});
}

TEST(Isolation, GivesTheSameFailureShrunkInTheSameWay) {
  // Isolated executions shrink less, unless the limit is lower still.
  // A deadlock, an error with timeouts and cancellations, and one that depends on a drawn value.
  ExpectTheSameInIsolation([] { return examples::ProduceAndConsume(examples::Wake::kOne); },
                           {.executions = 30, .shrink_executions = 100});
  ExpectTheSameInIsolation([] { return examples::QueryWithTimeouts(examples::QueryThenLease); },
                           {.executions = 30, .shrink_executions = 100});
  ExpectTheSameInIsolation(
      []() -> Task<> {
        co_await Checkpoint();
        if (Choose(4, "which") == 3) throw std::runtime_error("this one");
      },
      {.executions = 30, .shrink_executions = 100});
}

int changed = 0;

TEST(Isolation, LetsNoExecutionSeeWhatAnotherOneChanged) {
  const Body body = []() -> Task<> {
    if (++changed > 1) throw std::runtime_error("changed before");
    co_return;
  };
  EXPECT_FALSE(By("random", true, body, {.executions = 10}).failure);
  EXPECT_EQ(changed, 0);
}

TEST(Isolation, SaysHowAProcessDiedAndUnderWhichSchedule) {
  const Body body = []() -> Task<> {
    bool raced = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        raced = true;
        co_await Checkpoint();
        raced = false;
      });
      nursery.StartSoon([&]() -> Task<> {
        if (raced) raise(SIGKILL);
        co_return;
      });
      co_return;
    });
  };
  const Exploration exploration = By("random", true, body, {.test = "Any.Name", .executions = 50});
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.message,
            "crash: the process of this execution was ended by signal 9 (Killed)");
  EXPECT_LE(exploration.failure->schedule.deviations.size(), 1u);

  // The step in which it died is the last one of the trace.
  const Trace& trace = exploration.failure->trace;
  ASSERT_FALSE(trace.events.empty());
  EXPECT_EQ(trace.events.back().kind, TraceEvent::Kind::kStep);
  EXPECT_EQ(trace.tasks[trace.events.back().task], "main/1");

  const ReplayResult again = ReplaySchedule(body, exploration.failure->schedule, {.test = "Any.Name", .isolate = true});
  ASSERT_TRUE(again.failure);
  EXPECT_EQ(*again.failure, exploration.failure->failure);
  EXPECT_FALSE(again.divergence) << *again.divergence;
}

TEST(Isolation, NamesTasksWhoseHandlesOthersHadBefore) {
  const Body body = []() -> Task<> {
    for (int round = 0; round < 3; ++round) {
      co_await WithNursery([](Nursery& nursery) -> Task<> {
        for (int task = 0; task < 2; ++task) {
          nursery.StartSoon([]() -> Task<> { co_await Checkpoint(); });
        }
        co_return;
      });
    }
  };
  const std::unique_ptr<Strategy> strategy = MakeRandomWalk(1);
  const ReplayResult alone = RunStrategy(body, *strategy, 0, {.isolate = true});
  EXPECT_EQ(alone, RunStrategy(body, *strategy, 0));
  EXPECT_EQ(ReplaySchedule(body, alone.schedule, {.isolate = true}).divergence.value_or("none"), "none");
}

TEST(Isolation, TakesMoreCallsThanFitIntoItsMemory) {
  const Body body = []() -> Task<> {
    for (int i = 0; i < 20'000; ++i) co_await Checkpoint();
  };
  Schedule schedule;
  const ReplayResult here = ReplaySchedule(body, schedule);
  const ReplayResult isolated = ReplaySchedule(body, schedule, {.isolate = true});
  EXPECT_FALSE(isolated.failure);
  EXPECT_TRUE(isolated == here);
}

}  // namespace
}  // namespace hocket::testing
