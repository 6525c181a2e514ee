#include "harness/shrink.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "harness/describer.h"
#include "harness/strategy/replay.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

void PrintTo(const Schedule& schedule, std::ostream* out) { *out << FormatScheduleFile(schedule); }

namespace {

// What a failing program was shrunk to, by Explore.
struct Found {
  Body body;
  FoundFailure failure;
};

// Whether `schedule` makes the program fail as it did.
bool FailsAlike(const Found& found, const Schedule& schedule) {
  const ReplayResult result = ReplaySchedule(found.body, schedule);
  return result.failure && result.failure->identity == found.failure.failure.identity;
}

template <class T>
std::vector<T> Without(std::vector<T> list, std::size_t index) {
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
  return list;
}

// What is wrong with a shrunk schedule; empty if nothing is.
std::string WrongAbout(const Found& found) {
  const Schedule plan = PlanOf(found.failure.schedule);
  if (!FailsAlike(found, plan)) return "it does not fail";
  for (std::size_t i = 0; i < plan.deviations.size(); ++i) {
    Schedule smaller = plan;
    smaller.deviations = Without(plan.deviations, i);
    if (FailsAlike(found, smaller)) return "deviation " + std::to_string(i) + " can go";
  }
  for (std::size_t i = 0; i < plan.draws.size(); ++i) {
    Schedule smaller = plan;
    smaller.draws = Without(plan.draws, i);
    if (FailsAlike(found, smaller)) return "drawn value " + std::to_string(i) + " can go";
    smaller = plan;
    if (--smaller.draws[i].value > 0 && FailsAlike(found, smaller))
      return "drawn value " + std::to_string(i) + " can be lowered";
  }
  // Explored again, with the shrunk schedule as the only execution: nothing is left to shrink.
  ExploreOptions options{.executions = 1};
  options.strategy = [&](std::uint64_t) { return std::make_unique<Replay>(plan); };
  const Exploration again = Explore(found.body, options);
  if (!again.failure) return "explored again, it does not fail";
  if (!(again.failure->schedule == found.failure.schedule))
    return "shrunk again, it becomes\n" + FormatScheduleFile(again.failure->schedule);
  return "";
}

// ---- The examples.

TEST(Shrink, LeavesNothingInTheExamplesThatCouldGo) {
  using namespace examples;
  const std::vector<Body> bodies = {[] { return TransferAndAudit(Transfer); },
                                    [] { return ProduceAndConsume(Wake::kOne); },
                                    [] { return QueryWithTimeouts(QueryThenLease); }};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Exploration exploration = Explore(bodies[i], {.seed = seed});
      ASSERT_TRUE(exploration.failure);
      const Found found{bodies[i], *exploration.failure};
      EXPECT_EQ(WrongAbout(found), "") << "example " << i << ", seed " << seed << "\n"
                                       << FormatScheduleFile(found.failure.schedule);
      EXPECT_LE(found.failure.schedule.deviations.size(), 2u) << FormatScheduleFile(found.failure.schedule);
    }
  }
}

// ---- Generated programs.

// What a task does, step by step.
enum class Action : std::uint8_t { kCheckpoint, kAdd, kReadAndWrite, kDraw, kSleep };
constexpr Action kLast = Action::kSleep;

struct Program {
  std::vector<std::vector<Action>> tasks;
  int fails_on = 0;  // the program fails if the counter ends there
};

Task<> Act(const std::vector<Action>& actions, int& counter) {
  for (const Action action : actions) {
    switch (action) {
      case Action::kCheckpoint:
        co_await Checkpoint();
        break;
      case Action::kAdd:
        ++counter;
        break;
      case Action::kReadAndWrite: {
        const int read = counter;
        co_await Checkpoint();
        counter = read + 2;
        break;
      }
      case Action::kDraw:
        counter += static_cast<int>(Choose(5, "draw"));
        break;
      case Action::kSleep:
        co_await Sleep(std::chrono::milliseconds(1));
        counter *= 2;
        break;
    }
  }
}

Task<> RunProgram(const Program& program) {
  int counter = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (const std::vector<Action>& actions : program.tasks)
      nursery.StartSoon(Act, std::cref(actions), std::ref(counter));
    co_return;
  });
  if (counter % 8 == program.fails_on) throw std::runtime_error("the counter is where it must not be");
}

