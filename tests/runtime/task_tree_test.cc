#include "hocket/task_tree.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Without the lines that say where: compilers differ in the numbers. Begins with an empty line, as raw strings do.
std::string WithoutPlaces(const std::string& tree) {
  std::istringstream lines(tree);
  std::string text = "\n";
  for (std::string line; std::getline(lines, line);) {
    if (line.find("_test.cc:") == std::string::npos || line.find('(') != std::string::npos) text += line + "\n";
  }
  return text;
}

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

Task<> Forever() { co_await SleepForever(); }

// A tree of tasks written down by hand.
class Tasks {
 public:
  Tasks& Add(const std::string& path, std::optional<std::uint32_t> parent, std::size_t nursery = 0) {
    TaskSnapshot& task = tasks_.emplace_back();
    task.path = path;
    task.spawn_number = static_cast<std::uint32_t>(tasks_.size() - 1);
    task.parent = parent;
    task.nursery = nursery;
    task.operation = "Event.Wait";
    return *this;
  }
  Tasks& In(const ScopeSnapshot& scope) {
    tasks_.back().scopes.push_back(scope);
    return *this;
  }
  Tasks& HeldBy(std::vector<std::uint32_t> holders) {
    tasks_.back().held_by = std::move(holders);
    return *this;
  }
  std::string Tree() const { return "\n" + FormatTaskTree(tasks_, At(10s)); }

 private:
  std::vector<TaskSnapshot> tasks_;
};

TEST(TaskTree, ShowsNurseriesScopesAndWhatTasksWaitFor) {
  std::string tree;
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        Lock lock;
        Event never;
        co_await MoveOnAfter(5s, [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon(TaskName("owner"), [&]() -> Task<> {
              co_await lock.Acquire();
              co_await Shielded([&]() -> Task<> { co_await MoveOnAfter(2s, Forever); });
              lock.Release();
            });
            nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> {
              co_await Checkpoint();
              co_await lock.Acquire();
              lock.Release();
            });
            nursery.StartSoon(TaskName("look"), [&]() -> Task<> {
              co_await Sleep(500ms);
              nursery.cancel_scope().Cancel("enough");
              tree = TaskTree();
            });
            co_return;
          });
        });
      },
      {.observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  // Where the cancellation was called is an annotation.
  const std::size_t where = tree.find(", at ");
  ASSERT_NE(where, std::string::npos) << tree;
  tree.erase(where, tree.find(')', where) - where);
  EXPECT_EQ(WithoutPlaces(tree), R"(
main waits in Nursery.Exit for main/owner.0, main/waiter.0, main/look.0, cancelled
  in a cancel scope, deadline in 4.5s
  in a nursery, cancelled (explicit: enough (task 3)):
    main/owner.0 waits in Sleep
      in a cancel scope, shielded
      in a cancel scope, deadline in 1.5s
    main/waiter.0 is ready at Lock.Acquire, cancelled
    main/look.0 is running, cancelled
)");
  EXPECT_GE(Count(tree, "task_tree_test.cc:"), 5u) << tree;
}

TEST(TaskTree, TellsWhereATaskWaitsFromTheInsideOut) {
  Event never;
  const auto inner = [&]() -> Task<> { co_await never.Wait(); };
  const auto outer = [&]() -> Task<> { co_await inner(); };
  const RunOutcome outcome = RunVirtual([&]() -> Task<> { co_await Shielded([&] { return outer(); }); });
  ASSERT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  const std::string tree = FormatTaskTree(outcome.unfinished, outcome.ended_at);
  // inner, outer and main; not what is inside Shielded.
  EXPECT_EQ(Count(tree, "\n  "), 4u) << tree;
  EXPECT_EQ(Count(tree, "task_tree_test.cc:"), 3u) << tree;
  EXPECT_EQ(Count(tree, "cancel_scope.h"), 0u) << tree;
}

TEST(TaskTree, PutsTasksIntoTheNurseryThatTheyWereStartedInto) {
  std::string tree;
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        const auto service = [](TaskStatus<> status) -> Task<> {
          co_await Checkpoint();
          status.Started();
          co_await SleepForever();
        };
        co_await WithNursery([&](Nursery& outer) -> Task<> {
          outer.StartSoon(TaskName("early"), Forever);
          co_await WithNursery([&](Nursery& inner) -> Task<> {
            inner.StartSoon(TaskName("late"), Forever);
            co_await outer.Start(service);
            tree = TaskTree();
            outer.cancel_scope().Cancel();
          });
        });
      },
      {.observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(WithoutPlaces(tree), R"(
main is running
  in a nursery:
    main/early.0 waits in Sleep
    main/0 waits in Sleep
  in a nursery:
    main/late.0 waits in Sleep
)");
}

TEST(TaskTree, ShowsSystemTasksAtTheMargin) {
  std::string tree;
  Recorder recorder;
  RunVirtual(
      [&]() -> Task<> {
        StartSystemTask(TaskName("reaper"), Forever);
        co_await Checkpoint();
        tree = TaskTree();
      },
      {.observer = &recorder});
  EXPECT_EQ(WithoutPlaces(tree), "\nmain is running\nmain/reaper.0 waits in Sleep\n");
}

