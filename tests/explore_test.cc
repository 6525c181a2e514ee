#include "hocket/testing/explore.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "harness/expectations.h"
#include "hocket/hocket.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

void PrintTo(const Schedule& schedule, std::ostream* out) { *out << FormatScheduleFile(schedule); }
void PrintTo(const FailureIdentity& identity, std::ostream* out) { *out << identity.kind << " " << identity.id; }

namespace {

// A program, the name of its tests, and how many executions must be enough to see its bug.
struct Example {
  const char* name;
  Body buggy;
  Body fixed;
  std::uint64_t enough;
};

// Of random executions of the bank one in four fails: two of its six schedules do, each with the probability 1/8.
// Measured, over 20,000: of the queue one in 3.5, of the pool one in 1.3. So fewer than one exploration in 10^13 would
// see nothing.
std::vector<Example> Examples() {
  using namespace examples;
  return {
      {"Bank", [] { return TransferAndAudit(Transfer); }, [] { return TransferAndAudit(TransferAtOnce); }, 120},
      {"BoundedQueue", [] { return ProduceAndConsume(Wake::kOne); }, [] { return ProduceAndConsume(Wake::kAll); }, 100},
      {"ConnectionPool", [] { return QueryWithTimeouts(QueryThenLease); },
       [] { return QueryWithTimeouts(LeaseThenQuery); }, 60}};
}

void PrintTo(const Example& example, std::ostream* out) { *out << example.name; }

class ExampleTest : public ::testing::TestWithParam<Example> {};
INSTANTIATE_TEST_SUITE_P(Example, ExampleTest, ::testing::ValuesIn(Examples()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ExampleTest, PassesUnderTheBases) {
  for (const Base base : {Base::kStay, Base::kFifo, Base::kSpawn}) {
    const Exploration exploration = Explore(
        GetParam().buggy, {.executions = 1, .strategy = [base](std::uint64_t) { return MakeBaseStrategy(base); }});
    EXPECT_FALSE(exploration.failure) << exploration.failure->failure.message;
  }
}

TEST_P(ExampleTest, FailsWithinEnoughExecutionsWhateverTheSeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Exploration exploration = Explore(GetParam().buggy, {.seed = seed, .executions = GetParam().enough});
    EXPECT_TRUE(exploration.failure) << "seed " << seed << ": " << exploration.Statement();
    EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  }
}

TEST_P(ExampleTest, PassesAlwaysWhenFixed) {
  const Exploration exploration = Explore(GetParam().fixed, {.executions = 100'000, .strategy = MakeRandomWalk});
  EXPECT_FALSE(exploration.failure) << exploration.failure->failure.message;
  EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  EXPECT_EQ(exploration.executions, 100'000u);
}

TEST_P(ExampleTest, IsExploredInTheSameWayAgain) {
  const ExploreOptions options{.test = "Any.Name", .seed = 5};
  const Exploration first = Explore(GetParam().buggy, options);
  const Exploration second = Explore(GetParam().buggy, options);
  EXPECT_EQ(first.Statement(), second.Statement());
  ASSERT_TRUE(first.failure && second.failure);
  EXPECT_EQ(first.failure->schedule, second.failure->schedule);
  EXPECT_TRUE(first.failure->trace == second.failure->trace);
  EXPECT_EQ(first.failure->marked, second.failure->marked);
  EXPECT_EQ(first.failure->failure.message, second.failure->failure.message);
  EXPECT_EQ(first.failure->deviations_found, second.failure->deviations_found);
  EXPECT_EQ(first.failure->shrink_executions, second.failure->shrink_executions);
}

TEST_P(ExampleTest, FailsInTheSameWayWhenTheFailingExecutionIsTheOnlyOne) {
  const Exploration all = Explore(GetParam().buggy, {.seed = 3});
  ASSERT_TRUE(all.failure);
  const Exploration one =
      Explore(GetParam().buggy, {.seed = 3, .first_execution = all.failure->execution, .executions = 1});
  ASSERT_TRUE(one.failure);
  EXPECT_EQ(one.failure->execution, all.failure->execution);
  EXPECT_EQ(one.failure->schedule, all.failure->schedule);
}

TEST_P(ExampleTest, StatesTheFailureInTheSchedule) {
  const Exploration exploration = Explore(GetParam().buggy, {.test = "Suite.Name"});
  ASSERT_TRUE(exploration.failure);
  const FoundFailure& found = *exploration.failure;
  EXPECT_EQ(found.schedule.test, "Suite.Name");
  EXPECT_EQ(found.schedule.failure, found.failure.identity);
  ASSERT_TRUE(found.schedule.trace);
  EXPECT_EQ(found.schedule.trace->decisions, found.schedule.exact.size());
  EXPECT_EQ(found.schedule.trace->hash, found.trace.Hash());
  EXPECT_EQ(found.marked.size(), found.schedule.deviations.size());
  EXPECT_LE(found.schedule.deviations.size(), found.deviations_found);
}

// ---- Ways to fail.

Task<> GoOnForEver() {
  for (;;) co_await Checkpoint();
}

TEST(Explore, ReportsAnExceptionByItsType) {
  const Exploration exploration = Explore([]() -> Task<> {
    co_await Checkpoint();
    throw std::runtime_error("boom");
  });
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "exception");
  EXPECT_EQ(exploration.failure->failure.message, "failed: std::runtime_error: boom");
  EXPECT_EQ(exploration.failure->execution, 0u);
  EXPECT_EQ(exploration.failure->strategy, "stay");
  EXPECT_EQ(exploration.failure->schedule.base, Base::kStay);
  EXPECT_TRUE(exploration.failure->schedule.deviations.empty());
  EXPECT_EQ(exploration.Statement(), "execution 0 (stay) fails (1 execution, 1 distinct, 2 steps)");

  const Exploration other_words = Explore([]() -> Task<> {
    throw std::runtime_error("bang");
    co_return;
  });
  const Exploration other_type = Explore([]() -> Task<> {
    throw std::logic_error("boom");
    co_return;
  });
  EXPECT_EQ(other_words.failure->failure.identity, exploration.failure->failure.identity);
  EXPECT_NE(other_type.failure->failure.identity, exploration.failure->failure.identity);
}

TEST(Explore, ReportsABodyThatThrowsBeforeItIsACoroutine) {
  const Exploration exploration = Explore([]() -> Task<> { throw std::runtime_error("no task"); });
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.message, "failed: std::runtime_error: no task");
}

TEST(Explore, ReportsADeadlockWithTheTasksThatWait) {
  const Exploration exploration = Explore([]() -> Task<> {
    Event never;
    co_await never.Wait();
  });
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "deadlock");
  const std::string& message = exploration.failure->failure.message;
  EXPECT_EQ(
      message.find("deadlock: no task can run, no deadline is set and no poster is open\n  main waits in Event.Wait\n"),
      0u)
      << message;
}

TEST(Explore, ReportsAnExecutionThatTakesTooManySteps) {
  const Exploration exploration = Explore(GoOnForEver, {.steps_per_execution = 50, .detectors = {.fair_steps = 0}});
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "step-limit");
  EXPECT_EQ(
      exploration.failure->failure.message.find("step-limit: 50 steps were taken\n  main is ready at Checkpoint\n"),
      0u);
  EXPECT_EQ(exploration.steps, 50u);
}

