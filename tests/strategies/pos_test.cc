#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

constexpr int kExecutions = 20'000;

// Objects by number, as if their names were known.
Access WriteTo(std::uint64_t object) { return {.object = object, .kind = AccessKind::kWrite}; }

int CountOf(const std::map<std::string, int>& counts, const std::string& order) {
  const auto found = counts.find(order);
  return found == counts.end() ? 0 : found->second;
}

// One task writes x after many writes to what is its own, another one writes x at once. For the first one's write to
// come first, the other one's must lose all the time: with priorities that stay, it loses once.
TEST(Pos, DelaysAnEventAgainstManyThatHaveNothingToDoWithIt) {
  constexpr int kSteps = 6;
  std::string log;
  const Body body = Interleaving(
      {kSteps + 1, 1}, log, [](int task, int step) { return task == 0 && step < kSteps ? WriteTo(100) : WriteTo(1); });
  const std::string order = std::string(kSteps + 1, 'a') + "b";
  const double random = CountOf(Count(*Make("random"), body, log, kExecutions), order);
  const double pos = CountOf(Count(*Make("pos"), body, log, kExecutions), order);
  EXPECT_GT(pos, 4 * random);
}

// The event is the last one if its priority is the lowest of t + 2.
TEST(Pos, KeepsThePriorityOfAnEventThatHasLost) {
  constexpr int kSteps = 6;
  const std::unique_ptr<Strategy> strategy = Make("pos");
  int first = 0;
  for (int i = 0; i < kExecutions; ++i) {
    ByHand run(*strategy, static_cast<std::uint64_t>(i));
    run.AddTask(2, WriteTo(1));
    const AlternativeId task = run.AddTask(1, WriteTo(100));
    int steps = 0;
    while (run.Step() == task && ++steps <= kSteps) run.Again(task);
    if (steps > kSteps) ++first;
  }
  EXPECT_TRUE(Fits(first, kExecutions, 1.0 / (kSteps + 2)));
}

// Every step is a coin toss then.
TEST(Pos, DrawsThePriorityOfARacingEventAnew) {
  constexpr int kSteps = 6;
  const std::unique_ptr<Strategy> strategy = Make("pos");
  int first = 0;
  for (int i = 0; i < kExecutions; ++i) {
    ByHand run(*strategy, static_cast<std::uint64_t>(i));
    run.AddTask(2, WriteTo(1));
    const AlternativeId task = run.AddTask(1, {.object = 1, .kind = AccessKind::kRead});
    int steps = 0;
    while (run.Step() == task && ++steps <= kSteps) run.Again(task);
    if (steps > kSteps) ++first;
  }
  EXPECT_TRUE(Fits(first, kExecutions, std::pow(0.5, kSteps + 1)));
}

// What a step touches without having declared it counts too.
TEST(Pos, DrawsThePriorityOfAnEventAnewThatRacesWithWhatAStepDid) {
  constexpr int kSteps = 6;
  const std::unique_ptr<Strategy> strategy = Make("pos");
  int first = 0;
  for (int i = 0; i < kExecutions; ++i) {
    ByHand run(*strategy, static_cast<std::uint64_t>(i));
    run.AddTask(2, WriteTo(1));
    const AlternativeId task = run.AddTask(1, WriteTo(100));
    int steps = 0;
    while (run.Step() == task && ++steps <= kSteps) {
      strategy->Touched({.object = 1, .kind = AccessKind::kSignal});
      run.Again(task);
    }
    if (steps > kSteps) ++first;
  }
  EXPECT_TRUE(Fits(first, kExecutions, std::pow(0.5, kSteps + 1)));
}

// Opaque events have a new priority at each step: among themselves and against others.
TEST(Pos, SamplesWhatMayTouchAnythingAsARandomWalk) {
  const Access opaque{.kind = AccessKind::kOpaque};
  const std::unique_ptr<Strategy> strategy = Make("pos");
  int picked = 0;
  int twice = 0;
  for (int i = 0; i < kExecutions; ++i) {
    ByHand run(*strategy, static_cast<std::uint64_t>(i));
    run.AddTask(1, opaque);
    run.AddTask(2, opaque);
    const AlternativeId known = run.AddTask(3, WriteTo(1));
    if (run.Step() != known) continue;
    ++picked;
    run.Again(known);
    if (run.Step() == known) ++twice;
  }
  EXPECT_TRUE(Fits(picked, kExecutions, 1.0 / 3));
  EXPECT_TRUE(Fits(twice, picked, 1.0 / 3));
}

}  // namespace
}  // namespace hocket::testing
