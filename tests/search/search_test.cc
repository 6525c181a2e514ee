// Systematic searches: how many schedules they run, which, and that they say so.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/observe.h"
#include "tests/search/comparison.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint64_t kMany = 2'000'000;

ExploreOptions Reported() {
  ExploreOptions options;
  options.memory = PlainMemory::kReported;
  options.time_passes = TimePasses::kWhenIdle;
  return options;
}

// n tasks that each do k updates of the object that `object(task)` names.
struct Updates {
  int tasks;
  int steps;
  bool same;  // all of one object; otherwise each of its own
};
Body BodyOf(Updates updates) {
  return [updates]() -> Task<> {
    std::vector<std::unique_ptr<Shared<int>>> cells;
    for (int i = 0; i < updates.tasks; ++i) cells.push_back(std::make_unique<Shared<int>>(0));
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int task = 0; task < updates.tasks; ++task) {
        nursery.StartSoon([&, task]() -> Task<> {
          for (int step = 0; step < updates.steps; ++step) {
            if (step > 0) co_await ShieldedCheckpoint();
            *cells[updates.same ? 0 : static_cast<std::size_t>(task)] += 1;
          }
        });
      }
      co_return;
    });
  };
}

// The multinomial coefficient: how many orders there are of n times k steps.
std::uint64_t Orders(std::uint64_t n, std::uint64_t k) {
  std::uint64_t orders = 1;
  for (std::uint64_t task = 1; task < n; ++task) {
    for (std::uint64_t i = 1; i <= k; ++i) orders = orders * (task * k + i) / i;
  }
  return orders;
}

TEST(Search, RunsEveryScheduleOnce) {
  for (const auto& [tasks, steps] : {std::pair(2, 1), std::pair(2, 3), std::pair(3, 2), std::pair(4, 1)}) {
    const Seen seen = SeenBy("dfs", BodyOf({tasks, steps, true}), Reported(), kMany);
    EXPECT_TRUE(seen.complete);
    EXPECT_EQ(seen.schedules, Orders(tasks, steps)) << tasks << " tasks, " << steps << " steps";
    EXPECT_EQ(seen.classes.size(), Orders(tasks, steps)) << "every order of dependent steps is a class";
    EXPECT_EQ(seen.cut, 0u);
  }
}

TEST(Search, TakesNoMemoryForValuesThatItHasNotTried) {
  for (const char* strategy : {"dfs", "exhaustive", "delay:1", "preemption:1"}) {
    std::vector<std::uint32_t> drawn;
    const Body body = [&]() -> Task<> {
      drawn.push_back(Choose(std::numeric_limits<std::uint32_t>::max(), "value"));
      co_return;
    };
    const Exploration exploration =
        Explore(body, {.executions = 4, .check_determinism = false, .strategy = [&](std::uint64_t seed) {
                         return *ParseStrategy(strategy, {.seed = seed});
                       }});
    EXPECT_EQ(drawn, (std::vector<std::uint32_t>{0, 1, 2, 3})) << strategy;
    EXPECT_EQ(exploration.ended, Ended::kExecutions) << strategy;
  }
}

TEST(ReducedSearch, RunsAllOrdersOfDependentSteps) {
  for (const auto& [tasks, steps] : {std::pair(2, 3), std::pair(3, 2), std::pair(4, 1)}) {
    const Seen seen = SeenBy("exhaustive", BodyOf({tasks, steps, true}), Reported(), kMany);
    EXPECT_TRUE(seen.complete);
    EXPECT_EQ(seen.schedules, Orders(tasks, steps));
    EXPECT_EQ(seen.classes.size(), seen.schedules) << "no class twice";
  }
}

TEST(ReducedSearch, RunsOneOrderOfIndependentSteps) {
  const Seen seen = SeenBy("exhaustive", BodyOf({4, 3, false}), Reported(), kMany);
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.schedules, 1u) << "of " << Orders(4, 3);
}