TEST(Explore, TakesAsManyStepsAsTheLimitSays) {
  const auto take = [](int checkpoints) -> Task<> {
    for (int i = 0; i < checkpoints; ++i) co_await Checkpoint();
  };
  EXPECT_FALSE(Explore([&] { return take(49); }, {.executions = 1, .steps_per_execution = 50}).failure);
  EXPECT_TRUE(Explore([&] { return take(50); }, {.executions = 1, .steps_per_execution = 50}).failure);
}

TEST(Explore, ReportsACancelledMainTask) {
  const Exploration exploration = Explore([]() -> Task<> {
    CancelScope scope;
    scope.Cancel();
    Outcome<> outcome;
    co_await WithScope(scope,
                       [&]() -> Task<> { outcome = co_await Capture([]() -> Task<> { co_await Checkpoint(); }()); });
    co_await Resolve(std::move(outcome));
  });
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "cancelled");
  EXPECT_EQ(exploration.failure->failure.message, "cancelled");
}

TEST(Explore, ReportsATaskThatIsNeverAwaited) {
  const auto forgotten = []() -> Task<> { co_return; };
  const Exploration exploration = Explore([&]() -> Task<> {
    static_cast<void>(forgotten());
    co_return;
  });
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "never-awaited");
  EXPECT_NE(exploration.failure->failure.file.find("explore_test.cc"), std::string::npos);
  // An error comes first, and takes the report along.
  const Exploration failed = Explore([&]() -> Task<> {
    static_cast<void>(forgotten());
    throw std::runtime_error("boom");
    co_return;
  });
  ASSERT_TRUE(failed.failure);
  EXPECT_EQ(failed.failure->failure.identity.kind, "exception");
  EXPECT_NE(failed.failure->failure.message.find("never awaited"), std::string::npos);
}

