#include "hocket/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// What a watchdog tells, for the thread of the run to wait for.
class Reports {
 public:
  void Add(const std::string& message) {
    const std::lock_guard lock(mutex_);
    log_.push_back(message);
    added_.notify_one();
  }
  // Waits until there are as many.
  Log WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    added_.wait(lock, [&] { return log_.size() >= count; });
    return log_;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return log_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  Log log_;
};

TEST(Watchdog, TellsOfATaskThatComesToNoCheckpoint) {
  Reports reports;
  Watchdog watchdog(5ms, [&](const std::string& message) { reports.Add(message); });
  Instruments instruments;
  instruments.Add(watchdog);
  Log told;
  RunReal(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(TaskName("busy"), [&]() -> Task<> {
            co_await Checkpoint();
            told = reports.WaitFor(2);  // holds everything up until the watchdog has barked twice
          });
          co_return;
        });
      },
      {.observer = &instruments});
  ASSERT_GE(told.size(), 2u);
  for (const std::string& message : told) {
    EXPECT_EQ(message.rfind("main/busy.0 has been running for ", 0), 0u) << message;
    EXPECT_NE(message.find(" s without a checkpoint, since Checkpoint at "), std::string::npos) << message;
    EXPECT_NE(message.find("watchdog_test.cc:"), std::string::npos) << message;
    EXPECT_NE(message.find("\nthe tasks when that step began:\n  main waits in Nursery.Exit for main/busy.0\n"),
              std::string::npos)
        << message;
    EXPECT_NE(message.find("\n    in a nursery:\n      main/busy.0 is running\n        "), std::string::npos)
        << message;
  }
}

// So many tasks that looking at them takes longer than the run may spend on it.
TEST(Watchdog, SaysHowOldItsTreeIs) {
  Reports reports;
  Watchdog watchdog(5ms, [&](const std::string& message) { reports.Add(message); });
  Instruments instruments;
  instruments.Add(watchdog);
  Log told;
  RunReal(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          for (int i = 0; i < 20'000; ++i) nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
          co_await Checkpoint();
          told = reports.WaitFor(reports.size() + 1);
          nursery.cancel_scope().Cancel();
        });
      },
      {.observer = &instruments});
  EXPECT_NE(told.back().find("\nthe tasks when that step began, or rather "), std::string::npos)
      << told.back().substr(0, 1000);
}

TEST(Watchdog, IsSilentAboutTasksThatWait) {
  Reports reports;
  Watchdog watchdog(20ms, [&](const std::string& message) { reports.Add(message); });
  Instruments instruments;
  instruments.Add(watchdog);
  RunReal([]() -> Task<> { co_await Sleep(200ms); }, {.observer = &instruments});
  EXPECT_EQ(reports.size(), 0u);
}

TEST(Watchdog, ServesOneRunAfterAnother) {
  Reports reports;
  Watchdog watchdog(5ms, [&](const std::string& message) { reports.Add(message); });
  Instruments instruments;
  instruments.Add(watchdog);
  for (std::size_t run = 1; run <= 2; ++run) {
    RunReal(
        [&]() -> Task<> {
          reports.WaitFor(reports.size() + 1);
          co_return;
        },
        {.observer = &instruments});
  }
  EXPECT_GE(reports.size(), 2u);
}

using WatchdogDeathTest = testing::Test;

TEST(WatchdogDeathTest, ChecksItsLimit) { EXPECT_DEATH(Watchdog watchdog(0ms), "a watchdog needs a limit, not 0 ns"); }

}  // namespace
}  // namespace hocket
