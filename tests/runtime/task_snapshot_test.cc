#include "hocket/task_snapshot.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""s;

// A run with paths: the observer makes it keep them.
template <class Main>
RunOutcome RunObserved(Main main) {
  Recorder recorder;
  return RunVirtual(main, {.observer = &recorder});
}

Task<> AcquireBoth(Lock& first, Lock& second) {
  co_await first.Acquire();
  co_await Sleep(1s);
  co_await second.Acquire();
}

using Numbers = std::vector<std::uint32_t>;

TEST(Deadlock, NamesTheCycleOfTwoLocksTakenInOppositeOrder) {
  const RunOutcome outcome = RunObserved([]() -> Task<> {
    Lock a;
    Lock b;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("ab"), AcquireBoth, std::ref(a), std::ref(b));
      nursery.StartSoon(TaskName("ba"), AcquireBoth, std::ref(b), std::ref(a));
      co_return;
    });
  });
  ASSERT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  ASSERT_EQ(outcome.unfinished.size(), 3u);
  EXPECT_EQ(outcome.unfinished[0].operation, "Nursery.Exit");
  EXPECT_EQ(outcome.unfinished[0].held_by, (Numbers{1, 2}));
  EXPECT_EQ(outcome.unfinished[1].operation, "Lock.Acquire");
  EXPECT_EQ(outcome.unfinished[1].held_by, Numbers{2});
  EXPECT_EQ(outcome.unfinished[2].held_by, Numbers{1});
  EXPECT_EQ(outcome.cycles, (std::vector<WaitCycle>{{1, 2}}));
  const std::string report = outcome.ToString();
  EXPECT_NE(report.find("\n  a cycle: main/ab.0 waits for main/ba.0 waits for main/ab.0\n"), std::string::npos)
      << report;
  EXPECT_NE(report.find("\n      main/ab.0 waits in Lock.Acquire for main/ba.0\n"), std::string::npos) << report;
  EXPECT_NE(report.find("\n  main waits in Nursery.Exit for main/ab.0, main/ba.0\n"), std::string::npos) << report;
  EXPECT_NE(report.find("task_snapshot_test.cc:"), std::string::npos) << report;
}

TEST(Deadlock, NamesTheCycleThroughANursery) {
  const RunOutcome outcome = RunObserved([]() -> Task<> {
    Lock lock;
    co_await lock.Acquire();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await lock.Acquire(); });
      co_return;
    });
  });
  ASSERT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_EQ(outcome.cycles, (std::vector<WaitCycle>{{0, 1}}));
}

TEST(Deadlock, WithoutACycleNamesNone) {
  const RunOutcome outcome = RunObserved([]() -> Task<> {
    Event never;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await never.Wait(); });
      co_return;
    });
  });
  ASSERT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_TRUE(outcome.cycles.empty());
  EXPECT_TRUE(outcome.unfinished[1].held_by.empty());
}

TEST(Deadlock, TellsWhoHasTheTokensOfALimiter) {
  const RunOutcome outcome = RunObserved([]() -> Task<> {
    CapacityLimiter limiter(2);
    const auto keep = [&]() -> Task<> {
      co_await limiter.Acquire();
      co_await SleepForever();
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) nursery.StartSoon(keep);
      co_return;
    });
  });
  ASSERT_EQ(outcome.unfinished.size(), 4u);
  EXPECT_EQ(outcome.unfinished[3].operation, "CapacityLimiter.Acquire");
  EXPECT_EQ(outcome.unfinished[3].held_by, (Numbers{1, 2}));
}

TEST(Deadlock, ANotifiedWaiterOfAConditionWaitsForTheLock) {
  const RunOutcome outcome = RunObserved([]() -> Task<> {
    Lock lock;
    Condition changed(lock);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await lock.Acquire();
        co_await changed.Wait();
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await Sleep(1s);
        co_await lock.Acquire();
        changed.Notify();
        co_await SleepForever();
      });
      co_return;
    });
  });
  ASSERT_EQ(outcome.unfinished.size(), 3u);
  EXPECT_EQ(outcome.unfinished[1].operation, "Condition.Wait");
  EXPECT_EQ(outcome.unfinished[1].held_by, Numbers{2});
}