// Appends `name` at each of its two steps.
Task<> OneCheckpoint(std::string name, std::string& log) {
  log += name;
  co_await Checkpoint();
  log += name;
}

Task<> TwoTasks(std::string& log) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(OneCheckpoint, "a", std::ref(log));
    nursery.StartSoon(OneCheckpoint, "b", std::ref(log));
    co_return;
  });
}

int expectation_line = 0;

Task<> ExpectNoABBA() {
  std::string log;
  co_await TwoTasks(log);
  expectation_line = __LINE__ + 1;
  EXPECT_NE(log, "abba");
}

// Explores with GoogleTest's expectations held back, as HOCKET_TEST does. Not longer, because that would hold back the
// test's own as well.
Exploration ExploreExpectations(const Body& body) {
  HeldExpectations expectations;
  return Explore(body, {.expectations = &expectations});
}

TEST(Explore, ReportsAFailedExpectationOnlyThroughExpectations) {
  const Exploration exploration = ExploreExpectations(ExpectNoABBA);
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "expect");
  EXPECT_EQ(exploration.failure->failure.message, "Expected: (log) != (\"abba\"), actual: \"abba\" vs \"abba\"");
  EXPECT_EQ(exploration.failure->failure.file, __FILE__);
  EXPECT_EQ(exploration.failure->failure.line, expectation_line);
}

TEST(Explore, TellsExpectationsApartByTheirTextButNotByTheirValues) {
  const auto identity = [](int which, int value) {
    const Body body = [&]() -> Task<> {
      if (which == 1) {
        EXPECT_EQ(value, 0);
      } else {
        EXPECT_GT(value, 100);
      }
      co_return;
    };
    return ExploreExpectations(body).failure->failure.identity;
  };
  EXPECT_EQ(identity(1, 5), identity(1, 77));
  EXPECT_NE(identity(1, 5), identity(2, 5));
}

TEST(Explore, IgnoresExpectationsThatFailWhileAnExecutionIsTornDown) {
  struct Guard {
    ~Guard() { EXPECT_FALSE(Unwinding()); }
  };
  const Exploration exploration = ExploreExpectations([]() -> Task<> {
    const Guard guard;
    Event never;
    co_await never.Wait();
  });
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "deadlock");
}

// ---- Budgets.

TEST(Explore, RunsAsManyExecutionsAsAsked) {
  std::string log;
  const Body body = [&] { return TwoTasks(log); };
  const Exploration exploration = Explore(body, {.executions = 7, .check_determinism = false});
  EXPECT_EQ(exploration.executions, 7u);
  EXPECT_EQ(log.size(), 7u * 4);
  EXPECT_EQ(Explore(body, {.executions = 0}).executions, 0u);
}

TEST(Explore, BeginsNoExecutionWhenTheStepsAreUsedUp) {
  std::string log;
  const Body body = [&] { return TwoTasks(log); };  // main twice, the two tasks twice each
  EXPECT_EQ(Explore(body, {.executions = 100, .total_steps = 60}).steps, 60u);
  EXPECT_EQ(Explore(body, {.executions = 100, .total_steps = 60}).executions, 10u);
  EXPECT_EQ(Explore(body, {.executions = 100, .total_steps = 61}).executions, 11u);
}

TEST(Explore, SaysWhichBudgetEnded) {
  std::string log;
  const Body body = [&] { return TwoTasks(log); };
  const Exploration executions = Explore(body, {.executions = 7});
  EXPECT_EQ(executions.ended, Ended::kExecutions);
  EXPECT_EQ(executions.budget, 7u);
  EXPECT_EQ(executions.left, 0u);
  const Exploration steps = Explore(body, {.executions = 100, .total_steps = 60});
  EXPECT_EQ(steps.ended, Ended::kSteps);
  EXPECT_EQ(steps.budget, 60u);
  EXPECT_EQ(steps.left, 90u);
}

