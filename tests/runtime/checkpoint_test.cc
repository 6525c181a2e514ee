// Checkpoints, and what every operation costs in steps.

#include "hocket/checkpoint.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

TEST(Checkpoint, LetsEveryOtherReadyTaskRunOnce) {  // S2
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const char* name : {"a", "b", "c"}) {
        nursery.StartSoon([&log, name]() -> Task<> {
          for (int i = 0; i < 2; ++i) {
            log.push_back(name);
            co_await Checkpoint();
          }
        });
      }
      co_return;
    });
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(log, (Log{"a", "b", "c", "a", "b", "c"}));
}

TEST(Checkpoint, YieldsFirstAndIsCancelledInItsSecondStep) {  // S30
  bool other_ran = false;
  ScopeExit exit;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        other_ran = true;
        co_return;
      });
      CancelScope scope;
      scope.Cancel();
      exit = co_await WithScope(scope, [&]() -> Task<> {
        co_await Checkpoint();
        ADD_FAILURE() << "the checkpoint returned";
      });
      EXPECT_TRUE(other_ran);
    });
  });
  EXPECT_TRUE(exit.cancelled_caught);
}

TEST(Checkpoint, SeesADeadlineThatPassesWhileItYields) {  // S30
  ScopeExit exit;
  RunVirtual([&]() -> Task<> {
    exit = co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      scope.set_deadline(Now());
      co_await Checkpoint();
      ADD_FAILURE() << "the checkpoint returned";
    });
  });
  EXPECT_TRUE(exit.cancelled_caught);
}

TEST(Checkpoint, ReturnsIfAShieldGoesUpBetweenItsTwoSteps) {  // S31
  bool returned = false;
  ScopeExit outer_exit;
  RunVirtual([&]() -> Task<> {
    CancelScope outer, inner;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        outer_exit = co_await WithScope(outer, [&]() -> Task<> {
          co_await WithScope(inner, [&]() -> Task<> {
            outer.Cancel();
            co_await Checkpoint();  // its first step sees the cancellation, then the sibling runs
            returned = true;
          });
        });
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await Checkpoint();
        inner.set_shield(true);
      });
      co_return;
    });
  });
  EXPECT_TRUE(returned);
  EXPECT_FALSE(outer_exit.cancelled_caught);
}

TEST(CheckpointIfCancelled, ReturnsIfAShieldGoesUpBetweenItsTwoSteps) {  // S32, where Trio fails an assertion
  bool returned = false;
  RunVirtual([&]() -> Task<> {
    CancelScope outer, inner;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(outer, [&]() -> Task<> {
          co_await WithScope(inner, [&]() -> Task<> {
            outer.Cancel();
            co_await CheckpointIfCancelled();
            returned = true;
          });
        });
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await Checkpoint();
        inner.set_shield(true);
      });
      co_return;
    });
  });
  EXPECT_TRUE(returned);
}

TEST(CheckpointIfCancelled, DoesNotYieldUnlessCancelled) {  // S32
  bool other_ran = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        other_ran = true;
        co_return;
      });
      co_await CheckpointIfCancelled();
      EXPECT_FALSE(other_ran);
    });
  });
  EXPECT_TRUE(other_ran);
}

TEST(ShieldedCheckpoint, YieldsAndNeverUnwinds) {  // S33
  bool other_ran = false;
  bool returned = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        other_ran = true;
        co_return;
      });
      nursery.cancel_scope().Cancel();
      co_await ShieldedCheckpoint();
      EXPECT_TRUE(other_ran);
      returned = true;
    });
  });
  EXPECT_TRUE(returned);
}

TEST(Awaiting, IsNotASchedulePoint) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto value = [](int n) -> Task<int> { co_return n; };
    EXPECT_EQ(co_await value(1) + co_await value(2), 3);
  });
  EXPECT_EQ(outcome.steps, 1u);
}

// ---------------------------------------------------------------- the table of costs

struct Cost {
  const char* operation;
  std::function<Task<>()> run;
  std::uint64_t free;       // steps of the task after the one that reaches the operation
  std::uint64_t cancelled;  // the same inside a scope that is cancelled already
  bool unwinds;             // then it ends with a cancellation
  Duration passes = 0s;     // how far time moves when the operation is free
};

