// Trio's test_run.py, but for nursery.start (start_test.cc): runs, nurseries, cancel scopes, checkpoints, aborts.

#include "hocket/run.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "hocket/system_task.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<> Forever() { co_await SleepForever(); }
Task<> Nothing() { co_return; }
Task<> Crash(const char* what) {
  Throw(what);
  co_return;
}

// ---------------------------------------------------------------- runs

TEST(RunTest, GivesWhatMainReturns) {  // test_run.py: basic; S8
  ForEachPolicy([](const RunOptions& options) {
    const ValueOutcome<int> outcome = hocket::Run(
        []() -> Task<int> {
          co_await Checkpoint();
          co_return 7;
        },
        options);
    EXPECT_TRUE(outcome.completed());
    EXPECT_EQ(outcome.value, 7);
    EXPECT_TRUE(hocket::Run([] { return Nothing(); }, options).completed());
  });
}

TEST(RunTest, AnErrorOfMainComesOutAsItIs) {  // test_run.py: initial_task_error; S8
  ForEachPolicy([](const RunOptions& options) {
    const RunOutcome outcome = hocket::Run(
        []() -> Task<> {
          co_await Checkpoint();
          Throw("main");
        },
        options);
    EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
    EXPECT_TRUE(Says(outcome.failure, "main")) << outcome.failure.ToString();
  });
}

TEST(RunTest, CurrentTaskIsTheOneThatAsks) {  // test_run.py: current_task
  RunUnderEveryPolicy([]() -> Task<> {
    const TaskRef main = CurrentTask();
    TaskRef child;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        child = CurrentTask();
        co_await Checkpoint();
        EXPECT_TRUE(child == CurrentTask());
      });
      co_await Checkpoint();
      EXPECT_TRUE(main == CurrentTask());
    });
    EXPECT_TRUE(child);
    EXPECT_FALSE(main == child);
    EXPECT_TRUE(child.ended());
    EXPECT_FALSE(main.ended());
  });
}

// A check where Trio raises RuntimeError, because no schedule decides about it.
using RunDeathTest = testing::Test;

TEST(RunDeathTest, RunsDoNotNest) {  // test_run.py: run_nesting; S10
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 RunVirtual([]() -> Task<> { co_return; });
                 co_return;
               }),
               "runs do not nest");
}

TEST(RunDeathTest, WhatNeedsARunSaysSo) {  // test_run.py: out_of_context; S10
  EXPECT_DEATH(static_cast<void>(CurrentTask()), "this needs a run");
  EXPECT_DEATH(static_cast<void>(Now()), "this needs a run");
}

// ---------------------------------------------------------------- crashes

TEST(Crashes, OfABodyLeavesInAGroup) {  // test_run.py: nursery_main_block_error_basic, nursery_explicit_exception; S41
  RunUnderEveryPolicy([]() -> Task<> {
    const std::exception_ptr error = std::make_exception_ptr(std::runtime_error("body"));
    const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery&) -> Task<> {
      std::rethrow_exception(error);
      co_return;
    }));
    EXPECT_EQ(Shape(outcome.failure()), "[body]");
    EXPECT_TRUE(outcome.failure().group().members()[0].error() == error) << "the same exception object";
  });
}

TEST(Crashes, OfATaskLeavesInAGroup) {  // test_run.py: child_crash_basic; S40, S41
  RunUnderEveryPolicy([]() -> Task<> {
    const std::exception_ptr error = std::make_exception_ptr(std::runtime_error("child"));
    const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        std::rethrow_exception(error);
        co_return;
      });
      co_return;
    }));
    EXPECT_EQ(Shape(outcome.failure()), "[child]");
    EXPECT_TRUE(outcome.failure().group().members()[0].error() == error) << "the same exception object";
  });
}

TEST(Crashes, CancelTheSiblings) {  // test_run.py: task_crash_propagation; S40, S42
  ForEachPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = hocket::Run(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> {
              const bool unwound = co_await Unwinds([]() -> Task<> {
                for (;;) co_await Checkpoint();
              });
              if (unwound) log.push_back("looper was cancelled");
            });
            nursery.StartSoon(Crash, "crash");
            co_return;
          });
        },
        options);
    EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
    EXPECT_EQ(Shape(outcome.failure), "[crash]");
    EXPECT_EQ(log, (Log{"looper was cancelled"}));
  });
}

TEST(Crashes, OfBodyAndTaskLeaveTogether) {  // test_run.py: main_and_task_both_crash; S40, S41
  RunUnderEveryPolicy([]() -> Task<> {
    const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Crash, "child");
      Throw("body");
      co_return;
    }));
    EXPECT_EQ(Shape(outcome.failure()), "[body, child]") << "in the order of completion";
  });
}