TEST(Explore, EndsWhenTheTimeIsOverButNotBeforeTheFirstExecution) {
  std::string log;
  const Body body = [&] { return TwoTasks(log); };
  const Exploration time = Explore(body, {.time_budget = std::chrono::nanoseconds(1)});
  EXPECT_EQ(time.ended, Ended::kTime);
  EXPECT_EQ(time.executions, 1u);
  EXPECT_EQ(time.left, 999u);
  const Exploration deadline = Explore(body, {.deadline = std::chrono::steady_clock::now()});
  EXPECT_EQ(deadline.ended, Ended::kDeadline);
  EXPECT_EQ(deadline.executions, 1u);
  EXPECT_EQ(Explore(body, {.time_budget = std::chrono::hours(1), .strategy = MakeRandomWalk}).executions, 1000u);
}

TEST(Explore, SaysWhichExecutionBegins) {
  std::string log;
  std::vector<std::uint64_t> indices;
  std::vector<std::string> names;
  ExploreOptions options{.first_execution = 0, .executions = 4};
  options.before_execution = [&](std::uint64_t index, const Strategy& strategy) {
    indices.push_back(index);
    names.push_back(strategy.Name());
  };
  Explore([&] { return TwoTasks(log); }, options);
  EXPECT_EQ(indices, (std::vector<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(names, (std::vector<std::string>{"stay", "random walk", "random walk", "random walk"}));
}

TEST(Explore, CountsDistinctSchedules) {
  std::string log;
  // 4! / (2! 2!) orders of two steps each.
  const Exploration two = Explore([&] { return TwoTasks(log); }, {.executions = 1000, .strategy = MakeRandomWalk});
  EXPECT_EQ(two.distinct, 6u);
  EXPECT_EQ(two.Statement(),
            "no violation when the budget of 1,000 executions ended (1,000 executions, 6 distinct, 6,000 steps)");

  // 6! / (2! 2! 2!).
  const Exploration three = Explore(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          for (const char* name : {"a", "b", "c"}) nursery.StartSoon(OneCheckpoint, name, std::ref(log));
          co_return;
        });
      },
      {.executions = 3000});
  EXPECT_EQ(three.distinct, 90u);

  const Exploration one = Explore([]() -> Task<> { co_await Checkpoint(); }, {.executions = 10});
  EXPECT_EQ(one.distinct, 1u);
}

// ---- Seeds and determinism.

TEST(Explore, ShowsDifferentSchedulesForDifferentSeeds) {
  std::string log;
  const Body body = [&] { return examples::ProduceAndConsume(examples::Wake::kAll); };
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    hashes.insert(RunStrategy(body, *MakeRandomWalk(seed), 0).trace.Hash());
  EXPECT_EQ(hashes.size(), 20u);
}

TEST(Explore, NoticesAFailureThatDoesNotHappenAgain) {
  int executions = 0;
  const Exploration exploration = Explore([&]() -> Task<> {
    if (++executions == 5) throw std::runtime_error("the fifth");
    co_return;
  });
  EXPECT_FALSE(exploration.failure);
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_EQ(*exploration.nondeterminism,
            "execution 3 did not happen again under the same decisions: first: failed: std::runtime_error: the fifth; "
            "again: it passes");  // the first execution is run twice
  EXPECT_EQ(exploration.Statement(),
            "not deterministic: " + *exploration.nondeterminism + " (4 executions, 1 distinct, 4 steps)");
}

TEST(Explore, NoticesDecisionsThatDoNotComeAgain) {
  int executions = 0;
  const Exploration exploration = Explore([&]() -> Task<> {
    const int extra = ++executions == 5 ? 1 : 0;
    std::string log;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 2 + extra; ++i) nursery.StartSoon(OneCheckpoint, "a", std::ref(log));
      co_return;
    });
    if (executions >= 5) throw std::runtime_error("late");
  });
  EXPECT_FALSE(exploration.failure);
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_NE(exploration.nondeterminism->find("they part after decision "), std::string::npos)
      << *exploration.nondeterminism;
}

// ---- Strategies.

// The one in strategy.h: always the alternative with the lowest handle.
class Lowest final : public Strategy {
 public:
  std::string Name() const override { return "lowest"; }
  void StartExecution(std::uint64_t) override { ready_.clear(); }
  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override { ready_.insert(id); }
  void Removed(AlternativeId id, Removal) noexcept override { ready_.erase(id); }
  AlternativeId Pick() noexcept override { return *ready_.begin(); }
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