TEST(FindWaitCycles, FindsEachCycleOnceAndBeginsWithItsSmallestTask) {
  const auto graph = [](std::vector<Numbers> held_by) {
    std::vector<TaskSnapshot> tasks(held_by.size());
    for (std::uint32_t i = 0; i < tasks.size(); ++i) {
      tasks[i].spawn_number = i;
      tasks[i].held_by = held_by[i];
    }
    return FindWaitCycles(tasks);
  };
  using Cycles = std::vector<WaitCycle>;
  EXPECT_EQ(graph({}), Cycles{});
  EXPECT_EQ(graph({{1}, {2}, {}}), Cycles{});
  EXPECT_EQ(graph({{0}}), Cycles{{0}});
  EXPECT_EQ(graph({{3}, {0}, {1}, {2}}), (Cycles{{0, 3, 2, 1}}));
  EXPECT_EQ(graph({{1, 2}, {0}, {0}}), (Cycles{{0, 1}, {0, 2}}));
  EXPECT_EQ(graph({{1, 1}, {0, 0}}), (Cycles{{0, 1}}));
  EXPECT_EQ(graph({{9}, {9}}), Cycles{});
  std::vector<Numbers> ring(100000);
  for (std::uint32_t i = 0; i < ring.size(); ++i) ring[i] = {(i + 1) % static_cast<std::uint32_t>(ring.size())};
  EXPECT_EQ(graph(ring).front().size(), ring.size());
}

TEST(SnapshotTasks, ShowsEachTaskAsItStands) {
  const RunOutcome outcome = RunObserved([]() -> Task<> {
    Event never;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> { co_await never.Wait(); });
      nursery.StartSoon(TaskName("timed"),
                        [&]() -> Task<> { co_await MoveOnAfter(5s, [&]() -> Task<> { co_await never.Wait(); }); });
      co_await Settle();
      nursery.StartSoon([]() -> Task<> { co_return; });
      const std::vector<TaskSnapshot> tasks = SnapshotTasks();
      EXPECT_EQ(tasks.size(), 4u);
      EXPECT_EQ(tasks[0].path, "main");
      EXPECT_EQ(tasks[0].operation, "running");
      EXPECT_EQ(tasks[0].parent, std::nullopt);
      EXPECT_EQ(tasks[1].path, "main/waiter.0");
      EXPECT_EQ(tasks[1].operation, "Event.Wait");
      EXPECT_EQ(tasks[1].parent, 0u);
      EXPECT_FALSE(tasks[1].ready);
      EXPECT_FALSE(tasks[1].where.empty());
      EXPECT_EQ(tasks[1].deadline, kForever);
      EXPECT_EQ(tasks[2].deadline, At(5s));
      EXPECT_EQ(tasks[2].scopes, std::vector<ScopeSnapshot>{{.deadline = At(5s)}});
      EXPECT_EQ(tasks[0].scopes, std::vector<ScopeSnapshot>{{.nursery = true}});
      EXPECT_EQ(tasks[3].operation, "start");
      EXPECT_TRUE(tasks[3].ready);
      nursery.cancel_scope().Cancel();
      EXPECT_TRUE(SnapshotTasks()[1].cancelled);
      EXPECT_TRUE(SnapshotTasks()[1].ready);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CurrentStatistics, CountsTasksStepsAndDeadlines) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    EXPECT_EQ(CurrentStatistics().tasks_living, 1u);
    EXPECT_EQ(CurrentStatistics().tasks_ready, 0u);
    EXPECT_EQ(CurrentStatistics().next_deadline, kForever);
    EXPECT_EQ(CurrentStatistics().steps, 1u);
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> { co_await Sleep(3s); });
      EXPECT_EQ(CurrentStatistics().tasks_living, 2u);
      EXPECT_EQ(CurrentStatistics().tasks_ready, 1u);
      co_await Checkpoint();
      EXPECT_EQ(CurrentStatistics().tasks_ready, 0u);
      EXPECT_EQ(CurrentStatistics().next_deadline, At(3s));
      EXPECT_EQ(CurrentStatistics().steps, 3u);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

}  // namespace
}  // namespace hocket