TEST(Crashes, OfTwoTasksLeaveTogether) {  // test_run.py: two_child_crashes; S6, S40, S41
  RunUnderEveryPolicy([]() -> Task<> {
    Log order;
    const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
      for (const char* name : {"one", "two"}) {
        nursery.StartSoon([&order, name]() -> Task<> {
          order.push_back(name);
          Throw(name);
          co_return;
        });
      }
      co_return;
    }));
    EXPECT_EQ(order.size(), 2u) << "the second one starts, although the first one's crash has cancelled it";
    EXPECT_EQ(Shape(outcome.failure()), "[" + order[0] + ", " + order[1] + "]") << "in the order of completion";
  });
}

TEST(Crashes, WakeABodyThatSleeps) {  // test_run.py: child_crash_wakes_parent; S40
  RunUnderEveryPolicy([]() -> Task<> {
    const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Crash, "child");
      co_await SleepForever();
    }));
    EXPECT_EQ(Shape(outcome.failure()), "[child]");
  });
}

TEST(Crashes, AreAlwaysWrapped) {  // test_run.py: setting_strict_exception_groups; S41, S43 (the strict half)
  ForEachPolicy([](const RunOptions& options) {
    const RunOutcome one = hocket::Run(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            nursery.StartSoon(Crash, "alone");
            co_return;
          });
        },
        options);
    EXPECT_EQ(Shape(one.failure), "[alone]");
    const RunOutcome nested = hocket::Run(
        []() -> Task<> {
          co_await WithNursery([](Nursery&) -> Task<> {
            co_await WithNursery([](Nursery& inner) -> Task<> {
              inner.StartSoon(Crash, "deep");
              co_return;
            });
          });
        },
        options);
    EXPECT_EQ(Shape(nested.failure), "[[deep]]");
  });
}

// ---------------------------------------------------------------- scheduling

TEST(Scheduling, GivesEachTaskOneStepABatch) {  // test_run.py: basic_interleave; S2. (b): batches only
  RunUnderEveryBatchPolicy([]() -> Task<> {
    std::vector<std::pair<char, int>> record;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const char name : {'a', 'b'}) {
        nursery.StartSoon([&record, name]() -> Task<> {
          for (int i = 0; i < 3; ++i) {
            record.emplace_back(name, i);
            co_await Checkpoint();
          }
        });
      }
      co_return;
    });
    EXPECT_EQ(record.size(), 6u);
    for (int i = 0; i < 3; ++i) {
      const std::set<std::pair<char, int>> round(record.begin() + 2 * i, record.begin() + 2 * i + 2);
      EXPECT_EQ(round, (std::set<std::pair<char, int>>{{'a', i}, {'b', i}}));
    }
  });
}

// Trio's own test waits one checkpoint for the first task to sleep, which only batches promise; this one settles.
TEST(Scheduling, AWakeMayCarryAnError) {  // test_run.py: reschedule; S7, S58
  RunUnderEveryPolicy([]() -> Task<> {
    TaskRef first, second;
    Log log;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        first = CurrentTask();
        co_await Park("First.Wait", [] { return Abort::kFailed; });
        log.push_back("first woke");
        co_await Settle();
        Wake(second, std::make_exception_ptr(std::runtime_error("wake up")));
        log.push_back("first ends");
      });
      co_await Settle();
      nursery.StartSoon([&]() -> Task<> {
        second = CurrentTask();
        Wake(first);
        EXPECT_TRUE(co_await Throws<std::runtime_error>(
            []() -> Task<> { co_await Park("Second.Wait", [] { return Abort::kFailed; }); }));
        log.push_back("second ends");
      });
    });
    EXPECT_EQ(log, (Log{"first woke", "first ends", "second ends"}));
  });
}

// ---------------------------------------------------------------- cancel points

TEST(CancelPoints, AreWhereACancellationArrives) {  // test_run.py: cancel_points; S15, S30, S32, S33
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      EXPECT_FALSE(co_await Unwinds([]() -> Task<> { co_await CheckpointIfCancelled(); }));
      scope.Cancel();
      EXPECT_TRUE(co_await Unwinds([]() -> Task<> { co_await CheckpointIfCancelled(); }));
    });
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      EXPECT_FALSE(co_await CheckpointUnwinds());
      scope.Cancel();
      EXPECT_TRUE(co_await CheckpointUnwinds());
    });
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.Cancel();
      EXPECT_FALSE(co_await Unwinds([]() -> Task<> { co_await ShieldedCheckpoint(); }));
      EXPECT_FALSE(co_await Unwinds([]() -> Task<> { co_await ShieldedCheckpoint(); }));
      EXPECT_TRUE(co_await Unwinds([]() -> Task<> { co_await CheckpointIfCancelled(); }));
      EXPECT_TRUE(co_await Unwinds([] { return Forever(); }));
    });
    // The body's end is none.
    const ScopeExit exit = co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.Cancel();
      co_return;
    });
    EXPECT_FALSE(exit.cancelled_caught);
  });
}

