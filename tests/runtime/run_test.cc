// How runs end, what they give back, and how threads reach them.

#include "hocket/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<int> Seven() { co_return 7; }

TEST(Run, Completes) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> { co_await Sleep(1s); });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kCompleted);
  EXPECT_TRUE(outcome.completed());
  EXPECT_FALSE(outcome.failure);
  EXPECT_TRUE(outcome.unfinished.empty());
  EXPECT_EQ(outcome.steps, 2u);
  EXPECT_EQ(outcome.ended_at, At(1s));
  EXPECT_EQ(outcome.ToString(), "completed");
}

TEST(Run, Fails) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await Checkpoint();
    Throw("boom");
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  EXPECT_TRUE(Says(outcome.failure, "boom"));
  EXPECT_EQ(outcome.ToString(), "failed: std::runtime_error: boom");
}

TEST(Run, FailsIfTheMainCallableThrows) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    Throw("no task");
    return []() -> Task<> { co_return; }();
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  EXPECT_TRUE(Says(outcome.failure, "no task"));
  EXPECT_EQ(outcome.steps, 0u);
}

TEST(Run, GivesTheValueOfTheMainTask) {
  const ValueOutcome<int> outcome = RunVirtual(Seven);
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(outcome.value, 7);
  const auto moved = RunVirtual([]() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(8); });
  EXPECT_EQ(**moved.value, 8);
}

Task<> JustYield() { co_await Checkpoint(); }

TEST(Run, TakesAnyCallable) {
  EXPECT_TRUE(RunVirtual(JustYield).completed());
  EXPECT_TRUE(RunVirtual(&JustYield).completed());
  const auto constant = []() -> Task<> { co_return; };
  EXPECT_TRUE(RunVirtual(constant).completed());
  int calls = 0;
  EXPECT_TRUE(RunVirtual([calls]() mutable -> Task<> {
                ++calls;
                co_return;
              }).completed());
  EXPECT_EQ(calls, 0);
}

TEST(Run, GivesNoValueUnlessItCompletes) {
  const ValueOutcome<int> failed = RunVirtual([]() -> Task<int> {
    Throw("boom");
    co_return 7;
  });
  EXPECT_EQ(failed.kind, RunOutcome::Kind::kFailed);
  EXPECT_FALSE(failed.value);
  const ValueOutcome<int> stuck = RunVirtual([]() -> Task<int> {
    co_await SleepForever();
    co_return 7;
  });
  EXPECT_EQ(stuck.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_FALSE(stuck.value);
}

TEST(Run, EndsInADeadlockAndSaysWhoWaitsForWhat) {  // S80
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      []() -> Task<> {
        Event event;
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> { co_await event.Wait(); });
          nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
          co_return;
        });
      },
      {.observer = &recorder});
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_EQ(outcome.unfinished.size(), 3u);
  if (outcome.unfinished.size() != 3) return;
  EXPECT_EQ(outcome.unfinished[0].path, "main");
  EXPECT_EQ(outcome.unfinished[0].operation, "Nursery.Exit");
  EXPECT_EQ(outcome.unfinished[0].where.size(), 2u) << "WithNursery and the main body";
  EXPECT_EQ(outcome.unfinished[1].path, "main/waiter.0");
  EXPECT_EQ(outcome.unfinished[1].operation, "Event.Wait");
  EXPECT_FALSE(outcome.unfinished[1].ready);
  EXPECT_EQ(outcome.unfinished[2].path, "main/0");
  EXPECT_EQ(outcome.unfinished[2].operation, "Sleep");
  EXPECT_EQ(outcome.ToString().find("deadlock: no task can run, no deadline is set and no poster is open\n"
                                    "  main waits in Nursery.Exit for main/waiter.0, main/0\n"),
            0u)
      << outcome.ToString();
  EXPECT_NE(outcome.ToString().find("run_test.cc:"), std::string::npos);
}

TEST(Run, StopsAtTheStepLimit) {
  const auto spin = []() -> Task<> {
    for (;;) co_await Checkpoint();
  };
  const RunOutcome outcome = RunVirtual(spin, {.max_steps = 10});
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kStepLimit);
  EXPECT_EQ(outcome.steps, 10u);
  EXPECT_EQ(outcome.unfinished.size(), 1u);
  EXPECT_TRUE(outcome.unfinished[0].ready);
  EXPECT_EQ(outcome.unfinished[0].operation, "Checkpoint");
  EXPECT_EQ(outcome.ToString().find("step-limit: 10 steps were taken\n  main is ready at Checkpoint"), 0u);
}

TEST(Run, MayTakeExactlyAsManyStepsAsTheLimit) {
  const auto two_steps = []() -> Task<> { co_await Checkpoint(); };
  EXPECT_TRUE(RunVirtual(two_steps, {.max_steps = 2}).completed());
  EXPECT_EQ(RunVirtual(two_steps, {.max_steps = 1}).kind, RunOutcome::Kind::kStepLimit);
}