TEST(ReducedSearch, ReducesNothingWithoutKnowingWhatStepsTouch) {
  ExploreOptions options = Reported();
  options.memory = PlainMemory::kUnknown;
  const Seen seen = SeenBy("exhaustive", BodyOf({3, 2, false}), options, kMany);
  EXPECT_EQ(seen.schedules, Orders(3, 2));
}

// The programs below mix what the runtime has; full and reduced search must agree on classes and outcomes.
struct Program {
  const char* name;
  std::function<Task<>(std::string& observed)> body;
};

void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

Task<> ReadsAndWrites(std::string& observed) {
  Shared<int> cell(0);
  Shared<int> other(0);
  std::string seen;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      cell = 1;
      co_await ShieldedCheckpoint();
      other = 1;
    });
    nursery.StartSoon([&]() -> Task<> {
      cell = 2;
      co_await ShieldedCheckpoint();
      other = 2;
    });
    nursery.StartSoon([&]() -> Task<> {
      const int first = cell;
      co_await ShieldedCheckpoint();
      const int second = other;
      seen = std::to_string(first) + std::to_string(second);
    });
    co_return;
  });
  observed = seen + " " + std::to_string(cell.Get()) + std::to_string(other.Get());
}

Task<> LocksAndCancellation(std::string& observed) {
  Lock lock;
  std::string order;
  Shared<int> log(0);
  CancelScope scopes[2];
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 2; ++task) {
      nursery.StartSoon([&, task]() -> Task<> {
        co_await WithScope(scopes[task], [&, task]() -> Task<> {
          co_await lock.Acquire();
          LockGuard guard(lock);
          log.Update();
          order += static_cast<char>('a' + task);
          co_await Checkpoint();
          log.Update();
          order += static_cast<char>('A' + task);
        });
      });
    }
    nursery.StartSoon([&]() -> Task<> {
      scopes[1].Cancel();
      co_return;
    });
    co_return;
  });
  observed = order;
}

Task<> CancelsWaiters(std::string& observed) {
  Event event;
  Semaphore semaphore(0);
  CancelScope scope;
  std::string one, two;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> { co_await event.Wait(); });
      one = scope.cancelled_caught() ? "cancelled" : "set";
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await semaphore.Acquire();
      scope.Cancel();
      two = "cancels";
    });
    nursery.StartSoon([&]() -> Task<> {
      semaphore.Release();
      co_await ShieldedCheckpoint();
      event.Set();
    });
    co_return;
  });
  observed = one + two;
}

Task<> FailsTogether(std::string& observed) {
  const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 3; ++task) {
      nursery.StartSoon([task]() -> Task<> {
        co_await Checkpoint();
        if (task != 1) throw std::runtime_error(std::to_string(task));
        co_await Checkpoint();
      });
    }
    co_return;
  }));
  observed = outcome.failure().ToString();
}

Task<> DrawsAndFaults(std::string& observed) {
  Shared<int> a(0);
  Shared<int> b(0);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      if (Coin("which")) {
        a = 1;
      } else {
        b = 1;
      }
      co_await ShieldedCheckpoint();
    });
    nursery.StartSoon([&]() -> Task<> {
      b = 2;
      co_await ShieldedCheckpoint();
      if (Fault("write")) a = 2;
    });
    nursery.StartSoon([&]() -> Task<> {
      for (std::uint32_t times = Choose(3, "times"); times > 0; --times) b += 10;
      co_return;
    });
    co_return;
  });
  observed = std::to_string(a.Get()) + "," + std::to_string(b.Get());
}

Task<> SendsAndReceives(std::string& observed) {
  std::string got;
  Shared<int> log(0);
  auto [sender, receiver] = OpenChannel<int>(1);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 2; ++task) {
      nursery.StartSoon([&, task, end = sender.Clone()]() mutable -> Task<> { co_await end.Send(task); });
    }
    nursery.StartSoon([&]() -> Task<> {
      for (int i = 0; i < 2; ++i) {
        const int value = co_await receiver.Receive();
        log.Update();
        got += std::to_string(value);
      }
    });
    co_return;
  });
  observed = got;
}