TEST(CancelPoints, FireAgainAndAgain) {  // test_run.py: cancel_edge_cases; S13, S15, S17, S19
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope twice;
    co_await WithScope(twice, [&]() -> Task<> {
      twice.Cancel();
      twice.Cancel();
      co_await Checkpoint();
      ADD_FAILURE() << "went on";
    });
    EXPECT_TRUE(twice.cancel_called());
    EXPECT_TRUE(twice.cancelled_caught());

    CancelScope level;
    co_await WithScope(level, [&]() -> Task<> {
      level.Cancel();
      for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await CheckpointUnwinds());
    });
    EXPECT_TRUE(level.cancel_called());
    EXPECT_FALSE(level.cancelled_caught()) << "it was left normally";
  });
}

TEST(CancelPoints, OfACheckpointComesAfterItsSchedulePoint) {  // test_run.py: yield_briefly_checks_for_timeout; S30
  RunUnderEveryPolicy([]() -> Task<> {
    co_await Sleep(5s);
    const ScopeExit exit = co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.set_deadline(At(6s));
      EXPECT_FALSE(co_await CheckpointUnwinds());
      scope.set_deadline(Now());
      EXPECT_TRUE(co_await CheckpointUnwinds()) << "it yields, the deadline is noticed, and then it looks";
      co_await Checkpoint();
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

// Counts steps of the main task: each schedule point begins a new one.
TEST(CancelPoints, AndSchedulePointsOfTheTrivialOperations) {  // test_run.py: trivial_yields; S30, S32, S33, S36, S39
  ForEachPolicy([](RunOptions options) {
    Recorder recorder;
    options.observer = &recorder;
    const auto steps = [&] { return recorder.steps[0]; };
    const RunOutcome outcome = hocket::Run(
        [&]() -> Task<> {
          std::uint64_t before = steps();
          co_await Checkpoint();
          EXPECT_EQ(steps() - before, 1u);

          before = steps();
          co_await CheckpointIfCancelled();
          EXPECT_EQ(steps() - before, 0u);
          co_await ShieldedCheckpoint();
          EXPECT_EQ(steps() - before, 1u);

          before = steps();
          co_await WithNursery([](Nursery&) -> Task<> { co_return; });
          EXPECT_EQ(steps() - before, 1u) << "leaving an empty nursery";

          before = steps();
          EXPECT_TRUE(co_await Throws<ExceptionGroup>(
              [] { return WithNursery([](Nursery&) -> Task<> { co_await Crash("body"); }); }));
          EXPECT_EQ(steps() - before, 1u) << "leaving a nursery whose body failed";

          before = steps();
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            nursery.StartSoon(Nothing);
            co_return;
          });
          EXPECT_EQ(steps() - before, 1u) << "leaving a nursery with a task";

          co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
            scope.Cancel();
            std::uint64_t inside = steps();
            EXPECT_TRUE(co_await CheckpointUnwinds());
            EXPECT_EQ(steps() - inside, 2u) << "a checkpoint that is cancelled takes two";
            inside = steps();
            co_await WithNursery([](Nursery&) -> Task<> { co_return; });
            EXPECT_EQ(steps() - inside, 1u) << "leaving a nursery is no cancel point";
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

// ---------------------------------------------------------------- cancel scopes

TEST(Scopes, TakeTheirCancellationsOutOfAGroup) {  // test_run.py: cancel_scope_exceptiongroup_filtering; S16, S18, S41
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope outer;
    Failure inside;
    const Outcome<ScopeExit> outcome = co_await Capture(WithScope(outer, [&]() -> Task<> {
      const Outcome<> left = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
        // Two that the nursery's own scope cancels, one that the outer one does, and one that fails.
        nursery.StartSoon(Forever);
        nursery.StartSoon(Forever);
        nursery.cancel_scope().Cancel();
        co_await SettleShielded();
        nursery.StartSoon(Forever);
        outer.Cancel();
        nursery.StartSoon(Crash, "crash");
      }));
      inside = left.failure();
      co_await Resolve(left);
    }));
    EXPECT_EQ(Leaves(inside), (Log{"cancelled", "cancelled", "cancelled", "crash"}))
        << "all of them are the outer scope's, since it is cancelled as well";
    EXPECT_EQ(Shape(outcome.failure()), "[crash]");
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

TEST(Scopes, LeaveAGroupWithoutCancellationsAlone) {  // test_run.py: cancel_scope_no_cancellederror; S18
  RunUnderEveryPolicy([]() -> Task<> {
    for (const bool nested : {false, true}) {
      std::vector<Failure> members(
          2, Failure::FromException(std::make_exception_ptr(std::runtime_error("not a cancellation"))));
      ExceptionGroup group("flat", members);
      if (nested) group = ExceptionGroup("nested", {members[0], Failure::FromGroup(group)});
      CancelScope scope;
      bool thrown = false;
      try {
        co_await WithScope(scope, [&]() -> Task<> {
          scope.Cancel();
          throw group;
          co_return;
        });
      } catch (const ExceptionGroup& caught) {
        thrown = true;
        EXPECT_EQ(Shape(Failure::FromGroup(caught)), Shape(Failure::FromGroup(group)));
        EXPECT_EQ(caught.message(), group.message());
      }
      EXPECT_TRUE(thrown);
      EXPECT_TRUE(scope.cancel_called());
      EXPECT_FALSE(scope.cancelled_caught());
    }
  });
}

TEST(Scopes, LetATaskStartThatIsCancelledAlready) {  // test_run.py: precancelled_task; S6
  RunUnderEveryPolicy([]() -> Task<> {
    bool started = false;
    bool unwound = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.cancel_scope().Cancel();
      nursery.StartSoon([&]() -> Task<> {
        started = true;
        unwound = co_await CheckpointUnwinds();
      });
      co_return;
    });
    EXPECT_TRUE(started);
    EXPECT_TRUE(unwound) << "at its first checkpoint";
  });
}

TEST(Scopes, AreShieldedFromOutsideAndNotFromThemselves) {  // test_run.py: cancel_shielding; S14, S16, S20
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope outer;
    CancelScope inner;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        EXPECT_FALSE(co_await CheckpointUnwinds());
        outer.Cancel();
        EXPECT_TRUE(co_await CheckpointUnwinds());

        EXPECT_FALSE(inner.shield());
        inner.set_shield(true);
        EXPECT_TRUE(inner.shield());
        EXPECT_FALSE(co_await CheckpointUnwinds());
        EXPECT_FALSE(co_await CheckpointUnwinds());
        inner.set_shield(false);
        EXPECT_TRUE(co_await CheckpointUnwinds());
        inner.set_shield(true);
        EXPECT_FALSE(co_await CheckpointUnwinds());

        outer.set_shield(true);  // shields outer, which is cancelled itself
        EXPECT_FALSE(co_await CheckpointUnwinds());

        inner.Cancel();  // against that its shield does not help
        EXPECT_TRUE(co_await CheckpointUnwinds());
        inner.set_shield(false);
        EXPECT_TRUE(co_await CheckpointUnwinds());
        co_await Checkpoint();
      });
      ADD_FAILURE() << "the outer scope catches it";
    });
    EXPECT_TRUE(outer.cancelled_caught());
    EXPECT_TRUE(inner.cancel_called());
    EXPECT_FALSE(inner.cancelled_caught());
  });
}

