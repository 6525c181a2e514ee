#include "harness/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "tests/learning_strategy.h"

namespace hocket::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Task<> TwoSteps() { co_await Checkpoint(); }

// So many tasks of two steps each.
Task<> Tasks(int count) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < count; ++i) nursery.StartSoon(TwoSteps);
    co_return;
  });
}

Body ThreeTasks() {
  return [] { return Tasks(3); };
}

// ---- What executions rest on.

// Explores with a strategy that learns, and notes what runs.
std::vector<std::uint64_t> RunBy(const LearningOptions& learning, std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint64_t> run;
  ExploreOptions options{.first_execution = first, .executions = count, .check_determinism = false};
  options.strategy = [learning](std::uint64_t seed) { return std::make_unique<Learning>(seed, learning); };
  options.before_execution = [&run](std::uint64_t index, const Strategy&) { run.push_back(index); };
  const Exploration exploration = Explore(ThreeTasks(), options);
  EXPECT_EQ(exploration.executions + exploration.cut, count);
  return run;
}

TEST(Series, RunsWhatIsLearntFromBeforeTheFirstExecution) {
  const LearningOptions learning{.profile = 3, .search_period = 0};
  EXPECT_THAT(RunBy(learning, 100, 2), ElementsAre(0, 1, 2, 100, 101));
  EXPECT_THAT(RunBy(learning, 2, 3), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(RunBy(learning, 0, 5), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Series, RunsTheSearchSoFarBeforeAnExecutionOfIt) {
  const LearningOptions learning{.profile = 2, .search_period = 4};
  EXPECT_THAT(RunBy(learning, 15, 1), ElementsAre(0, 1, 3, 7, 11, 15));
  EXPECT_THAT(RunBy(learning, 14, 2), ElementsAre(0, 1, 14, 3, 7, 11, 15));
  EXPECT_THAT(RunBy(learning, 12, 3), ElementsAre(0, 1, 12, 13, 14));
}

// The hash of the decisions of each execution.
std::map<std::uint64_t, std::uint64_t> HashesOf(const LearningOptions& learning,
                                                const std::vector<std::uint64_t>& indexes) {
  ExploreOptions options;
  options.strategy = [learning](std::uint64_t seed) { return std::make_unique<Learning>(seed, learning); };
  const Body body = ThreeTasks();
  Series series(body, options);
  std::map<std::uint64_t, std::uint64_t> hashes;
  for (const std::uint64_t index : indexes) hashes[index] = series.Run(index).hash;
  return hashes;
}

TEST(Series, GivesAnExecutionThatIsTheOnlyOneTheDecisionsThatItHasAmongAll) {
  const LearningOptions learning;
  std::vector<std::uint64_t> indexes;
  for (std::uint64_t i = 0; i < 60; ++i) indexes.push_back(i);
  const std::map<std::uint64_t, std::uint64_t> all = HashesOf(learning, indexes);
  for (std::uint64_t i = 0; i < 60; ++i) EXPECT_EQ(HashesOf(learning, {i})[i], all.at(i)) << i;
}

TEST(Series, DoesNotCountWhatRunsSilently) {
  const LearningOptions learning{.profile = 20, .search_period = 0};
  const Body fails_at_first = [runs = std::make_shared<int>(0)]() -> Task<> {
    if (++*runs <= 20) throw std::runtime_error("early");
    co_await TwoSteps();
  };
  ExploreOptions options{.first_execution = 50, .executions = 2, .check_determinism = false};
  options.strategy = [learning](std::uint64_t seed) { return std::make_unique<Learning>(seed, learning); };
  const Exploration exploration = Explore(fails_at_first, options);
  EXPECT_FALSE(exploration.failure);
  EXPECT_EQ(exploration.executions, 2u);
  EXPECT_EQ(exploration.steps, 4u);
}

// ---- Executions that are given up.

TEST(Series, CountsExecutionsThatAreGivenUpApart) {
  ExploreOptions options{.executions = 210};
  options.strategy = [](std::uint64_t seed) { return std::make_unique<Learning>(seed, LearningOptions()); };
  const Exploration exploration = Explore(ThreeTasks(), options);
  // Of 200 executions that are not learnt from every 4th is one of the search, and of these every 5th is given up.
  EXPECT_EQ(exploration.cut, 10u);
  EXPECT_EQ(exploration.executions, 200u);
  EXPECT_EQ(exploration.left, 0u);
  ASSERT_TRUE(exploration.coverage);
  EXPECT_EQ(exploration.coverage->cut, 10u);
}

// What fails before an execution is given up has failed all the same.
class FirstFails final : public Expectations {
 public:
  void Begin() override {}
  void End() noexcept override {}
  std::optional<ExecutionFailure> Failure() const override { return ExecutionFailure{{"expect", 1}, "said so", "", 0}; }
};

class GivesUp final : public Strategy {
 public:
  std::string Name() const override { return "gives up"; }
  void StartExecution(std::uint64_t) override {}
  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId) noexcept override {}
  void Removed(AlternativeId, Removal) noexcept override {}
  AlternativeId Pick() noexcept override { return kStopRun; }
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }
};