Task<> TimesOut(std::string& observed) {
  Shared<int> cell(0);
  bool caught = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      const ScopeExit exit = co_await MoveOnAfter(2ms, [&]() -> Task<> {
        co_await Checkpoint();
        cell += 1;
        co_await Checkpoint();
        cell += 10;
      });
      caught = exit.cancelled_caught;
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await Sleep(1ms);
      cell += 100;
    });
    co_return;
  });
  observed = std::to_string(cell.Get()) + (caught ? " caught" : "");
}

// When the others have ended, time passes because nobody can run: that is a step of the clock, and not a part of the
// last one that ended.
Task<> SleepsWhileOthersEnd(std::string& observed) {
  Shared<int> cell(0);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      co_await Sleep(1ms);
      cell += 1;
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await ShieldedCheckpoint();
      co_await ShieldedCheckpoint();
      cell = 10;
    });
    nursery.StartSoon([&]() -> Task<> { co_await ShieldedCheckpoint(); });
    co_return;
  });
  observed = std::to_string(cell.Get());
}

Task<> StartsInside(std::string& observed) {
  Shared<int> cell(0);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      co_await ShieldedCheckpoint();
      nursery.StartSoon([&]() -> Task<> {
        cell = 1;
        co_return;
      });
    });
    nursery.StartSoon([&]() -> Task<> {
      cell = 2;
      co_await ShieldedCheckpoint();
      cell += 1;
    });
    co_return;
  });
  observed = std::to_string(cell.Get());
}

class ReductionTest : public ::testing::TestWithParam<Program> {};

TEST_P(ReductionTest, SeesTheClassesAndOutcomesOfTheFullSearch) {
  for (const TimePasses time : {TimePasses::kWhenIdle, TimePasses::kAnytime}) {
    ExploreOptions options = Reported();
    options.time_passes = time;
    std::string observed;
    const Body body = [&]() -> Task<> {
      observed = "none";
      co_await GetParam().body(observed);
    };
    const auto what = [&] { return observed; };
    const Seen full = SeenBy("dfs", body, options, kMany, what);
    const Seen reduced = SeenBy("exhaustive", body, options, kMany, what);
    EXPECT_TRUE(full.complete && reduced.complete);
    EXPECT_EQ(reduced.outcomes, full.outcomes);
    EXPECT_EQ(reduced.classes, full.classes);
    EXPECT_EQ(reduced.schedules, full.classes.size()) << "one schedule of each class";
    if (time == TimePasses::kAnytime) {
      EXPECT_GT(full.outcomes.size(), 1u) << "nothing to tell apart";
    }
    EXPECT_LE(reduced.schedules, full.schedules);
    if (!MemoryIsObserved()) {
      EXPECT_LT(reduced.schedules, full.schedules);  // observed, a string that tasks share leaves nothing to reduce
    }
    ::testing::Test::RecordProperty(time == TimePasses::kAnytime ? "anytime" : "when_idle",
                                    std::to_string(full.schedules) + " schedules, " +
                                        std::to_string(reduced.schedules) + " classes, " + std::to_string(reduced.cut) +
                                        " cut");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Program, ReductionTest,
    ::testing::Values(Program{"ReadsAndWrites", ReadsAndWrites}, Program{"LocksAndCancellation", LocksAndCancellation},
                      Program{"CancelsWaiters", CancelsWaiters}, Program{"FailsTogether", FailsTogether},
                      Program{"DrawsAndFaults", DrawsAndFaults}, Program{"SendsAndReceives", SendsAndReceives},
                      Program{"TimesOut", TimesOut}, Program{"SleepsWhileOthersEnd", SleepsWhileOthersEnd},
                      Program{"StartsInside", StartsInside}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace hocket::testing