TEST(Scopes, OfANurseryReachTasksOfTasks) {  // test_run.py: cancel_inheritance; S45, S48
  RunUnderEveryPolicy([]() -> Task<> {
    std::set<std::string> record;
    const auto leaf = [&](std::string name) -> Task<> {
      if (co_await Unwinds([] { return Forever(); })) record.insert(name);
    };
    const auto worker = [&](std::string name) -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(leaf, name + "-1");
        nursery.StartSoon(leaf, name + "-2");
        co_return;
      });
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(worker, "a");
      nursery.StartSoon(worker, "b");
      nursery.cancel_scope().Cancel();
      co_return;
    });
    EXPECT_EQ(record, (std::set<std::string>{"a-1", "a-2", "b-1", "b-2"}));
  });
}

TEST(Scopes, AbortASleepThatLosesItsShield) {  // test_run.py: cancel_shield_abort; S20
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    CancelScope outer;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        CancelScope scope = nursery.cancel_scope();
        outer.Cancel();
        scope.set_shield(true);
        nursery.StartSoon([&]() -> Task<> {
          log.push_back("sleeping");
          if (co_await Unwinds([] { return Forever(); })) log.push_back("cancelled");
        });
        co_await Settle();
        EXPECT_EQ(log, (Log{"sleeping"}));
        scope.set_shield(false);
        // Before the body ends, so that nothing but the shield can have woken the sleeper.
        co_await SettleShielded();
        EXPECT_EQ(log, (Log{"sleeping", "cancelled"}));
      });
    });
  });
}