 private:
  std::set<AlternativeId> ready_;
};

TEST(Explore, FollowsAStrategyOfTheUsersOwn) {
  std::vector<std::string> logs;
  const Body body = [&]() -> Task<> {
    std::string log;
    co_await TwoTasks(log);
    logs.push_back(log);
    if (log == "aabb") throw std::runtime_error("aabb");
  };
  ExploreOptions options;
  options.strategy = [](std::uint64_t) { return std::make_unique<Lowest>(); };
  const Exploration exploration = Explore(body, options);
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(logs[0], "aabb");
  EXPECT_EQ(exploration.failure->strategy, "lowest");
}

TEST(Explore, GivesTheStrategyTheSeed) {
  std::uint64_t seed_seen = 0;
  ExploreOptions options{.seed = 77, .executions = 1};
  options.strategy = [&](std::uint64_t seed) {
    seed_seen = seed;
    return MakeRandomWalk(seed);
  };
  Explore([]() -> Task<> { co_return; }, options);
  EXPECT_EQ(seed_seen, 77u);
}

TEST(Strategy, RandomWalkTakesEachAlternativeEquallyOften) {
  std::string log;
  const Body body = [&] { return TwoTasks(log); };
  const std::unique_ptr<Strategy> walk = MakeRandomWalk(1);
  int first = 0;
  constexpr int kRuns = 4000;
  for (int i = 0; i < kRuns; ++i) {
    log.clear();
    RunStrategy(body, *walk, i);
    first += log[0] == 'a' ? 1 : 0;
  }
  EXPECT_NEAR(first, kRuns / 2, 130);  // four standard deviations
}

// ---- Drawn values.

TEST(Explore, ExploresDrawnValuesAndShrinksThem) {
  const auto body = [](std::uint32_t fails_from) -> Body {
    return [fails_from]() -> Task<> {
      std::uint32_t sum = 0;
      for (int i = 0; i < 3; ++i) sum += Choose(10, "reply") > 0 ? 1 : 0;
      const std::uint32_t last = Choose(1000, "last");
      if (sum > 0 && last >= fails_from) throw std::runtime_error("draws");
      co_return;
    };
  };
  const Exploration exploration = Explore(body(5), {.strategy = MakeRandomWalk});
  ASSERT_TRUE(exploration.failure);
  const std::vector<DrawnValue>& draws = exploration.failure->schedule.draws;
  ASSERT_EQ(draws.size(), 2u);
  EXPECT_EQ(draws[0].at.task, "main");
  EXPECT_EQ(draws[0].at.op, "reply");
  EXPECT_EQ(draws[0].value, 1u);
  EXPECT_EQ(draws[1], (DrawnValue{{"main", "last", 1}, 5}));
  EXPECT_EQ(exploration.distinct, exploration.executions);
}

TEST(Explore, RacesTimeoutsWithEverything) {
  const Body body = []() -> Task<> {
    bool done = false;
    co_await MoveOnAfter(std::chrono::seconds(1), [&]() -> Task<> {
      co_await Checkpoint();
      co_await Checkpoint();
      done = true;
    });
    if (!done) throw std::runtime_error("timed out");
  };
  const Exploration anytime = Explore(body);
  ASSERT_TRUE(anytime.failure);
  EXPECT_EQ(anytime.failure->schedule.deviations.size(), 1u);
  EXPECT_EQ(anytime.failure->schedule.deviations[0].run, "clock");
  EXPECT_FALSE(Explore(body, {.time_passes = TimePasses::kWhenIdle}).failure);
}

// ---- Names.

TEST(Explore, ShrinksSchedulesOfTasksWithAnyName) {
  for (const char* name : {"worker", "a b", "a.b", "a:b,c=d", "1", "\xC3\xA9"}) {
    const Exploration exploration = Explore([name]() -> Task<> {
      std::string log;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(TaskName(name), OneCheckpoint, "a", std::ref(log));
        nursery.StartSoon(TaskName(name), OneCheckpoint, "b", std::ref(log));
        co_return;
      });
      if (log == "abba") throw std::runtime_error("abba");
    });
    EXPECT_FALSE(exploration.nondeterminism) << name << ": " << *exploration.nondeterminism;
    ASSERT_TRUE(exploration.failure) << name;
    EXPECT_EQ(exploration.failure->schedule.deviations.size(), 1u) << name;
  }
}

}  // namespace
}  // namespace hocket::testing
