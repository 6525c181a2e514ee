#include "harness/workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "harness/message.h"
#include "harness/worker_note.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "tests/learning_strategy.h"

namespace hocket::testing {
namespace {

Body Passing() {
  return [] { return examples::TransferAndAudit(examples::TransferAtOnce); };
}

// Fails where the drawn values say so: in about one execution of `one_in`.
Body FailingOneIn(std::uint32_t one_in) {
  return [one_in]() -> Task<> {
    co_await examples::TransferAndAudit(examples::TransferAtOnce);
    if (Choose(one_in, "which") == one_in - 1) throw std::runtime_error("this one");
  };
}

ExploreOptions With(const LearningOptions& learning, ExploreOptions options = {}) {
  options.strategy = [learning](std::uint64_t seed) { return std::make_unique<Learning>(seed, learning); };
  return options;
}

// What is explored, by as many processes as are asked for.
Exploration ByJobs(unsigned jobs, const Body& body, ExploreOptions options) {
  options.jobs = jobs;
  if (!options.strategy) options.strategy = MakeRandomWalk;
  return Explore(body, options);
}

void ExpectTheSameWhateverTheJobs(const Body& body, const ExploreOptions& options) {
  const Exploration alone = ByJobs(1, body, options);
  for (const unsigned jobs : {2u, 3u, 5u}) {
    const Exploration shared = ByJobs(jobs, body, options);
    EXPECT_EQ(shared.Statement(), alone.Statement()) << jobs << " jobs";
    EXPECT_TRUE(shared == alone) << jobs << " jobs";
  }
}

// ---- The same, whatever the number of workers.

TEST(Workers, GiveTheSameExplorationOfAProgramThatPasses) {
  ExpectTheSameWhateverTheJobs(Passing(), {.seed = 3, .executions = 20'000});
  EXPECT_EQ(ByJobs(2, Passing(), {.executions = 20'000}).executions, 20'000u);
}

TEST(Workers, GiveTheSameFailureShrunkInTheSameWay) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Body body = [] { return examples::ProduceAndConsume(examples::Wake::kOne); };
    const ExploreOptions options{.test = "Any.Name", .seed = seed};
    ASSERT_TRUE(ByJobs(2, body, options).failure);
    ExpectTheSameWhateverTheJobs(body, options);
  }
}

TEST(Workers, GiveTheFailureWithTheSmallestIndexWhereManyFail) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    ExpectTheSameWhateverTheJobs(FailingOneIn(300), {.seed = seed, .executions = 10'000});
}

TEST(Workers, EndInTheSamePlaceByTheBudgetOfSteps) {
  for (const std::uint64_t steps : {1u, 700u, 7777u, 60'000u})
    ExpectTheSameWhateverTheJobs(Passing(), {.executions = 100'000, .total_steps = steps});
}

TEST(Workers, GiveTheSameToAStrategyThatRestsOnEarlierExecutions) {
  for (const std::uint64_t period : {0u, 1u, 2u, 4u}) {
    const LearningOptions learning{.search_period = period};
    // Ended by each of the budgets, by the search, and by a failure.
    ExpectTheSameWhateverTheJobs(Passing(), With(learning, {.executions = 900}));
    ExpectTheSameWhateverTheJobs(Passing(), With(learning, {.executions = 5}));
    ExpectTheSameWhateverTheJobs(Passing(), With(learning, {.executions = 100'000, .total_steps = 8000}));
    ExpectTheSameWhateverTheJobs(Passing(), With(learning, {.executions = 6000}));
    ExpectTheSameWhateverTheJobs(FailingOneIn(2000), With(learning, {.executions = 20'000}));
    ExpectTheSameWhateverTheJobs(Passing(), With(learning, {.first_execution = 333, .executions = 900}));
    ExpectTheSameWhateverTheJobs(Passing(), With(learning, {.first_execution = 4, .executions = 3}));
  }
}

TEST(Workers, RunNoExecutionIfNoneIsAskedFor) { ExpectTheSameWhateverTheJobs(Passing(), {.executions = 0}); }

TEST(Workers, GiveTheSameForFewerExecutionsThanWorkers) {
  for (std::uint64_t executions = 1; executions <= 5; ++executions)
    ExpectTheSameWhateverTheJobs(Passing(), {.executions = executions});
}

TEST(Workers, AreHeardInFailuresLargerThanAPipe) {
  // About 80,000 bytes of decisions; a pipe holds 65,536.
  const Body body = []() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      for (int task = 0; task < 2; ++task) {
        nursery.StartSoon([]() -> Task<> {
          for (int i = 0; i < 10'000; ++i) co_await Checkpoint();
        });
      }
      co_return;
    });
    throw std::runtime_error("late");
  };
  const ExploreOptions options{.executions = 10, .shrink_executions = 0};
  EXPECT_TRUE(ByJobs(2, body, options) == ByJobs(1, body, options));
}

// ---- What workers do not share.

TEST(Workers, LeaveTheGlobalsOfTheirProcessAlone) {
  int executions = 0;
  const Body body = [&]() -> Task<> {
    ++executions;
    co_return;
  };
  EXPECT_EQ(ByJobs(2, body, {.executions = 100}).executions, 100u);
  EXPECT_EQ(executions, 0);
}

TEST(Workers, DoNotWriteAgainWhatWasBufferedBefore) {
  ::testing::internal::CaptureStdout();
  std::printf("once ");
  ByJobs(3, Passing(), {.executions = 10});
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "once ");
}

// ---- Crashes.

// Dies in the executions that draw so; which is about one in `one_in`.
Body DyingOneIn(std::uint32_t one_in, void (*die)()) {
  return [one_in, die]() -> Task<> {
    co_await Checkpoint();
    if (Choose(one_in, "which") == one_in - 1) die();
  };
}

// The first execution that throws where DyingOneIn dies.
std::uint64_t FirstToDie(std::uint32_t one_in, const ExploreOptions& options) {
  const Body body = [one_in]() -> Task<> {
    co_await Checkpoint();
    if (Choose(one_in, "which") == one_in - 1) throw std::runtime_error("here");
  };
  return ByJobs(1, body, options).failure->execution;
}

TEST(Workers, SurviveACrashWhichIsTheFailureOfItsExecution) {
  struct Way {
    void (*die)();
    std::string how;
  };
  const std::vector<Way> ways = {
      {[] { std::raise(SIGKILL); }, "was ended by signal 9 (Killed)"},
      {[] { std::_Exit(3); }, "exited with status 3"},
      {[] { std::_Exit(0); }, "exited with status 0"},
  };
  for (const Way& way : ways) {
    const ExploreOptions options{.test = "Suite.Name", .executions = 5000, .check_determinism = false};
    const std::uint64_t first = FirstToDie(200, options);
    for (const unsigned jobs : {2u, 3u}) {
      const Exploration exploration = ByJobs(jobs, DyingOneIn(200, way.die), options);
      ASSERT_TRUE(exploration.failure);
      EXPECT_EQ(exploration.failure->execution, first);
      EXPECT_EQ(exploration.failure->failure.identity.kind, "crash");
      EXPECT_EQ(exploration.failure->failure.message, "crash: the process of this execution " + way.how);
      EXPECT_EQ(exploration.failure->schedule.test, "Suite.Name");
      EXPECT_EQ(exploration.executions, first + 1);
      EXPECT_EQ(exploration.ended, Ended::kFailure);
    }
  }
}

TEST(Workers, GiveAFailureBeforeACrashAndACrashBeforeAFailure) {
  // A failure is shrunk to smaller values, which must not crash this process.
  const auto body = [](std::uint32_t dies, std::uint32_t fails) -> Body {
    return [dies, fails]() -> Task<> {
      co_await Checkpoint();
      const std::uint32_t which = Choose(500, "which");
      if (which == dies) std::raise(SIGKILL);
      if (which == fails) throw std::runtime_error("fails");
    };
  };
  int crashes = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const ExploreOptions options{.seed = seed, .executions = 20'000};
    const std::uint64_t first_seven = ByJobs(1, body(500, 7), options).failure->execution;
    const std::uint64_t first_nine = ByJobs(1, body(500, 9), options).failure->execution;
    const Exploration exploration = ByJobs(2, body(9, 7), options);
    ASSERT_TRUE(exploration.failure);
    EXPECT_EQ(exploration.failure->execution, std::min(first_seven, first_nine));
    const bool crashed = exploration.failure->failure.identity.kind == "crash";
    EXPECT_EQ(crashed, first_nine < first_seven);
    crashes += crashed ? 1 : 0;
  }
  // Both come first sometimes, or this says less than it seems to.
  EXPECT_GT(crashes, 0);
  EXPECT_LT(crashes, 6);
}

// ---- Time.

TEST(Workers, EndWhenTheTimeIsOver) {
  const auto begin = std::chrono::steady_clock::now();
  const Exploration exploration =
      ByJobs(2, Passing(), {.executions = 1'000'000'000'000, .time_budget = std::chrono::milliseconds(50)});
  EXPECT_EQ(exploration.ended, Ended::kTime);
  EXPECT_GT(exploration.executions, 0u);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
}

// ---- Messages.

TEST(Message, GivesAnEqualValue) {
  Finding finding;
  finding.strategy = "urw";
  finding.record.picks = {1, 2, 4'000'000'000};
  finding.record.draws = {7};
  finding.record.hash = 0x123456789abcdef0u;
  finding.record.steps = 99;
  finding.record.stopped = true;
  finding.record.failure = {{"expect", 5}, std::string("a\0b", 3), "file.cc", 12};
  for (const bool nondeterminism : {false, true}) {
    if (nondeterminism) finding.nondeterminism = "after 3 steps";
    const Finding read = ReadFinding(WriteFinding(finding));
    EXPECT_EQ(read.strategy, finding.strategy);
    EXPECT_EQ(read.nondeterminism, finding.nondeterminism);
    EXPECT_EQ(read.record.picks, finding.record.picks);
    EXPECT_EQ(read.record.draws, finding.record.draws);
    EXPECT_EQ(read.record.hash, finding.record.hash);
    EXPECT_EQ(read.record.steps, finding.record.steps);
    EXPECT_EQ(read.record.stopped, finding.record.stopped);
    EXPECT_EQ(read.record.failure, finding.record.failure);
    finding.record = Record();
  }
  const Coverage coverage{true, 0.25, 8, 9, "classes", "that it rains"};
  EXPECT_EQ(ReadCoverage(WriteCoverage(coverage)), coverage);
  EXPECT_EQ(ReadCoverage(WriteCoverage(std::nullopt)), std::nullopt);
}

// The reader runs beside the writer, and each text that it gets is one that was written.
TEST(WorkerNote, IsReadAsAWholeOrNotAtAll) {
  WorkerNote note;
  EXPECT_EQ(note.Read(), std::nullopt);
  note.Write("");
  EXPECT_EQ(note.Read(), "");
  std::atomic<bool> stopped{false};
  std::thread writer([&] {
    for (std::size_t i = 0; !stopped; ++i) {
      note.Write(std::string(1 + i * 37 % WorkerNote::kMostBytes, static_cast<char>('a' + i % 26)));
    }
  });
  std::size_t read = 0;
  while (read < 10'000) {
    const std::optional<std::string> text = note.Read();
    if (!text || text->empty()) continue;
    ++read;
    if (text->find_first_not_of(text->front()) != std::string::npos) {
      ADD_FAILURE() << *text;
      break;
    }
  }
  stopped = true;
  writer.join();
}

TEST(WorkerNote, LeavesOutWhatIsTooLong) {
  WorkerNote note;
  note.Write("short");
  note.Write(std::string(WorkerNote::kMostBytes + 1, 'x'));
  EXPECT_EQ(note.Read(), "short");
  note.Write(std::string(WorkerNote::kMostBytes, 'x'));
  EXPECT_EQ(note.Read()->size(), WorkerNote::kMostBytes);
}

}  // namespace
}  // namespace hocket::testing