TEST(Scopes, ExpireAtTheirDeadline) {  // test_run.py: basic_timeout; S21, S22
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope scope;
    EXPECT_EQ(scope.deadline(), kForever);
    co_await WithScope(scope, [&]() -> Task<> {
      scope.set_deadline(At(1s));
      EXPECT_EQ(scope.deadline(), At(1s));
      EXPECT_FALSE(scope.cancel_called());
      EXPECT_FALSE(co_await CheckpointUnwinds());
      co_await Shielded([]() -> Task<> { co_await Sleep(2s); });
      EXPECT_TRUE(co_await CheckpointUnwinds());
      EXPECT_TRUE(co_await CheckpointUnwinds());
      co_await Checkpoint();
    });
    EXPECT_TRUE(scope.cancel_called());
    EXPECT_TRUE(scope.cancelled_caught());

    const Time start = Now();
    CancelScope moved;
    co_await WithScope(moved, [&]() -> Task<> {
      EXPECT_FALSE(co_await CheckpointUnwinds());
      moved.set_deadline(start + 10s);
      EXPECT_FALSE(co_await CheckpointUnwinds());
      co_await Sleep(5s);
      EXPECT_FALSE(co_await CheckpointUnwinds());
      moved.set_deadline(start + 1s);  // has passed
      EXPECT_TRUE(co_await CheckpointUnwinds());
      moved.set_deadline(start + 100s);  // cannot take it back
      EXPECT_TRUE(co_await CheckpointUnwinds());
      co_await Checkpoint();
    });
    EXPECT_TRUE(moved.cancelled_caught());
    EXPECT_EQ(Now(), start + 5s);
  });
}

TEST(Scopes, TheOutermostCancelledOneCatches) {  // test_run.py: cancel_scope_nesting; S14, S16, S19, S20
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope one, two, three;
    co_await WithScope(one, [&]() -> Task<> {
      co_await WithScope(two, [&]() -> Task<> {
        co_await WithScope(three, [&]() -> Task<> {
          three.Cancel();
          two.Cancel();
          co_await SleepForever();
        });
        ADD_FAILURE() << "went on in two";
      });
    });
    EXPECT_TRUE(three.cancel_called());
    EXPECT_FALSE(three.cancelled_caught());
    EXPECT_TRUE(two.cancel_called());
    EXPECT_TRUE(two.cancelled_caught());
    EXPECT_FALSE(one.cancel_called());
    EXPECT_FALSE(one.cancelled_caught());

    // A shield in between.
    CancelScope outer, inner;
    bool between = false;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        outer.Cancel();
        EXPECT_TRUE(co_await CheckpointUnwinds());
        inner.set_shield(true);
        EXPECT_FALSE(co_await CheckpointUnwinds());
        inner.Cancel();
        co_await SleepForever();
      });
      between = true;
      EXPECT_TRUE(co_await CheckpointUnwinds());
      co_await Checkpoint();
    });
    EXPECT_TRUE(between) << "behind its shield the inner scope is the outermost one";
    EXPECT_TRUE(inner.cancelled_caught());
    EXPECT_TRUE(outer.cancelled_caught());

    // A cancellation that nobody has seen goes with its scope.
    CancelScope unseen;
    co_await WithScope(unseen, [&]() -> Task<> {
      unseen.Cancel();
      co_await ShieldedCheckpoint();
    });
    EXPECT_TRUE(unseen.cancel_called());
    EXPECT_FALSE(unseen.cancelled_caught());
    EXPECT_FALSE(co_await CheckpointUnwinds());
  });
}

TEST(Scopes, DoNotCatchWhatTheyAreShieldedFromMeanwhile) {  // test_run.py: unshield_while_cancel_propagating; S17
  RunUnderEveryPolicy([]() -> Task<> {
    for (const bool in_destructor : {true, false}) {
      CancelScope outer, inner;
      co_await WithScope(outer, [&]() -> Task<> {
        co_await WithScope(inner, [&]() -> Task<> {
          outer.Cancel();
          if (in_destructor) {
            const AtEnd guard([&] { inner.set_shield(true); });
            co_await Checkpoint();
          } else {
            co_await Finally([]() -> Task<> { co_await Checkpoint(); },
                             [&]() -> Task<> {
                               inner.set_shield(true);
                               co_await Checkpoint();
                             });
          }
          ADD_FAILURE() << "went on";
        });
        ADD_FAILURE() << "the inner scope is not cancelled, so it does not catch";
      });
      EXPECT_TRUE(outer.cancelled_caught());
      EXPECT_FALSE(inner.cancelled_caught());
    }
  });
}

