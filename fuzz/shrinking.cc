// The shrinker and what follows it, on small programs: the shrunk schedule fails as the found one did, is no longer,
// and nothing of it could go; the schedule next to it passes; and all of that is the same again.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "fuzz/drawn_tasks.h"
#include "fuzz/thread_of_its_own.h"
#include "harness/shrink.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"
#include "hocket/testing/test.h"

namespace hocket::testing {
namespace {

// What is wrong with how a failure of the program is found and shrunk; empty if nothing is, or nothing fails.
std::string WrongAbout(const TaskList& list, const ExploreOptions& options) {
  const Body body = [&] { return RunTasks(list); };
  const Exploration exploration = Explore(body, options);
  if (exploration.nondeterminism) return *exploration.nondeterminism;
  if (!exploration.failure) return "";
  const FoundFailure& found = *exploration.failure;
  const Schedule plan = PlanOf(found.schedule);
  const auto fails_alike = [&](const Schedule& schedule) {
    const ReplayResult result = ReplaySchedule(body, schedule);
    return result.failure && result.failure->identity == found.failure.identity;
  };
  const auto tell = [&](const std::string& what) { return what + ": " + FormatToken(plan); };

  const ReplayResult replay = ReplaySchedule(body, found.schedule);
  if (replay.divergence) return tell("the shrunk schedule diverges");
  if (replay.failure != found.failure) return tell("the shrunk schedule fails otherwise");
  if (!(replay.trace == found.trace)) return tell("the shrunk schedule has another trace");
  if (!fails_alike(plan)) return tell("the deviations alone do not fail");

  // What was found, as a schedule: its failure is the same, and it is not shorter.
  const std::unique_ptr<Strategy> strategy = options.strategy(options.seed);
  strategy->StartExecution(found.execution);
  const ReplayResult whole = RunStrategy(body, *strategy, found.execution);
  if (!whole.failure || whole.failure->identity != found.failure.identity) return tell("what was found does not fail");
  if (Weight(plan) > Weight(PlanOf(whole.schedule))) return tell("it is longer than what was found");

  if (found.pair) {
    const ReplayResult next = ReplaySchedule(body, found.pair->schedule);
    if (next.failure) return tell("the schedule next to it fails");
    if (!(next.trace == found.pair->trace)) return tell("the schedule next to it has another trace");
  }
  if (!(Explore(body, options) == exploration)) return tell("it is another one the second time");

  // The budget ended before everything had been tried.
  if (found.shrink_executions >= options.shrink_executions) return "";
  for (std::size_t i = 0; i < plan.deviations.size() + plan.draws.size(); ++i) {
    Schedule smaller = plan;
    if (i < plan.deviations.size()) {
      smaller.deviations.erase(smaller.deviations.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      smaller.draws.erase(smaller.draws.begin() + static_cast<std::ptrdiff_t>(i - plan.deviations.size()));
    }
    if (fails_alike(smaller)) return tell("decision " + std::to_string(i) + " can go");
  }
  return "";
}

HOCKET_TEST(Shrinking, GivesWhatFailsAlikeAndIsNoLonger, {.executions = 20, .strategy = "random"}) {
  const TaskList list = DrawTasks(3, /*has_idle_tasks=*/false);
  ExploreOptions options{.executions = 8, .shrink_executions = 150};
  options.seed = Choose(256, "seed");
  const char* const spelling = DrawFrom<const char*>({"random", "sticky:20"}, "strategy");
  options.strategy = [spelling](std::uint64_t seed) { return *ParseStrategy(spelling, {.seed = seed}); };
  std::string wrong;
  OnAThreadOfItsOwn([&] { wrong = WrongAbout(list, options); });
  EXPECT_EQ(wrong, "");
  co_return;
}

}  // namespace
}  // namespace hocket::testing