TEST(Run, KindsHaveNames) {
  EXPECT_STREQ(ToString(RunOutcome::Kind::kCompleted), "completed");
  EXPECT_STREQ(ToString(RunOutcome::Kind::kFailed), "failed");
  EXPECT_STREQ(ToString(RunOutcome::Kind::kCancelled), "cancelled");
  EXPECT_STREQ(ToString(RunOutcome::Kind::kDeadlock), "deadlock");
  EXPECT_STREQ(ToString(RunOutcome::Kind::kStepLimit), "step-limit");
}

TEST(Run, MayFollowAnotherOnOneRunner) {
  Runner runner;
  const RunOptions options{.clock = ClockKind::kVirtual};
  for (int i = 0; i < 3; ++i) {
    const RunOutcome outcome = runner.Run(
        []() -> Task<> {
          EXPECT_EQ(Now(), Time{});
          co_await Sleep(1s);
        },
        options);
    EXPECT_TRUE(outcome.completed());
    EXPECT_EQ(outcome.steps, 2u);
    EXPECT_EQ(runner.Run(Seven, options).value, 7);
  }
}

TEST(Run, ThreadsRunSideBySide) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 100; ++n) EXPECT_TRUE(RunVirtual([]() -> Task<> { co_await Sleep(1s); }).completed());
    });
  }
}

TEST(Run, TellsAnObserverWhatHappens) {
  Recorder recorder;
  RunVirtual(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.StartSoon(TaskName("sleeper"), []() -> Task<> { co_await Sleep(1s); });
          nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
          co_await Sleep(2s);
          Throw("boom");
        });
      },
      {.observer = &recorder});
  EXPECT_EQ(recorder.paths, (Log{"main", "main/sleeper.0", "main/0"}));
  EXPECT_EQ(recorder.order, (std::vector<std::uint32_t>{0, 1, 2, 1, 0, 2, 0}));
  EXPECT_EQ(recorder.parks, (Log{"0 Sleep", "1 Sleep", "2 Sleep", "0 Nursery.Exit"}));
  EXPECT_EQ(recorder.jumps, (std::vector<Time>{At(1s), At(2s)}));
  EXPECT_EQ(recorder.cancelled, (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(recorder.exits.size(), 3u);
  EXPECT_EQ(recorder.exits[0], "1 no failure");
  EXPECT_EQ(recorder.exits[1], "2 cancelled");
  EXPECT_NE(std::string(recorder.last_where.file_name()).find("run_test.cc"), std::string::npos);
}

TEST(Choose, IsZeroWithoutAChooser) {
  RunVirtual([]() -> Task<> {
    EXPECT_EQ(Choose(10, "reply"), 0u);
    co_return;
  });
}

// ---------------------------------------------------------------- the system clock

TEST(SystemClock, SleepsForReal) {
  const auto before = std::chrono::steady_clock::now();
  const RunOutcome outcome = RunReal([]() -> Task<> {
    const Time start = Now();
    co_await Sleep(2ms);
    EXPECT_GE(Now() - start, 2ms);
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_GE(std::chrono::steady_clock::now() - before, 2ms);
}

TEST(SystemClock, ADeadlineFarBeyondTheClockIsNoTrouble) {
  RunReal([]() -> Task<> {
    Event done;
    const Poster poster = OpenPoster();
    std::jthread thread([&] { poster.Post([&] { done.Set(); }); });
    const ScopeExit exit = co_await MoveOnAt(kForever - 1ns, [&]() -> Task<> { co_await done.Wait(); });
    EXPECT_FALSE(exit.cancelled_caught);
  });
}

TEST(SystemClock, CancelsATaskThatDoesNotSleep) {
  const RunOutcome outcome = RunReal([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1ms, []() -> Task<> {
      for (;;) co_await Checkpoint();
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
  EXPECT_TRUE(outcome.completed());
}

TEST(SystemClock, KnowsADeadlock) {
  const RunOutcome outcome = RunReal([]() -> Task<> { co_await SleepForever(); });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
}

// ---------------------------------------------------------------- posts

TEST(Poster, WakesARunThatWaits) {
  const ValueOutcome<int> outcome = RunReal([]() -> Task<int> {
    Event done;
    int result = 0;
    const Poster poster = OpenPoster();
    std::jthread thread([&] {
      std::this_thread::sleep_for(2ms);
      poster.Post([&] {
        result = 7;
        done.Set();
      });
    });
    co_await done.Wait();
    co_return result;
  });
  EXPECT_EQ(outcome.value, 7);
}

TEST(Poster, KeepsTheOrderOfPosts) {
  std::vector<int> order;
  RunReal([&]() -> Task<> {
    Event done;
    const Poster poster = OpenPoster();
    std::jthread thread([&] {
      for (int i = 0; i < 1000; ++i) EXPECT_TRUE(poster.Post([&order, i] { order.push_back(i); }));
      poster.Post([&] { done.Set(); });
    });
    co_await done.Wait();
  });
  EXPECT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Poster, RunsJobsBetweenStepsOnTheRunsThread) {
  const std::thread::id run_thread = std::this_thread::get_id();
  RunReal([&]() -> Task<> {
    Event done;
    const Poster poster = OpenPoster();
    EXPECT_TRUE(poster.Post([&] {
      EXPECT_EQ(std::this_thread::get_id(), run_thread);
      done.Set();
    }));
    EXPECT_FALSE(done.is_set());
    co_await done.Wait();
  });
}

TEST(Poster, JobsMayStartTasksAndCancelScopes) {
  Log log;
  const RunOutcome outcome = RunReal([&]() -> Task<> {
    const Poster poster = OpenPoster();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      poster.Post([&] {
        nursery.StartSoon([&]() -> Task<> {
          log.push_back("started");
          nursery.cancel_scope().Cancel();
          co_return;
        });
      });
      co_await SleepForever();
    });
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(log, Log{"started"});
}

TEST(Poster, AnOpenOneHoldsOffTheDeadlock) {
  std::optional<Poster> kept;
  std::jthread thread;
  const RunOutcome outcome = RunReal([&]() -> Task<> {
    kept = OpenPoster();
    thread = std::jthread([&] {
      std::this_thread::sleep_for(2ms);
      kept.reset();
    });
    const auto before = Now();
    static_cast<void>(before);
    co_await SleepForever();
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock) << "once the last poster has gone";
}

TEST(Poster, IsRefusedOnceTheRunHasEnded) {  // S84
  std::optional<Poster> kept;
  RunReal([&]() -> Task<> {
    kept = OpenPoster();
    co_return;
  });
  bool ran = false;
  EXPECT_FALSE(kept->Post([&] { ran = true; }));
  kept.reset();
  EXPECT_FALSE(ran);
}

TEST(Poster, WhatWasAcceptedRunsEvenIfTheMainTaskEndsFirst) {  // S8, S84
  bool ran = false;
  RunReal([&]() -> Task<> {
    EXPECT_TRUE(OpenPoster().Post([&] { ran = true; }));
    co_return;
  });
  EXPECT_TRUE(ran);
}

TEST(Poster, AJobThatHoldsAPosterIsDroppedWithAnAbandonedRun) {
  const RunOptions options{.max_steps = 2};  // main and the first task: the pass ends in the middle
  const RunOutcome outcome = RunReal(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.StartSoon([]() -> Task<> {
            const Poster poster = OpenPoster();
            EXPECT_TRUE(poster.Post([poster, counted = Counted()] { ADD_FAILURE() << "the run was given up"; }));
            co_return;
          });
          nursery.StartSoon([]() -> Task<> { co_return; });
          co_return;
        });
      },
      options);
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kStepLimit);
  EXPECT_EQ(Counted::living, 0);
}

TEST(Poster, ManyThreadsPostExactlyOnce) {
  int count = 0;
  RunReal([&]() -> Task<> {
    const Poster poster = OpenPoster();
    std::atomic<int> left = 4;
    Event done;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, poster] {
        for (int n = 0; n < 500; ++n) poster.Post([&count] { ++count; });
        if (--left == 0) poster.Post([&] { done.Set(); });
      });
    }
    co_await done.Wait();
  });
  EXPECT_EQ(count, 2000);
}