TEST(Scopes, MayBeHandledBeforeTheyAreEntered) {  // test_run.py: cancel_unbound; S12, S13, S20
  RunUnderEveryPolicy([]() -> Task<> {
    const auto sleep_in = [](CancelScope scope) -> Task<> {
      co_await FailAfter(1s, [&]() -> Task<> { co_await WithScope(scope, [] { return Forever(); }); });
    };

    CancelScope before;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(sleep_in, before);
      before.Cancel();
      co_return;
    });
    EXPECT_TRUE(before.cancelled_caught());

    CancelScope after;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(sleep_in, after);
      co_await Settle();
      EXPECT_FALSE(after.cancel_called());
      after.Cancel();
    });
    EXPECT_TRUE(after.cancelled_caught());

    CancelScope shielded;
    shielded.set_shield(true);
    EXPECT_TRUE(shielded.shield());
    CancelScope around;
    co_await WithScope(around, [&]() -> Task<> {
      around.Cancel();
      co_await WithScope(shielded, []() -> Task<> { EXPECT_FALSE(co_await CheckpointUnwinds()); });
    });
    EXPECT_EQ(Now(), Time{}) << "all without waiting";

    // One body each, whether it has ended or not.
    EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> { co_await WithScope(before, Nothing); }));
    CancelScope open;
    co_await WithScope(open, [&]() -> Task<> {
      EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> { co_await WithScope(open, Nothing); }));
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> { co_await WithScope(open, Nothing); }));
        });
        co_return;
      });
      EXPECT_FALSE(co_await CheckpointUnwinds()) << "the attempts left it as it was";
    });
  });
}

TEST(Scopes, TellTheDeadlineThatCounts) {  // test_run.py: current_effective_deadline; S24
  RunUnderEveryPolicy([]() -> Task<> {
    EXPECT_EQ(CurrentEffectiveDeadline(), kForever);
    CancelScope one({.deadline = At(5s)});
    CancelScope two({.deadline = At(10s)});
    co_await WithScope(one, [&]() -> Task<> {
      EXPECT_EQ(CurrentEffectiveDeadline(), At(5s));
      co_await WithScope(two, [&]() -> Task<> {
        EXPECT_EQ(CurrentEffectiveDeadline(), At(5s));
        two.set_deadline(At(3s));
        EXPECT_EQ(CurrentEffectiveDeadline(), At(3s));
        two.set_deadline(At(10s));
        EXPECT_EQ(CurrentEffectiveDeadline(), At(5s));
        two.set_shield(true);
        EXPECT_EQ(CurrentEffectiveDeadline(), At(10s));
        two.set_shield(false);
        EXPECT_EQ(CurrentEffectiveDeadline(), At(5s));
        one.Cancel();
        EXPECT_EQ(CurrentEffectiveDeadline(), Time::min());
        two.set_shield(true);
        EXPECT_EQ(CurrentEffectiveDeadline(), At(10s));
        co_return;
      });
      EXPECT_EQ(CurrentEffectiveDeadline(), Time::min());
    });
    EXPECT_EQ(CurrentEffectiveDeadline(), kForever);
  });
}

Task<> Nest(int depth) {
  CancelScope scope;
  bool went_on = false;
  co_await WithScope(scope, [&]() -> Task<> {
    if (depth == 0) {
      co_await Checkpoint();
    } else {
      co_await Nest(depth - 1);
    }
    went_on = true;
  });
  EXPECT_FALSE(went_on);
}

TEST(Scopes, NestThousandsDeep) {  // test_run.py: very_deep_cancel_scope_nesting; S27
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope outermost;
    co_await WithScope(outermost, [&]() -> Task<> {
      outermost.Cancel();
      co_await Nest(5000);
    });
    EXPECT_TRUE(outermost.cancelled_caught());
  });
}

TEST(Scopes, KeepOneDeadlineHoweverOftenItMoves) {  // test_run.py: cancel_scope_deadline_duplicates; S21, S27
  RunUnderEveryPolicy([]() -> Task<> {
    Time expired;
    CancelScope scope;
    co_await WithScope(scope, [&]() -> Task<> {
      const AtEnd note([&] { expired = Now(); });
      for (int i = 0; i < 1000; ++i) {
        scope.set_deadline(Now() + 9998s);
        scope.set_deadline(Now() + 9999s);
      }
      scope.set_deadline(Now() + 1s);
      scope.set_deadline(Now() + 3s);
      co_await Sleep(2s);
      EXPECT_FALSE(scope.cancel_called()) << "only the last deadline counts";
      co_await SleepForever();
    });
    EXPECT_TRUE(scope.cancelled_caught());
    EXPECT_EQ(expired, At(3s));
  });
}

TEST(Scopes, DestroyLocalsPromptly) {  // test_run.py: locals_destroyed_promptly_on_cancel
  RunUnderEveryPolicy([]() -> Task<> {
    bool destroyed = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const AtEnd local([&] { destroyed = true; });
        co_await SleepForever();
      });
      co_await Settle();
      EXPECT_FALSE(destroyed);
      nursery.cancel_scope().Cancel();
      EXPECT_FALSE(destroyed) << "not before the task's turn";
      co_await SettleShielded();
      EXPECT_TRUE(destroyed);
    });
  });
}