TEST(TaskTree, NamesCycles) {
  Tasks tasks;
  tasks.Add("main", {}).In({.nursery = true}).HeldBy({1, 2});
  tasks.Add("main/0", 0).HeldBy({2}).Add("main/1", 0).HeldBy({1});
  EXPECT_EQ(tasks.Tree(), R"(
a cycle: main/0 waits for main/1 waits for main/0
main waits in Event.Wait for main/0, main/1
  in a nursery:
    main/0 waits in Event.Wait for main/1
    main/1 waits in Event.Wait for main/0
)");
}

TEST(TaskTree, ShortensWhatIsLong) {
  Tasks tasks;
  tasks.Add("main", {}).In({.nursery = true});
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 1; i <= 30; ++i) {
    tasks.Add("main/" + std::to_string(i), 0).HeldBy({i % 30 + 1});
    all.push_back(i);
  }
  tasks.Add("main/31", 0).HeldBy(all);
  EXPECT_NE(tasks.Tree().find("a cycle: main/1 waits for main/2 waits for main/3 waits for main/4 waits for main/5 "
                              "waits for main/6 waits for main/7 waits for main/8 waits for ... 22 more waits for "
                              "main/1\n"),
            std::string::npos)
      << tasks.Tree();
  EXPECT_NE(tasks.Tree().find("main/31 waits in Event.Wait for main/1, main/2, main/3, main/4, main/5, main/6, "
                              "main/7, main/8 and 22 more\n"),
            std::string::npos)
      << tasks.Tree();
}

TEST(TaskTree, FoldsTasksOfOneNurseryThatStandAlike) {
  Tasks tasks;
  tasks.Add("main", {}).In({.nursery = true});
  for (int i = 0; i < 4; ++i) tasks.Add("main/few." + std::to_string(i), 0);
  tasks.Add("main/holder.0", 0).In({.shield = true});
  for (int i = 0; i < 1000; ++i) tasks.Add("main/many." + std::to_string(i), 0);
  EXPECT_EQ(tasks.Tree(), R"(
main waits in Event.Wait
  in a nursery:
    main/few.0 waits in Event.Wait
    main/few.1 waits in Event.Wait
    main/few.2 waits in Event.Wait
    main/few.3 waits in Event.Wait
    main/holder.0 waits in Event.Wait
      in a cancel scope, shielded
    main/many.0 waits in Event.Wait
    main/many.1 waits in Event.Wait
    main/many.2 waits in Event.Wait
    ... and 997 more that stand alike, to main/many.999
)");
}

TEST(TaskTree, SaysThatADeadlineHasPassed) {
  Tasks tasks;
  tasks.Add("main", {}).In({.cancelled = true, .reason = "deadline", .deadline = At(10s)});
  EXPECT_EQ(tasks.Tree(), "\nmain waits in Event.Wait\n  in a cancel scope, cancelled (deadline), past its deadline\n");
}

TEST(TaskTree, IsAsLongAsTheTreeIsDeepAndNotMore) {
  Tasks tasks;
  constexpr std::uint32_t kDepth = 50'000;
  tasks.Add("main", {}).In({.nursery = true});
  for (std::uint32_t i = 0; i < kDepth; ++i) tasks.Add("t", i).In({.nursery = true});
  EXPECT_LT(tasks.Tree().size(), kDepth * 200u);
}

TEST(TaskTree, OutsideOfARunSaysSo) { EXPECT_EQ(TaskTree(), "no run is under way on this thread\n"); }

TEST(TaskTree, CountsAsNoAccess) {
  // A chooser that wants accesses, and goes first in, first out.
  class Listener final : public Chooser {
   public:
    void Begin(const Executor&) noexcept override {}
    void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
    void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
    void Touched(const Access&) noexcept override { ++touched; }
    AlternativeId Pick() noexcept override { return ready_.front(); }
    std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }
    int touched = 0;

   private:
    std::vector<AlternativeId> ready_;
  };
  Listener listener;
  RunVirtual(
      [&]() -> Task<> {
        Lock lock;
        co_await lock.Acquire();
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon([&]() -> Task<> {
            co_await lock.Acquire();
            lock.Release();
          });
          co_await Checkpoint();
          const int before = listener.touched;
          EXPECT_NE(TaskTree().find("waits in Lock.Acquire for main\n"), std::string::npos) << TaskTree();
          EXPECT_EQ(listener.touched, before);
          lock.Release();
        });
      },
      {.chooser = &listener});
  EXPECT_GT(listener.touched, 0);
}

TEST(DumpTaskTree, WritesToStandardError) {
  testing::internal::CaptureStderr();
  RunVirtual([]() -> Task<> {
    DumpTaskTree();
    co_return;
  });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "main is running\n");
}

}  // namespace
}  // namespace hocket
