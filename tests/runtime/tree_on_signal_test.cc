#include "hocket/tree_on_signal.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

TEST(TreeOnSignal, ShowsARunThatWaitsForTime) {
  std::string shown;
  CancelScope scope;
  TreeOnSignal tree_on_signal(SIGUSR1, [&](const std::string& tree) {
    shown = tree;
    scope.Cancel();  // the run's thread calls this
  });
  Instruments instruments;
  instruments.Add(tree_on_signal);
  const RunOutcome outcome = RunReal(
      [&]() -> Task<> {
        raise(SIGUSR1);
        co_await WithScope(scope, []() -> Task<> { co_await Sleep(3600s); });
      },
      {.observer = &instruments});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(shown.rfind("main waits in Sleep\n", 0), 0u) << shown;
}

TEST(TreeOnSignal, ShowsARunThatWaitsForAPost) {
  std::string shown;
  TreeOnSignal tree_on_signal(SIGUSR1, [&](const std::string& tree) { shown = tree; });
  Instruments instruments;
  instruments.Add(tree_on_signal);
  std::thread other;
  RunReal(
      [&]() -> Task<> {
        Event done;
        other = std::thread([&, poster = OpenPoster()] {
          raise(SIGUSR1);
          std::this_thread::sleep_for(50ms);
          poster.Post([&] { done.Set(); });
        });
        co_await done.Wait();
      },
      {.observer = &instruments});
  other.join();
  EXPECT_EQ(shown.rfind("main waits in Event.Wait\n", 0), 0u) << shown;
}

TEST(TreeOnSignal, LetsARunSeeItsDeadlock) {
  TreeOnSignal tree_on_signal(SIGUSR1, [](const std::string&) {});
  Instruments instruments;
  instruments.Add(tree_on_signal);
  const RunOutcome outcome = RunReal([]() -> Task<> { co_await SleepForever(); }, {.observer = &instruments});
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
}

TEST(TreeOnSignal, ServesSeveralRunsAndGivesTheSignalBack) {
  struct sigaction before{};
  struct sigaction after{};
  sigaction(SIGUSR2, nullptr, &before);
  {
    std::atomic<int> shown{0};
    TreeOnSignal tree_on_signal(SIGUSR2, [&](const std::string&) { ++shown; });
    std::atomic<int> begun{0};
    const auto run = [&] {
      Instruments instruments;
      instruments.Add(tree_on_signal);
      RunReal(
          [&]() -> Task<> {
            ++begun;
            while (shown < 2) co_await Sleep(1ms);
          },
          {.observer = &instruments});
    };
    std::thread first(run);
    std::thread second(run);
    while (begun < 2) std::this_thread::yield();
    raise(SIGUSR2);
    first.join();
    second.join();
    EXPECT_EQ(shown, 2);
  }
  sigaction(SIGUSR2, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

TEST(TreeOnSignalDeathTest, IsOneForASignalAndForTheSystemClock) {
  EXPECT_DEATH(TreeOnSignal tree_on_signal(SIGKILL), "signal 9 cannot be caught");
  EXPECT_DEATH(
      {
        TreeOnSignal first(SIGUSR1);
        TreeOnSignal second(SIGUSR1);
      },
      "there is a TreeOnSignal for signal 10 already");
  EXPECT_DEATH(
      {
        TreeOnSignal tree_on_signal(SIGUSR1);
        Instruments instruments;
        instruments.Add(tree_on_signal);
        RunVirtual([]() -> Task<> { co_await Sleep(1s); }, {.observer = &instruments});
      },
      "is for runs on the system clock");
}

}  // namespace
}  // namespace hocket