using ScopesDeathTest = testing::Test;

TEST(ScopesDeathTest, CheckTheirOptions) {  // test_run.py: cancel_scope_validation; S21
  EXPECT_DEATH(CancelScope({.deadline = At(1s), .timeout = 1s}), "a deadline or a timeout, not both");
  EXPECT_DEATH(CancelScope({.timeout = -1s}), "negative");
}

// ---------------------------------------------------------------- nurseries

TEST(Nurseries, CloseWithTheirLastTask) {  // test_run.py: nursery_closure; S38, S44
  RunUnderEveryPolicy([]() -> Task<> {
    std::optional<Nursery> left;
    bool grandchild = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      left = nursery;
      nursery.StartSoon([&]() -> Task<> {
        co_await Settle();  // the body has ended
        left->StartSoon([&]() -> Task<> {
          grandchild = true;
          co_return;
        });
      });
      co_return;
    });
    EXPECT_TRUE(grandchild);
    EXPECT_THROW(left->StartSoon(Nothing), MisuseError);
  });
}

TEST(Nurseries, GiveTheirTasksNames) {  // test_run.py: spawn_name
  ForEachPolicy([](RunOptions options) {
    Recorder recorder;
    options.observer = &recorder;
    hocket::Run(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            nursery.StartSoon(TaskName("worker"), Nothing);
            nursery.StartSoon(Nothing);
            nursery.StartSoon(TaskName("worker"), Nothing);
            co_return;
          });
        },
        options);
    EXPECT_EQ(recorder.paths, (Log{"main", "main/worker.0", "main/0", "main/worker.1"}));
  });
}

// ---------------------------------------------------------------- aborts

TEST(Aborts, ThatFailLeaveTheTaskAsleep) {  // test_run.py: failed_abort; S58, S59
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    TaskRef stubborn;
    CancelScope scope;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(scope, [&]() -> Task<> {
          stubborn = CurrentTask();
          log.push_back("sleeps");
          co_await Park("Stubborn", [] { return Abort::kFailed; });
          log.push_back("woke");
          if (co_await CheckpointUnwinds()) log.push_back("cancelled");
          co_await Checkpoint();
        });
      });
      co_await Settle();
      scope.Cancel();
      co_await Settle();
      EXPECT_EQ(log, (Log{"sleeps"}));
      Wake(stubborn);
      co_await Settle();
      EXPECT_EQ(log, (Log{"sleeps", "woke", "cancelled"}));
    });
    EXPECT_TRUE(scope.cancelled_caught());
  });
}

// Trio hands the abort function a way to raise the cancellation later. Here a wait whose abort failed ends as it would
// have, and the cancellation shows at the next cancel point.
TEST(Aborts, MayTakeTheirTime) {  // test_run.py: slow_abort_basic; S58, S59
  RunUnderEveryPolicy([]() -> Task<> {
    TaskRef sleeper;
    Event asked;
    int aborts = 0;
    bool woke = false;
    CancelScope scope;
    scope.Cancel();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await asked.Wait();
        Wake(sleeper);
      });
      co_await WithScope(scope, [&]() -> Task<> {
        sleeper = CurrentTask();
        co_await Park("Slow", [&] {
          ++aborts;
          asked.Set();
          return Abort::kFailed;
        });
        woke = true;
        co_await Checkpoint();
        ADD_FAILURE() << "went on";
      });
    });
    EXPECT_EQ(aborts, 1) << "at once, since the scope was cancelled already";
    EXPECT_TRUE(woke);
    EXPECT_TRUE(scope.cancelled_caught());
  });
}

TEST(Aborts, AreTriedOnceAWait) {  // test_run.py: slow_abort_edge_cases; S58, S59
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    TaskRef sleeper;
    CancelScope outer, inner;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon([&]() -> Task<> {
            sleeper = CurrentTask();
            log.push_back("sleeps");
            co_await Park("Slow", [&] {
              log.push_back("abort");
              return Abort::kFailed;
            });
            log.push_back("woke");
            EXPECT_FALSE(co_await CheckpointUnwinds()) << "it is shielded by now, and nothing was kept for it";
          });
          co_await Settle();
          outer.Cancel();
          EXPECT_EQ(log, (Log{"sleeps", "abort"})) << "synchronously";
          inner.Cancel();
          EXPECT_EQ(log, (Log{"sleeps", "abort"})) << "not twice";
          nursery.cancel_scope().set_shield(true);
          nursery.cancel_scope().set_shield(false);
          EXPECT_EQ(log, (Log{"sleeps", "abort"})) << "nor a third time";
          nursery.cancel_scope().set_shield(true);
          Wake(sleeper);
        });
        EXPECT_EQ(log, (Log{"sleeps", "abort", "woke"}));
        co_await Checkpoint();
        ADD_FAILURE() << "went on";
      });
    });
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

