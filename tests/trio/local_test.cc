// Trio's test_local.py and test_contextvars.py.

#include "hocket/local.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/trio/policies.h"

namespace hocket {
namespace {

RunLocal<std::string> run_local;
TaskLocal<std::string> task_local;

TEST(RunLocalTest, BelongsToItsRun) {  // test_local.py: runvar_smoketest, runvar_resetting; S89
  RunUnderEveryPolicy([]() -> Task<> {
    EXPECT_EQ(run_local.Get(), std::nullopt);
    {
      const LocalValue hello = run_local.Set("hello");
      co_await WithNursery([](Nursery& nursery) -> Task<> {
        nursery.StartSoon([]() -> Task<> {
          EXPECT_EQ(run_local.Get(), "hello");
          run_local.Set("world").Keep();
          co_return;
        });
        co_return;
      });
      EXPECT_EQ(run_local.Get(), "world");
    }
    EXPECT_EQ(run_local.Get(), std::nullopt);
    run_local.Set("left behind").Keep();
  });
}

TEST(TaskLocalTest, IsCopiedAtTheSpawn) {  // test_contextvars.py: contextvars_default, _set, _copy; S89
  RunUnderEveryPolicy([]() -> Task<> {
    const LocalValue main = task_local.Set("main");
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      for (const char* name : {"a", "b"}) {
        const LocalValue spawned = task_local.Set(name);
        nursery.StartSoon([name]() -> Task<> {
          EXPECT_EQ(task_local.Get(), name);
          co_await Checkpoint();
          const LocalValue mine = task_local.Set(std::string(name) + name);
          co_await Checkpoint();
          EXPECT_EQ(task_local.Get(), std::string(name) + name);
        });
      }
      EXPECT_EQ(task_local.Get(), "main");
      co_await Checkpoint();
      EXPECT_EQ(task_local.Get(), "main");
    });
  });
}

}  // namespace
}  // namespace hocket
