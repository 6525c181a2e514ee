#include "hocket/local.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

TaskLocal<std::string> request_id;
RunLocal<int> run_number;

Task<> Note(Log& log, std::string who) {
  log.push_back(who + ": " + request_id.GetOr("none"));
  co_await Checkpoint();
  log.push_back(who + ": " + request_id.GetOr("none"));
}

TEST(TaskLocal, IsCopiedFromTheSpawnerAtTheSpawn) {  // S89
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Note, std::ref(log), "before");
      const LocalValue id = request_id.Set("r-1");
      nursery.StartSoon(Note, std::ref(log), "after");
      const LocalValue changed = request_id.Set("r-2");
      co_await Checkpoint();
      EXPECT_EQ(request_id.Get(), "r-2");
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"before: none", "after: r-1", "before: none", "after: r-1"}));
}

TEST(TaskLocal, OfAChildIsNotSeenByItsSpawnerNorByItsSiblings) {  // S89
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const LocalValue id = request_id.Set("r-1");
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      for (const char* mine : {"a", "b"}) {
        nursery.StartSoon([mine]() -> Task<> {
          EXPECT_EQ(request_id.Get(), "r-1");
          const LocalValue id = request_id.Set(mine);
          co_await Checkpoint();
          EXPECT_EQ(request_id.Get(), mine);
        });
      }
      co_return;
    });
    EXPECT_EQ(request_id.Get(), "r-1");
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(TaskLocal, IsPutBackAtTheEndOfTheBlock) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    EXPECT_EQ(request_id.Get(), std::nullopt);
    {
      const LocalValue outer = request_id.Set("outer");
      {
        const LocalValue inner = request_id.Set("inner");
        EXPECT_EQ(request_id.Get(), "inner");
      }
      EXPECT_EQ(request_id.Get(), "outer");
    }
    EXPECT_EQ(request_id.Get(), std::nullopt);
    request_id.Set("kept").Keep();
    EXPECT_EQ(request_id.Get(), "kept");
    co_return;
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(TaskLocal, IsPutBackWhenTheTaskUnwinds) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope scope;
    co_await WithScope(scope, [&]() -> Task<> {
      const LocalValue id = request_id.Set("inside");
      scope.Cancel();
      co_await Checkpoint();
    });
    EXPECT_EQ(request_id.Get(), std::nullopt);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(TaskLocal, ComesFromTheTaskThatSpawnsNotFromTheNursery) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&log, nursery]() mutable -> Task<> {
        const LocalValue id = request_id.Set("spawner");
        nursery.StartSoon(Note, std::ref(log), "child");
        co_return;
      });
      co_return;
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"child: spawner", "child: spawner"}));
}

TEST(TaskLocal, LetsItsValueGoWithTheLastTaskThatHasIt) {
  static TaskLocal<std::shared_ptr<Counted>> local;
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> {
        local.Set(std::make_shared<Counted>()).Keep();
        co_return;
      });
      co_return;
    });
    EXPECT_EQ(Counted::living, 0);
    local.Set(std::make_shared<Counted>()).Keep();
    co_await SleepForever();
  });
  EXPECT_EQ(Counted::living, 0);
}

TEST(RunLocal, IsSeenByAllTasksOfTheRunAndByNoOtherRun) {  // S89
  for (int run = 0; run < 2; ++run) {
    const RunOutcome outcome = RunVirtual([run]() -> Task<> {
      EXPECT_EQ(run_number.Get(), std::nullopt);
      co_await WithNursery([run](Nursery& nursery) -> Task<> {
        nursery.StartSoon([run]() -> Task<> {
          run_number.Set(run).Keep();
          co_return;
        });
        co_await Checkpoint();
        EXPECT_EQ(run_number.Get(), run);
      });
      EXPECT_EQ(run_number.GetOr(7), run);
    });
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  }
}

TEST(RunLocal, IsDestroyedWithTheRun) {
  static RunLocal<std::shared_ptr<Counted>> local;
  RunVirtual([]() -> Task<> {
    local.Set(std::make_shared<Counted>()).Keep();
    co_return;
  });
  EXPECT_EQ(Counted::living, 0);
}

using LocalDeathTest = testing::Test;

TEST(LocalDeathTest, ChecksThatThereIsARun) {  // S89
  EXPECT_DEATH(static_cast<void>(run_number.Get()), "this needs a run");
  EXPECT_DEATH(static_cast<void>(request_id.Get()), "this needs a run");
}

}  // namespace
}  // namespace hocket
