#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/random.h"
#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

constexpr int kExecutions = 8000;

// A bug of a depth: it shows if these steps come in this order. Each is a task's letter and the number of the step,
// from 0; neighbours are of different tasks, so each neighbourhood is an ordering that nothing else enforces.
using Bug = std::vector<std::pair<char, int>>;

bool Shows(const Bug& bug, const std::string& log) {
  std::map<char, int> steps;
  std::size_t next = 0;
  for (const char letter : log) {
    const int step = steps[letter]++;
    if (next < bug.size() && bug[next] == std::make_pair(letter, step)) ++next;
    for (std::size_t later = next; later < bug.size(); ++later) {
      if (bug[later] == std::make_pair(letter, step)) return false;
    }
  }
  return next == bug.size();
}

// That there is such an order is certain, because it is taken from one.
Bug GenerateBug(int tasks, int steps, int depth, Random& random) {
  for (;;) {
    std::vector<int> left(static_cast<std::size_t>(tasks), steps);
    Bug order;
    while (static_cast<int>(order.size()) < tasks * steps) {
      const std::uint32_t task = random.Below(static_cast<std::uint32_t>(tasks));
      if (left[task] == 0) continue;
      order.emplace_back(static_cast<char>('a' + task), steps - left[task]--);
    }
    Bug bug;
    for (const auto& step : order) {
      if (bug.size() == static_cast<std::size_t>(depth) + 1) break;
      if (random.Below(2) == 0 || (!bug.empty() && bug.back().first == step.first)) continue;
      bug.push_back(step);
    }
    if (bug.size() == static_cast<std::size_t>(depth) + 1) return bug;
  }
}

int Found(const Bug& bug, const std::map<std::string, int>& counts) {
  int found = 0;
  for (const auto& [log, count] : counts) {
    if (Shows(bug, log)) found += count;
  }
  return found;
}

// The probability that the paper promises, divided by the depth, because the number of changes is drawn.
double Bound(int tasks, int steps, int depth) {
  return 1 / (depth * (tasks + 1) * std::pow(tasks * steps, depth - 1));  // the main task is one too
}

TEST(Pct, FindsBugsOfItsDepthAsOftenAsPromised) {
  constexpr int kTasks = 3;
  constexpr int kSteps = 3;
  Random random(11);
  for (int depth = 1; depth <= 4; ++depth) {
    std::string log;
    const std::map<std::string, int> counts = Count(
        *Make("pct:" + std::to_string(depth)), Interleaving(std::vector<int>(kTasks, kSteps), log), log, kExecutions);
    for (int program = 0; program < 50; ++program) {
      const Bug bug = GenerateBug(kTasks, kSteps, depth, random);
      EXPECT_GE(Found(bug, counts), kExecutions * Bound(kTasks, kSteps, depth))
          << "depth " << depth << ", program " << program;
    }
  }
}

// Two tasks in turn need as many changes as there are turns, less one.
TEST(Pct, FindsNoBugThatIsDeeperThanItsDepth) {
  for (int depth = 2; depth <= 4; ++depth) {
    Bug bug;
    for (int i = 0; i <= depth; ++i) bug.emplace_back(i % 2 == 0 ? 'a' : 'b', i / 2 + 1);
    std::string log;
    const Body body = Interleaving({4, 4}, log);
    EXPECT_EQ(Found(bug, Count(*Make("pct:" + std::to_string(depth - 1)), body, log, kExecutions)), 0) << depth;
    EXPECT_GE(Found(bug, Count(*Make("pct:" + std::to_string(depth)), body, log, kExecutions)),
              kExecutions * Bound(2, 4, depth))
        << depth;
  }
}

TEST(Pct, FindsNothingButPriorityOrdersAtDepthOne) {
  std::string log;
  const std::map<std::string, int> counts = Count(*Make("pct:1"), Interleaving({3, 3, 3}, log), log, 600);
  EXPECT_EQ(counts.size(), 6u);
  EXPECT_LT(ChiSquareDeviation(counts, 6), 4);
}

Task<> SpinUntil(const bool& flag, Access access) {
  while (!flag) co_await Checkpoint(access);
}

// A task of the highest priority that waits for a lower one by checkpoints alone.
class PctLiveness : public ::testing::TestWithParam<AccessKind> {};

TEST_P(PctLiveness, LetsOthersRunWhileATaskSpins) {
  bool flag = false;
  const Body body = [&]() -> Task<> {
    flag = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&] { return SpinUntil(flag, {.kind = GetParam()}); });
      nursery.StartSoon([&]() -> Task<> {
        for (int i = 0; i < 10; ++i) co_await Checkpoint();
        flag = true;
      });
      co_return;
    });
  };
  const std::unique_ptr<Strategy> strategy = Make("pct:1");
  Runs runs(*strategy, body);
  for (std::uint64_t index = 0; index < 500; ++index) EXPECT_FALSE(runs.Run(index).failure) << index;
}

INSTANTIATE_TEST_SUITE_P(Kinds, PctLiveness, ::testing::Values(AccessKind::kYield, AccessKind::kOpaque));

// Yields that are no spinning, such as checkpoints that pad a program, leave a priority as it is.
TEST(Pct, LeavesTasksAloneThatYieldSometimes) {
  std::string log;
  const Body body = Interleaving({20, 20}, log, [](int, int) { return Access{.kind = AccessKind::kYield}; });
  const std::map<std::string, int> counts = Count(*Make("pct:1"), body, log, 200);
  EXPECT_EQ(counts.size(), 2u);
}

}  // namespace
}  // namespace hocket::testing