TEST(Series, TakesAFailedExpectationSeriouslyInAnExecutionThatIsGivenUp) {
  FirstFails expectations;
  ExploreOptions options{.expectations = &expectations};
  options.strategy = [](std::uint64_t) { return std::make_unique<GivesUp>(); };
  const Exploration exploration = Explore(ThreeTasks(), options);
  EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.message, "said so");
  EXPECT_EQ(exploration.cut, 0u);
}

// ---- Programs that are not the same again.

// Of a program that gets the number of its run, counted from 1.
Exploration ExploreRuns(const std::function<Task<>(int)>& program, const ExploreOptions& options = {}) {
  int runs = 0;
  return Explore([&] { return program(++runs); }, options);
}

TEST(Nondeterminism, IsSeenInTheTasksThatRun) {
  const Exploration exploration = ExploreRuns([](int run) { return Tasks(2 + run % 2); }, {.test = "Suite.Name"});
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_EQ(*exploration.nondeterminism,
            "Suite.Name, execution 0 passed, and was not the same again under the same decisions: after 1 step: first: "
            "main/0 goes on from start as one of 3; again: main/0 goes on from start as one of 2");
  EXPECT_EQ(exploration.ended, Ended::kFailure);
  EXPECT_EQ(exploration.executions, 1u);
}

TEST(Nondeterminism, IsSeenInTheOperations) {
  const Exploration exploration = ExploreRuns([](int run) -> Task<> {
    if (run % 2 == 1) {
      co_await Checkpoint();
    } else {
      co_await Sleep(std::chrono::seconds(1));
    }
  });
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_THAT(*exploration.nondeterminism,
              HasSubstr("after 1 step: first: main goes on from Checkpoint as one of 1; again: main goes on from "));
}

TEST(Nondeterminism, IsSeenInTheNumberOfSteps) {
  const Exploration exploration = ExploreRuns([](int run) -> Task<> {
    for (int i = 0; i < run; ++i) co_await Checkpoint();
  });
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_THAT(*exploration.nondeterminism,
              HasSubstr("after 2 steps: first: it has ended; again: main goes on from Checkpoint as one of 1"));
}

TEST(Nondeterminism, IsSeenInTheDraws) {
  const Exploration exploration = ExploreRuns([](int run) -> Task<> {
    static_cast<void>(Choose(static_cast<std::uint32_t>(run + 1), "reply"));
    co_return;
  });
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_THAT(*exploration.nondeterminism,
              HasSubstr("after 1 step: first: draws 0 of 2 values as 'reply'; again: draws 0 of 3 values as 'reply'"));
}

TEST(Nondeterminism, IsSeenInHowItEnds) {
  const Exploration exploration = ExploreRuns([](int run) -> Task<> {
    if (run == 2) throw std::runtime_error("the second");
    co_return;
  });
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_THAT(*exploration.nondeterminism,
              HasSubstr("first: it passes; again: failed: std::runtime_error: the second"));
}

// What is kept over the executions moves the next one to another address.
TEST(Nondeterminism, IsSeenInAProgramThatDependsOnAddresses) {
  std::vector<std::unique_ptr<std::uint64_t>> kept;
  const Exploration exploration = Explore([&]() -> Task<> {
    kept.push_back(std::make_unique<std::uint64_t>());
    const auto address = reinterpret_cast<std::uintptr_t>(kept.back().get());
    co_await Tasks(2 + static_cast<int>(address / 32 % 16));
  });
  EXPECT_TRUE(exploration.nondeterminism);
}

TEST(Nondeterminism, ThatBeginsLaterIsSeenLater) {
  const Exploration exploration =
      ExploreRuns([](int run) { return Tasks(run < 300 ? 2 : 2 + run % 2); }, {.strategy = MakeRandomWalk});
  ASSERT_TRUE(exploration.nondeterminism);
  EXPECT_THAT(*exploration.nondeterminism, HasSubstr("execution 512 passed"));
}

TEST(Nondeterminism, IsNotLookedForIfNobodyAsks) {
  const Exploration exploration =
      ExploreRuns([](int run) { return Tasks(2 + run % 2); }, {.executions = 10, .check_determinism = false});
  EXPECT_FALSE(exploration.nondeterminism);
  EXPECT_EQ(exploration.executions, 10u);
}

TEST(Nondeterminism, IsNotSeenWhereThereIsNone) {
  const Body body = []() -> Task<> {
    Event event;
    Lock lock;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          co_await MoveOnAfter(std::chrono::seconds(1 + Choose(3, "delay")),
                               [&]() -> Task<> { co_await event.Wait(); });
          co_await lock.Acquire();
          if (Fault("unlock late")) co_await Checkpoint();
          lock.Release();
        });
      }
      co_await Checkpoint();
      event.Set();
    });
  };
  const Exploration exploration = Explore(body, {.executions = 20'000});
  EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  EXPECT_FALSE(exploration.failure) << exploration.failure->failure.message;
}

// Fewer than one execution in fifty more.
TEST(Nondeterminism, IsLookedForInAFewExecutions) {
  for (const std::uint64_t executions : {1000u, 10'000u}) {
    std::uint64_t runs = 0;
    const Body body = [&]() -> Task<> {
      ++runs;
      co_return;
    };
    Explore(body, {.executions = executions, .strategy = MakeRandomWalk});
    EXPECT_GT(runs, executions);
    EXPECT_LT(runs, executions + executions / 50);
  }
}

}  // namespace
}  // namespace hocket::testing