void PrintTo(const Cost& cost, std::ostream* out) { *out << cost.operation; }

Task<> NurseryWith(int children, bool child_yields, bool body_yields) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < children; ++i) {
      nursery.StartSoon([child_yields]() -> Task<> {
        if (child_yields) co_await Checkpoint();
      });
    }
    if (body_yields) co_await Checkpoint();
  });
}

class StepCost : public testing::TestWithParam<Cost> {};

TEST_P(StepCost, IsThatOfTrio) {
  Recorder recorder;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> { co_await GetParam().run(); }, {.observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(recorder.steps[0], 1 + GetParam().free);
  EXPECT_EQ(outcome.ended_at, At(GetParam().passes));
}

TEST_P(StepCost, IsThatOfTrioWhenCancelledAlready) {
  Recorder recorder;
  bool unwound = false;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        CancelScope scope;
        scope.Cancel();
        co_await WithScope(scope, [&]() -> Task<> {
          const Outcome<> ending = co_await Capture(GetParam().run());
          EXPECT_FALSE(ending.has_error());
          unwound = ending.is_cancelled();
        });
      },
      {.observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(recorder.steps[0], 1 + GetParam().cancelled);
  EXPECT_EQ(unwound, GetParam().unwinds);
  EXPECT_EQ(outcome.ended_at, Time{});
}

Task<> AwaitCheckpoint() { co_await Checkpoint(); }
Task<> AwaitSleepZero() { co_await Sleep(0s); }
Task<> AwaitSetEvent() {
  Event event;
  event.Set();
  co_await event.Wait();
}
Task<> AwaitShielded() { co_await ShieldedCheckpoint(); }
Task<> AwaitIfCancelled() { co_await CheckpointIfCancelled(); }
Task<> AwaitSecond() { co_await Sleep(1s); }
Task<> AwaitPast() { co_await SleepUntil(Time{}); }
Task<> AwaitNoTime() {
  co_await MoveOnAfter(0s, []() -> Task<> { co_await SleepForever(); });
}

INSTANTIATE_TEST_SUITE_P(
    Table, StepCost,
    testing::Values(Cost{"Checkpoint", AwaitCheckpoint, 1, 2, true},                                                //
                    Cost{"Sleep0", AwaitSleepZero, 1, 2, true},                                                     //
                    Cost{"EventThatIsSet", AwaitSetEvent, 1, 2, true},                                              //
                    Cost{"ShieldedCheckpoint", AwaitShielded, 1, 1, false},                                         //
                    Cost{"CheckpointIfCancelled", AwaitIfCancelled, 0, 2, true},                                    //
                    Cost{"Sleep1", AwaitSecond, 1, 1, true, 1s},                                                    //
                    Cost{"SleepUntilPast", AwaitPast, 1, 1, true},                                                  //
                    Cost{"MoveOnAfter0Forever", AwaitNoTime, 1, 1, true},                                           //
                    Cost{"EmptyNursery", [] { return NurseryWith(0, false, false); }, 1, 1, false},                 //
                    Cost{"NurseryWhoseBodyIsACheckpoint", [] { return NurseryWith(0, false, true); }, 2, 3, true},  //
                    Cost{"NurseryWithAnEmptyChild", [] { return NurseryWith(1, false, false); }, 1, 1, false},      //
                    Cost{"NurseryWithAChildThatIsACheckpoint", [] { return NurseryWith(1, true, false); }, 1, 1,
                         true}),  //
    [](const testing::TestParamInfo<Cost>& param) { return std::string(param.param.operation); });

TEST(StepCost, OfANurserysChildIsItsOwn) {
  Recorder recorder;
  RunVirtual([]() -> Task<> { co_await NurseryWith(1, true, false); }, {.observer = &recorder});
  EXPECT_EQ(recorder.steps, (std::vector<std::uint64_t>{2, 2}));
  Recorder cancelled;
  RunVirtual(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.cancel_scope().Cancel();
          co_await NurseryWith(1, true, false);
        });
      },
      {.observer = &cancelled});
  EXPECT_EQ(cancelled.steps, (std::vector<std::uint64_t>{3, 3}));
}

}  // namespace
}  // namespace hocket