void showValue(const Program& program, std::ostream& out) {
  out << "fails on " << program.fails_on << ":";
  for (const std::vector<Action>& actions : program.tasks) {
    out << " [";
    for (const Action action : actions) out << static_cast<int>(action);
    out << "]";
  }
}

rc::Gen<Program> Programs() {
  const auto actions =
      rc::gen::map(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, static_cast<int>(kLast) + 1)),
                   [](const std::vector<int>& numbers) {
                     std::vector<Action> list;
                     for (const int number : numbers) list.push_back(static_cast<Action>(number));
                     if (list.size() > 6) list.resize(6);
                     return list;
                   });
  return rc::gen::apply(
      [](std::vector<std::vector<Action>> tasks, int fails_on) {
        if (tasks.size() > 4) tasks.resize(4);
        return Program{std::move(tasks), fails_on};
      },
      rc::gen::container<std::vector<std::vector<Action>>>(actions), rc::gen::inRange(0, 8));
}

RC_GTEST_PROP(ShrinkProperty, LeavesNothingThatCouldGo, ()) {
  const Program program = *Programs();
  const Body body = [&] { return RunProgram(program); };
  const Exploration exploration = Explore(body, {.executions = 100, .shrink_executions = 20'000});
  RC_ASSERT(!exploration.nondeterminism);
  RC_CLASSIFY(exploration.failure.has_value(), "fails");
  if (!exploration.failure) return;
  const Found found{body, *exploration.failure};
  RC_CLASSIFY(found.failure.schedule.deviations.size() + found.failure.schedule.draws.size() > 1,
              "fails by more than one decision");
  const std::string wrong = WrongAbout(found);
  if (!wrong.empty()) RC_FAIL(FormatScheduleFile(found.failure.schedule) + wrong);
}

RC_GTEST_PROP(ShrinkProperty, TakesTheSameStepsAgain, ()) {
  const Program program = *Programs();
  const Body body = [&] { return RunProgram(program); };
  const Exploration first = Explore(body, {.executions = 100});
  const Exploration second = Explore(body, {.executions = 100});
  RC_ASSERT(first.failure.has_value() == second.failure.has_value());
  if (!first.failure) return;
  RC_ASSERT(first.failure->schedule == second.failure->schedule);
  RC_ASSERT(first.failure->shrink_executions == second.failure->shrink_executions);
}

RC_GTEST_PROP(ShrinkProperty, KeepsWithinItsBudget, ()) {
  const Program program = *Programs();
  const auto budget = *rc::gen::inRange<std::uint64_t>(0, 40);
  const Body body = [&] { return RunProgram(program); };
  const Exploration exploration = Explore(body, {.executions = 100, .shrink_executions = budget});
  RC_ASSERT(!exploration.nondeterminism);
  if (!exploration.failure) return;
  RC_ASSERT(exploration.failure->shrink_executions <= budget);
  RC_ASSERT(FailsAlike({body, *exploration.failure}, exploration.failure->schedule));
}

// ---- The identity of the failure.

TEST(Shrink, DoesNotSlideToAnotherFailure) {
  // A single drawn value fails in one way, two of them in another.
  const Body body = []() -> Task<> {
    const bool first = Choose(2, "first") == 1;
    const bool second = Choose(2, "second") == 1;
    if (first && second) throw std::logic_error("both");
    if (first) throw std::runtime_error("only the first");
    co_return;
  };
  int found_both = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Exploration exploration = Explore(body, {.seed = seed});
    ASSERT_TRUE(exploration.failure);
    const bool both = exploration.failure->failure.message == "failed: std::logic_error: both";
    found_both += both ? 1 : 0;
    EXPECT_EQ(exploration.failure->schedule.draws.size(), both ? 2u : 1u);
  }
  EXPECT_GT(found_both, 0);
  EXPECT_LT(found_both, 20);
}

// ---- The algorithm, on made-up schedules: a candidate fails if `fails` says so.

Deviation At(int number) { return {{"main", "Checkpoint", static_cast<std::uint32_t>(number)}, "main/0"}; }
DrawnValue Value(int number, std::uint32_t value) {
  return {{"main", "draw", static_cast<std::uint32_t>(number)}, value};
}

std::vector<int> Numbers(const Schedule& schedule) {
  std::vector<int> numbers;
  for (const Deviation& deviation : schedule.deviations) numbers.push_back(static_cast<int>(deviation.at.nth));
  return numbers;
}

// A candidate that ran as it says, one step for each deviation.
Attempt Ran(const Schedule& candidate, bool fails_alike) {
  Attempt attempt;
  attempt.fails_alike = fails_alike;
  attempt.schedule = candidate;
  attempt.steps = candidate.deviations.size();
  return attempt;
}

// Shrinks an execution that is the same seen from each base.
Attempt ShrinkIf(const std::vector<Deviation>& deviations, const std::vector<DrawnValue>& draws,
                 const std::function<bool(const Schedule&)>& fails, ShrinkBudget* budget = nullptr) {
  Description description;
  for (BaseView& view : description.views) view.deviations = deviations;
  description.draws = draws;
  ShrinkBudget enough{2000, 1'000'000};
  return Shrink(
      description, [&](const Schedule& candidate) { return Ran(candidate, fails(candidate)); },
      budget == nullptr ? enough : *budget);
}

std::vector<Deviation> Deviations(int count) {
  std::vector<Deviation> list;
  for (int i = 1; i <= count; ++i) list.push_back(At(i));
  return list;
}

bool Has(const Schedule& schedule, int number) {
  const std::vector<int> numbers = Numbers(schedule);
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

TEST(Shrink, RemovesEverythingIfNothingMatters) {
  const Attempt shrunk = ShrinkIf(Deviations(100), {Value(1, 7)}, [](const Schedule&) { return true; });
  EXPECT_TRUE(shrunk.schedule.deviations.empty());
  EXPECT_TRUE(shrunk.schedule.draws.empty());
  EXPECT_EQ(shrunk.schedule.base, Base::kStay);
}

TEST(Shrink, FindsTheFewThatMatterAmongMany) {
  ShrinkBudget budget{300, 1'000'000};
  const Attempt shrunk = ShrinkIf(
      Deviations(200), {}, [](const Schedule& candidate) { return Has(candidate, 13) && Has(candidate, 144); },
      &budget);
  EXPECT_EQ(Numbers(shrunk.schedule), (std::vector<int>{13, 144}));
  EXPECT_GT(budget.executions, 0u);
}

TEST(Shrink, RemovesPairsThatOnlyGoTogether) {
  // One leads away and the other back: without one of them, the failure is lost.
  const Attempt shrunk = ShrinkIf(Deviations(5), {}, [](const Schedule& candidate) {
    return Has(candidate, 3) && Has(candidate, 1) == Has(candidate, 5);
  });
  EXPECT_EQ(Numbers(shrunk.schedule), (std::vector<int>{3}));
}

TEST(Shrink, GoesOnWhenADrawnValueThatWasLoweredMakesADeviationNeedless) {
  const Attempt shrunk = ShrinkIf(Deviations(2), {Value(1, 9)}, [](const Schedule& candidate) {
    if (candidate.draws.empty()) return false;
    return Has(candidate, 2) && (Has(candidate, 1) || candidate.draws[0].value < 9);
  });
  EXPECT_EQ(Numbers(shrunk.schedule), (std::vector<int>{2}));
}

TEST(Shrink, LowersDrawnValuesAsFarAsTheyGo) {
  for (const std::uint32_t lowest : {1u, 2u, 3u, 5u, 7u, 100u, 1000u, 3'000'000'000u}) {
    const Attempt shrunk = ShrinkIf({}, {Value(1, 4'000'000'000u)}, [&](const Schedule& candidate) {
      return !candidate.draws.empty() && candidate.draws[0].value >= lowest;
    });
    EXPECT_EQ(shrunk.schedule.draws, (std::vector<DrawnValue>{Value(1, lowest)}));
  }
}

TEST(Shrink, PrefersTheBaseWithTheFewestDeviationsOfWhichFifoIsOne) {
  Description description;
  description.views[0].deviations = Deviations(3);
  description.views[1].deviations = Deviations(2);
  description.views[2].deviations = Deviations(2);
  ShrinkBudget budget{100, 1000};
  const Attempt shrunk = Shrink(
      description,
      [&](const Schedule& candidate) {
        return Ran(candidate, candidate.deviations.size() == (candidate.base == Base::kStay ? 3 : 2));
      },
      budget);
  EXPECT_EQ(shrunk.schedule.base, Base::kSpawn);
}

TEST(Shrink, KeepsACandidateAsItRan) {
  // Without the first deviation, the fourth does not apply any more.
  Description description;
  for (BaseView& view : description.views) view.deviations = Deviations(4);
  ShrinkBudget budget{100, 1000};
  const Attempt shrunk = Shrink(
      description,
      [&](const Schedule& candidate) {
        Schedule ran = candidate;
        std::erase_if(ran.deviations,
                      [&](const Deviation& deviation) { return deviation.at.nth == 4 && !Has(candidate, 1); });
        return Ran(ran, Has(candidate, 2));
      },
      budget);
  EXPECT_EQ(Numbers(shrunk.schedule), (std::vector<int>{2}));
}

TEST(Shrink, GivesTheWholeScheduleIfNoCandidateFails) {
  ShrinkBudget budget{100, 1000};
  const Attempt shrunk = ShrinkIf(Deviations(3), {Value(1, 1)}, [](const Schedule&) { return false; }, &budget);
  EXPECT_FALSE(shrunk.fails_alike);
  EXPECT_EQ(shrunk.schedule.deviations, Deviations(3));
  EXPECT_EQ(shrunk.schedule.draws, (std::vector<DrawnValue>{Value(1, 1)}));
  EXPECT_EQ(budget.executions, 94u);  // each base, with nothing and with everything
}

TEST(Shrink, StopsWhenItsExecutionsAreUsedUp) {
  for (std::uint64_t given = 0; given < 50; ++given) {
    std::uint64_t asked = 0;
    ShrinkBudget budget{given, 1'000'000};
    const Attempt shrunk = ShrinkIf(
        Deviations(100), {Value(1, 70)},
        [&](const Schedule& candidate) {
          ++asked;
          return Has(candidate, 13) && !candidate.draws.empty();
        },
        &budget);
    EXPECT_EQ(asked, given - budget.executions);
    EXPECT_TRUE(Has(shrunk.schedule, 13));
  }
}

TEST(Shrink, StopsWhenItsStepsAreUsedUp) {
  for (const std::uint64_t given : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100}, std::uint64_t{500}}) {
    std::uint64_t taken = 0;  // before the last execution
    std::uint64_t last = 0;
    ShrinkBudget budget{2000, given};
    const Attempt shrunk = ShrinkIf(
        Deviations(100), {},
        [&](const Schedule& candidate) {
          taken += last;
          last = candidate.deviations.size();
          return Has(candidate, 13) && Has(candidate, 77);
        },
        &budget);
    EXPECT_TRUE(Has(shrunk.schedule, 13));
    EXPECT_TRUE(given == 0 || taken < given) << given;
  }
}

TEST(Shrink, TakesFewerInjectionsThenFewerSwitchesThenAShorterRun) {
  Attempt attempt = Ran({.deviations = Deviations(2)}, true);
  attempt.injected = attempt.switches = attempt.steps = 5;
  const auto with = [&](std::size_t deviations, std::uint64_t injected, std::uint64_t switches, std::uint64_t steps) {
    Attempt other = attempt;
    other.schedule.deviations = Deviations(static_cast<int>(deviations));
    other.injected = injected;
    other.switches = switches;
    other.steps = steps;
    return other;
  };
  EXPECT_FALSE(IsSmaller(attempt, attempt));
  EXPECT_TRUE(IsSmaller(with(1, 9, 9, 9), attempt));
  EXPECT_FALSE(IsSmaller(with(3, 0, 0, 0), attempt));
  EXPECT_TRUE(IsSmaller(with(2, 4, 9, 9), attempt));
  EXPECT_FALSE(IsSmaller(with(2, 6, 0, 0), attempt));
  EXPECT_TRUE(IsSmaller(with(2, 5, 4, 9), attempt));
  EXPECT_FALSE(IsSmaller(with(2, 5, 6, 0), attempt));
  EXPECT_TRUE(IsSmaller(with(2, 5, 5, 4), attempt));
}

TEST(Shrink, MovesADeviationToWhereTheRunHasFewerSwitches) {
  ShrinkBudget budget{100, 1000};
  Description description;
  for (BaseView& view : description.views) view.deviations = {At(5)};
  const Attempt shrunk = Shrink(
      description,
      [&](const Schedule& candidate) {
        Attempt attempt = Ran(candidate, !candidate.deviations.empty());
        if (attempt.fails_alike)
          attempt.switches = candidate.deviations[0].at.nth < 3 ? 9 : candidate.deviations[0].at.nth;
        return attempt;
      },
      budget);
  EXPECT_EQ(Numbers(shrunk.schedule), (std::vector<int>{3}));
}

}  // namespace
}  // namespace hocket::testing