// ---------------------------------------------------------------- checks

using RunDeathTest = testing::Test;

TEST(RunDeathTest, ChecksThatRunsDoNotNest) {  // S10
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 RunVirtual([]() -> Task<> { co_return; });
                 co_return;
               }),
               "runs do not nest");
}
TEST(RunDeathTest, ChecksThatTheClockOfAnExploredRunIsVirtual) {
  struct First final : Chooser {
    void Begin(const Executor&) noexcept override {}
    void Added(AlternativeId) noexcept override {}
    void Removed(AlternativeId, Removal) noexcept override {}
    AlternativeId Pick() noexcept override { return 0; }
    std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }
  } chooser;
  EXPECT_DEATH(RunReal([]() -> Task<> { co_return; }, {.chooser = &chooser}), "an explored run needs");
}
TEST(RunDeathTest, ChecksAPosterOnTheVirtualClock) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 OpenPoster();
                 co_return;
               }),
               "explored and virtual-time runs refuse posts");
}
TEST(RunDeathTest, ChecksThatThereIsARun) {  // S10
  EXPECT_DEATH(OpenPoster(), "this needs a run");
  EXPECT_DEATH(Choose(2, "x"), "this needs a run");
  EXPECT_DEATH(CurrentEffectiveDeadline(), "this needs a run");
}
TEST(RunDeathTest, ChecksThatThereIsATask) {
  EXPECT_DEATH(RunReal([]() -> Task<> {
                 const Poster poster = OpenPoster();
                 poster.Post([] { CurrentEffectiveDeadline(); });
                 co_await Sleep(1h);
               }),
               "called from a posted function");
}
TEST(RunDeathTest, ChecksTheNumberOfChoices) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 Choose(0, "reply");
                 co_return;
               }),
               "Choose needs at least one value for 'reply'");
}
TEST(RunDeathTest, ALastNoteIsHeard) {
  EXPECT_DEATH(
      {
        SetDeathNote([]() noexcept { std::fputs("the last note\n", stderr); });
        CurrentEffectiveDeadline();
      },
      "this needs a run(.|\n)*the last note");
}

}  // namespace
}  // namespace hocket
