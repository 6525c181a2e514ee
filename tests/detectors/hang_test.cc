// Tasks that never yield: another thread tells of them.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/detectors/hang_watch.h"
#include "tests/detectors/support.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;

// Hears what a watch tells.
class Listener {
 public:
  HangWatchOptions Options() {
    HangWatchOptions options;
    options.limit = 40ms;
    options.test = "Suite.Name";
    options.replay_command = [](std::uint64_t index) { return "again " + std::to_string(index); };
    options.report = [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      message_ = message;
      heard_ = true;
    };
    return options;
  }
  bool heard() const { return heard_; }
  std::string message() {
    const std::lock_guard lock(mutex_);
    return message_;
  }

 private:
  std::mutex mutex_;
  std::string message_;
  std::atomic<bool> heard_{false};
};

// In execution `hangs_in`, main/0 spins until somebody has told of it.
Exploration ExploreUnderWatch(Listener& listener, std::uint64_t executions, std::uint64_t hangs_in) {
  HangWatch watch(listener.Options());
  std::uint64_t execution = 0;
  ExploreOptions options{.executions = executions};
  options.before_execution = [&](std::uint64_t index, const Strategy&) {
    execution = index;
    watch.SetExecution(index);
  };
  return Explore(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon([&]() -> Task<> {
            co_await Checkpoint();
            while (execution == hangs_in && !listener.heard()) std::this_thread::yield();
          });
          co_return;
        });
      },
      options);
}

TEST(HangWatch, TellsOfAnExecutionThatDoesNotComeBack) {
  Listener listener;
  const Exploration exploration = ExploreUnderWatch(listener, 5, 3);
  EXPECT_FALSE(exploration.failure);
  const std::string message = listener.message();
  EXPECT_EQ(message.find("hang: Suite.Name, execution 3: an execution has been running for "), 0u) << message;
  EXPECT_TRUE(Contains(message, "\nreplay: again 3\n")) << message;
}

TEST(HangWatch, NamesTheTaskOfAnExecutionThatIsRunAlone) {
  Listener listener;
  ExploreUnderWatch(listener, 1, 0);
  const std::string message = listener.message();
  EXPECT_EQ(message.find("hang: Suite.Name, execution 0: main/0 has been running for "), 0u) << message;
  EXPECT_TRUE(Contains(message, "without a checkpoint, since Checkpoint at ")) << message;
  EXPECT_TRUE(Contains(message, "hang_test.cc:")) << message;
}

// Longer than the limit together, but none of them alone.
TEST(HangWatch, IsSilentWhereExecutionsComeBack) {
  Listener listener;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < 100ms) ExploreUnderWatch(listener, 1000, 1'000'000);
  EXPECT_FALSE(listener.heard()) << listener.message();
}

TEST(HangWatchDeathTest, EndsTheProcessWhereThatIsAskedFor) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto hang = [] {
    Listener listener;
    HangWatchOptions options = listener.Options();
    options.aborts = true;
    options.report = nullptr;
    const HangWatch watch(options);
    Explore(
        []() -> Task<> {
          std::this_thread::sleep_for(std::chrono::minutes(1));
          co_return;
        },
        {.executions = 1});
  };
  EXPECT_DEATH(hang(),
               "hocket: hang: Suite.Name, execution 0: main has been running for .* since start\nthe tasks when that "
               "step began:\n  main is running\n");
}

TEST(HangWatch, WithoutALimitWatchesNothing) {
  Listener listener;
  HangWatchOptions options = listener.Options();
  options.limit = Duration::zero();
  const HangWatch watch(options);
  EXPECT_EQ(HangWatch::Current(), nullptr);
}

}  // namespace
}  // namespace hocket::testing
