#include "harness/report/progress.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Progress::Instant kBegin = Progress::Instant() + std::chrono::hours(1000);

// A progress that writes into a string.
class ProgressTest : public ::testing::Test {
 protected:
  void Make(bool is_terminal, const ExploreOptions& options, std::size_t columns = 500) {
    progress_ = std::make_unique<Progress>(
        options, kBegin, Progress::Output{[this](const std::string& text) { written_ += text; }, is_terminal, columns});
  }
  // What is written if so much has been explored at `after`.
  std::string WrittenAt(std::chrono::nanoseconds after, const Exploration& so_far) {
    written_.clear();
    if (progress_->Due(kBegin + after)) progress_->Show(so_far, "urw");
    return written_;
  }

  std::string written_;
  std::unique_ptr<Progress> progress_;  // writes when it goes
};

Exploration SoFar(std::uint64_t executions, std::uint64_t cut = 0) {
  Exploration so_far;
  so_far.executions = executions;
  so_far.cut = cut;
  so_far.distinct = executions;
  so_far.steps = executions * 10;
  return so_far;
}

TEST_F(ProgressTest, SaysHowManyHowFastWhoAndWhatIsLeft) {
  Make(false, {.test = "Bank.Audit", .executions = 100'000, .total_steps = 2'000'000});
  EXPECT_EQ(WrittenAt(minutes(1), SoFar(11'000, 1000)),
            "hocket: Bank.Audit: 12,000 of 100,000 executions, 200/s, 11,000 distinct, urw; left: 1,890,000 steps\n");
  // The rate is of the time since the last line.
  EXPECT_EQ(WrittenAt(minutes(2), SoFar(17'000, 1000)),
            "hocket: Bank.Audit: 18,000 of 100,000 executions, 100/s, 17,000 distinct, urw; left: 1,830,000 steps\n");
}

TEST_F(ProgressTest, SaysWhatASearchHasCovered) {
  Make(false, {.executions = 100});
  Exploration so_far = SoFar(60);
  so_far.coverage = {.explored = 0.41, .schedules = 60, .what = "classes"};
  EXPECT_EQ(WrittenAt(minutes(1), so_far),
            "hocket: 60 of 100 executions, 1/s, 60 distinct, urw, about 41 % of the classes; left: 19,999,400 steps\n");
}

TEST_F(ProgressTest, SaysHowMuchTimeIsLeftOfWhicheverLimitIsNearer) {
  ExploreOptions options{.executions = 100, .time_budget = minutes(3)};
  Make(false, options);
  EXPECT_TRUE(WrittenAt(minutes(1), SoFar(6)).ends_with(" steps, 120 s\n")) << written_;
  options.deadline = kBegin + seconds(100);
  Make(false, options);
  EXPECT_TRUE(WrittenAt(minutes(1), SoFar(6)).ends_with(" steps, 40 s\n")) << written_;
  EXPECT_TRUE(WrittenAt(minutes(2), SoFar(6)).ends_with(" steps, 0 s\n")) << written_;
}

TEST_F(ProgressTest, WritesALineAMinuteIntoALog) {
  Make(false, {});
  std::vector<int> lines;
  for (int second = 0; second <= 300; ++second) {
    if (!WrittenAt(seconds(second), SoFar(second)).empty()) lines.push_back(second);
  }
  EXPECT_EQ(lines, (std::vector<int>{60, 120, 180, 240, 300}));
  written_.clear();
  progress_.reset();
  EXPECT_EQ(written_, "");
}

TEST_F(ProgressTest, RewritesTheLineOfATerminalFiveTimesASecondAndWipesIt) {
  Make(true, {});
  int lines = 0;
  for (int ms = 0; ms <= 1000; ++ms) {
    const std::string line = WrittenAt(milliseconds(ms), SoFar(ms));
    if (line.empty()) continue;
    ++lines;
    EXPECT_TRUE(line.starts_with("\rhocket: ") && line.ends_with("\x1b[K")) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
  EXPECT_EQ(lines, 5);
  written_.clear();
  progress_.reset();
  EXPECT_EQ(written_, "\r\x1b[K");
}

TEST_F(ProgressTest, KeepsTheLineWithinTheTerminal) {
  Make(true, {.test = std::string(200, 'x')}, 80);
  EXPECT_EQ(WrittenAt(seconds(1), SoFar(1)).size(), 1 + 79 + std::string("\x1b[K").size());
}

TEST_F(ProgressTest, WritesNothingOnATerminalThatHasBeenShownNothing) {
  Make(true, {});
  WrittenAt(milliseconds(100), SoFar(1));
  progress_.reset();
  EXPECT_EQ(written_, "");
}

TEST_F(ProgressTest, IsAskedByAnExploration) {
  // Always due.
  struct Listener final : ProgressListener {
    bool Due(std::chrono::steady_clock::time_point) override { return true; }
    void Show(const Exploration& so_far, const std::string& in_turn) override {
      shown.push_back(std::to_string(so_far.executions) + " " + std::to_string(so_far.left) + " " + in_turn);
    }
    std::vector<std::string> shown;
  };
  Listener listener;
  Explore([]() -> Task<> { co_return; }, {.executions = 3, .progress = &listener});
  EXPECT_EQ(listener.shown, (std::vector<std::string>{"1 2 stay", "2 1 random walk", "3 0 random walk"}));
}

// Three tasks that take two steps each: 1680 orders and the search is not through.
Task<> ThreeTasks() {
  co_await WithNursery([](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      nursery.StartSoon([]() -> Task<> {
        co_await Checkpoint();
        co_await Checkpoint();
      });
    }
    co_return;
  });
}

TEST_F(ProgressTest, TellsOfTheStrategyAndTheCoverageOfJobs) {
  struct Listener final : ProgressListener {
    bool Due(std::chrono::steady_clock::time_point) override { return true; }
    void Show(const Exploration& so_far, const std::string& turn) override {
      in_turn = turn;
      coverage = so_far.coverage;
    }
    std::string in_turn;
    std::optional<Coverage> coverage;
  };
  Listener listener;
  ExploreOptions options{.executions = 1500, .jobs = 2, .check_determinism = false, .progress = &listener};
  options.strategy = [](std::uint64_t seed) { return *ParseStrategy("dfs", {.seed = seed}); };
  Explore([] { return ThreeTasks(); }, options);
  EXPECT_EQ(listener.in_turn, "all schedules (2 jobs)");
  ASSERT_TRUE(listener.coverage);
  EXPECT_GT(listener.coverage->schedules, 0u);
  EXPECT_EQ(listener.coverage->what, "schedules");
}

}  // namespace
}  // namespace hocket::testing