using AbortsDeathTest = testing::Test;

// By its type an abort function returns nothing but one of the two answers; that leaves exceptions.
TEST(AbortsDeathTest, MustNotThrow) {  // test_run.py: broken_abort; S60
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
                   scope.Cancel();
                   co_await Park("Broken", []() -> Abort {
                     Throw("abort");
                     return Abort::kFailed;
                   });
                 });
               }),
               "");
}

// ---------------------------------------------------------------- posts: on the system clock, whose order is real time

TEST(Posts, RunInTheOrderOfPosting) {  // test_run.py: TrioToken_run_sync_soon_FIFO; S84
  std::vector<int> order;
  const RunOutcome outcome = RunReal([&]() -> Task<> {
    constexpr int kPosts = 1000;
    const Poster poster = OpenPoster();
    Event done;
    std::jthread other([&] {
      for (int i = 0; i < kPosts; ++i) EXPECT_TRUE(poster.Post([&, i] { order.push_back(i); }));
      EXPECT_TRUE(poster.Post([&] { done.Set(); }));
    });
    co_await done.Wait();
    EXPECT_EQ(order.size(), static_cast<std::size_t>(kPosts));
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Posts, AreRefusedAfterTheRun) {  // test_run.py: TrioToken_run_sync_soon_too_late; S84
  std::optional<Poster> poster;
  bool ran = false;
  EXPECT_TRUE(RunReal([&]() -> Task<> {
                poster = OpenPoster();
                co_return;
              }).completed());
  EXPECT_FALSE(poster->Post([&] { ran = true; }));
  EXPECT_FALSE(ran);
}

TEST(Statistics, CountTasksAndDeadlines) {  // test_run.py: current_statistics
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 2; ++i) nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
      co_await Settle();
      RunStatistics statistics = CurrentStatistics();
      EXPECT_EQ(statistics.tasks_living, 3u);
      EXPECT_EQ(statistics.tasks_ready, 0u);
      EXPECT_EQ(statistics.next_deadline, kForever);
      EXPECT_EQ(statistics.posts_pending, 0u);
      nursery.cancel_scope().Cancel();
      EXPECT_EQ(CurrentStatistics().tasks_ready, 2u);
    });
    CancelScope scope({.deadline = At(5s)});
    co_await WithScope(scope, []() -> Task<> {
      EXPECT_EQ(CurrentStatistics().next_deadline, At(5s));
      co_return;
    });
    EXPECT_EQ(CurrentStatistics().next_deadline, kForever);
  });
}

TEST(TaskTree, ShowsWhoIsWhere) {  // test_run.py: task_tree_introspection, root_task
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithNursery([](Nursery& outer) -> Task<> {
      outer.StartSoon([]() -> Task<> {
        co_await WithNursery([](Nursery& inner) -> Task<> {
          inner.StartSoon([]() -> Task<> { co_await SleepForever(); });
          co_return;
        });
      });
      co_await Settle();
      const std::vector<TaskSnapshot> tasks = SnapshotTasks();
      EXPECT_EQ(tasks.size(), 3u);
      EXPECT_EQ(tasks[0].parent, std::nullopt);
      EXPECT_EQ(tasks[1].parent, 0u);
      EXPECT_EQ(tasks[2].parent, 1u);
      EXPECT_EQ(tasks[1].held_by, std::vector<std::uint32_t>{2});
      outer.cancel_scope().Cancel();
    });
  });
}

TEST(SystemTasks, AreCancelledAtTheEndOfMain) {  // test_run.py: spawn_system_task; S8
  Log log;
  ForEachPolicy([&](const RunOptions& options) {
    log.clear();
    const RunOutcome outcome = hocket::Run(
        [&]() -> Task<> {
          StartSystemTask([&]() -> Task<> {
            if (co_await Unwinds([]() -> Task<> { co_await SleepForever(); })) log.push_back("system task cancelled");
          });
          log.push_back("main ends");
          co_return;
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(log, (Log{"main ends", "system task cancelled"}));
  });
}

TEST(SystemTasks, FailTheRunWithThem) {  // test_run.py: system_task_crash, _crash_ExceptionGroup; S9
  ForEachPolicy([](const RunOptions& options) {
    const RunOutcome outcome = hocket::Run(
        []() -> Task<> {
          StartSystemTask([]() -> Task<> {
            co_await Checkpoint();
            Throw("system");
          });
          co_await SleepForever();
        },
        options);
    EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
    EXPECT_EQ(Shape(outcome.failure), "[system, cancelled]");
  });
}

}  // namespace
}  // namespace hocket
