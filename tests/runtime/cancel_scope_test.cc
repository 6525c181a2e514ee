#include "hocket/cancel_scope.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<int> Seven() { co_return 7; }
Task<int> SevenAfter(Duration delay) {
  co_await Sleep(delay);
  co_return 7;
}

TEST(CancelScope, UnwindsAtTheNextCancelPointAndRunsDestructors) {
  Log log;
  RunVirtual([&]() -> Task<> {
    const ScopeExit exit = co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      const AtEnd guard([&] { log.push_back("destructor"); });
      scope.Cancel();
      log.push_back("still here");
      try {
        co_await Checkpoint();
      } catch (...) {
        log.push_back("caught");
      }
      log.push_back("went on");
    });
    EXPECT_TRUE(exit.cancelled_caught);
    log.push_back("outside");
  });
  EXPECT_EQ(log, (Log{"still here", "destructor", "outside"}));
}

TEST(CancelScope, MayBeCancelledBeforeItIsEntered) {  // S13
  CancelScope scope;                                  // outside any run, too
  scope.Cancel();
  EXPECT_TRUE(scope.cancel_called());
  RunVirtual([&]() -> Task<> {
    bool began = false;
    const ScopeExit exit = co_await WithScope(scope, [&]() -> Task<> {
      began = true;
      co_await Checkpoint();
      ADD_FAILURE();
    });
    EXPECT_TRUE(began);
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

TEST(CancelScope, CancelIsIdempotentAndHarmlessAfterTheExit) {  // S13
  RunVirtual([]() -> Task<> {
    CancelScope scope;
    co_await WithScope(scope, []() -> Task<> { co_await Checkpoint(); });
    EXPECT_FALSE(scope.cancel_called());
    scope.Cancel();
    scope.Cancel();
    EXPECT_TRUE(scope.cancel_called());
    EXPECT_FALSE(scope.cancelled_caught());
    co_await Checkpoint();
  });
}

TEST(CancelScope, IsLevelTriggered) {  // S15
  int unwound = 0;
  RunVirtual([&]() -> Task<> {
    co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      scope.Cancel();
      for (int i = 0; i < 3; ++i) {
        const Outcome<> outcome = co_await Capture([]() -> Task<> { co_await Checkpoint(); }());
        unwound += outcome.is_cancelled() ? 1 : 0;
      }
    });
  });
  EXPECT_EQ(unwound, 3);
}

TEST(CancelScope, CatchesNothingIfTheBodyReachesItsEnd) {  // S19
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.Cancel();
      co_return;
    });
    EXPECT_FALSE(exit.cancelled_caught);
    co_await Checkpoint();
  });
}

TEST(CancelScope, TheOutermostCancelledOneCatches) {  // S16
  RunVirtual([]() -> Task<> {
    CancelScope outer, middle, inner;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(middle, [&]() -> Task<> {
        co_await WithScope(inner, [&]() -> Task<> {
          inner.Cancel();
          middle.Cancel();
          co_await Checkpoint();
        });
        ADD_FAILURE() << "the inner scope caught it";
      });
      co_await Checkpoint();
    });
    EXPECT_FALSE(inner.cancelled_caught());
    EXPECT_TRUE(inner.cancel_called());
    EXPECT_TRUE(middle.cancelled_caught());
    EXPECT_FALSE(outer.cancelled_caught());
    EXPECT_FALSE(outer.cancel_called());
  });
}

TEST(CancelScope, AShieldHidesTheOuterCancellationFromTheCatchingRule) {  // S16
  RunVirtual([]() -> Task<> {
    CancelScope outer, inner({.shield = true});
    bool went_on = false;
    co_await WithScope(outer, [&]() -> Task<> {
      outer.Cancel();
      co_await WithScope(inner, [&]() -> Task<> {
        co_await Checkpoint();  // shielded
        inner.Cancel();
        co_await Checkpoint();
        ADD_FAILURE();
      });
      went_on = true;
      co_await Checkpoint();
      ADD_FAILURE();
    });
    EXPECT_TRUE(inner.cancelled_caught());
    EXPECT_TRUE(went_on);
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

TEST(CancelScope, ACancellationPassesAScopeThatIsNotCancelledAnyMore) {  // S17
  RunVirtual([]() -> Task<> {
    CancelScope outer, middle;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(middle, [&]() -> Task<> {
        const AtEnd guard([&] { middle.set_shield(true); });
        outer.Cancel();
        co_await Checkpoint();
      });
      ADD_FAILURE() << "the shielded scope caught a cancellation that is not its own";
    });
    EXPECT_FALSE(middle.cancelled_caught());
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

TEST(CancelScope, TakesItsCancellationsOutOfAGroup) {  // S18
  RunVirtual([]() -> Task<> {
    CancelScope scope;
    const Outcome<ScopeExit> outcome = co_await Capture(WithScope(scope, [&]() -> Task<> {
      scope.Cancel();
      std::vector<Failure> inner{Failure::Cancelled(),
                                 Failure::FromException(std::make_exception_ptr(std::runtime_error("a")))};
      std::vector<Failure> members{Failure::FromGroup(ExceptionGroup("inner", inner)), Failure::Cancelled(),
                                   Failure::FromException(std::make_exception_ptr(std::runtime_error("b")))};
      throw ExceptionGroup("outer", members);
      co_return;
    }));
    EXPECT_TRUE(scope.cancelled_caught());
    EXPECT_EQ(Shape(outcome.failure()), "[[a], b]");
    EXPECT_EQ(outcome.failure().group().message(), "outer");
  });
}

TEST(CancelScope, LeavesAGroupWithoutCancellationsAlone) {  // S18
  RunVirtual([]() -> Task<> {
    CancelScope scope;
    const Outcome<ScopeExit> outcome = co_await Capture(WithScope(scope, [&]() -> Task<> {
      scope.Cancel();
      std::vector<Failure> members{Failure::FromException(std::make_exception_ptr(std::runtime_error("a")))};
      throw ExceptionGroup("outer", members);
      co_return;
    }));
    EXPECT_FALSE(scope.cancelled_caught());
    EXPECT_EQ(Shape(outcome.failure()), "[a]");
  });
}

TEST(CancelScope, ErrorsPass) {
  RunVirtual([]() -> Task<> {
    CancelScope scope;
    scope.Cancel();
    const Outcome<ScopeExit> outcome = co_await Capture(WithScope(scope, []() -> Task<> {
      Throw("boom");
      co_return;
    }));
    EXPECT_TRUE(Says(outcome.failure(), "boom"));
    EXPECT_FALSE(scope.cancelled_caught());
  });
}

TEST(CancelScope, ABodyThatThrowsBeforeItMakesATaskFails) {
  RunVirtual([]() -> Task<> {
    const auto body = []() -> Task<> {
      Throw("no task");
      return []() -> Task<> { co_return; }();
    };
    const Outcome<ScopeExit> outcome = co_await Capture(WithScope(CancelScope(), body));
    EXPECT_TRUE(Says(outcome.failure(), "no task"));
    co_await Checkpoint();
  });
}

TEST(CancelScope, GivesTheBodysValueOrNothing) {
  RunVirtual([]() -> Task<> {
    const std::optional<int> in_time = co_await MoveOnAfter(2s, [] { return SevenAfter(1s); });
    EXPECT_EQ(in_time, 7);
    const std::optional<int> late = co_await MoveOnAfter(1s, [] { return SevenAfter(2s); });
    EXPECT_EQ(late, std::nullopt);
  });
}

// ---------------------------------------------------------------- shields

TEST(Shield, DropsOutAtOnceWhenTurnedOff) {  // S20
  RunVirtual([]() -> Task<> {
    CancelScope outer, inner({.shield = true});
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(outer,
                           [&]() -> Task<> { co_await WithScope(inner, []() -> Task<> { co_await Sleep(1h); }); });
        EXPECT_EQ(Now(), At(1s));
      });
      co_await Sleep(1s);
      outer.Cancel();
      co_await Checkpoint();
      EXPECT_FALSE(outer.cancelled_caught()) << "the shield holds";
      inner.set_shield(false);
      EXPECT_FALSE(inner.shield());
      co_await Checkpoint();
      EXPECT_TRUE(outer.cancelled_caught());
    });
  });
}

TEST(Shield, DoesNotProtectFromItsOwnScopeNorFromScopesInside) {  // S20
  RunVirtual([]() -> Task<> {
    CancelScope shield({.shield = true});
    const ScopeExit own = co_await WithScope(shield, [&]() -> Task<> {
      const ScopeExit inside = co_await MoveOnAfter(1s, []() -> Task<> { co_await SleepForever(); });
      EXPECT_TRUE(inside.cancelled_caught);
      shield.Cancel();
      co_await SleepForever();
    });
    EXPECT_TRUE(own.cancelled_caught);
  });
}

TEST(Shielded, KeepsCancellationsOut) {
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
      EXPECT_EQ(co_await Shielded([] { return SevenAfter(5s); }), 7);
      EXPECT_EQ(Now(), At(5s));
      co_await Checkpoint();
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

// ---------------------------------------------------------------- deadlines

TEST(Deadline, IsInclusive) {  // S21
  RunVirtual([]() -> Task<> {
    co_await Sleep(1s);
    const ScopeExit now = co_await MoveOnAt(At(1s), []() -> Task<> { co_await Checkpoint(); });
    EXPECT_TRUE(now.cancelled_caught) << "checked on entry";
    const ScopeExit later = co_await MoveOnAt(At(1s) + 1ns, []() -> Task<> { co_await Checkpoint(); });
    EXPECT_FALSE(later.cancelled_caught);
  });
}

TEST(Deadline, MayMoveEitherWay) {  // S21, S22
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, [](CancelScope& scope) -> Task<> {
      EXPECT_EQ(scope.deadline(), At(1s));
      scope.set_deadline(At(10s));
      co_await Sleep(5s);
      scope.set_deadline(At(6s));
      co_await SleepForever();
    });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(6s));
  });
}

TEST(Deadline, PushingItBackDoesNotUncancel) {  // S22
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.set_deadline(Now());
      EXPECT_TRUE(scope.cancel_called());
      scope.set_deadline(kForever);
      co_await Checkpoint();
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

TEST(Deadline, ReadingCancelCalledNoticesIt) {  // S22
  RunVirtual([]() -> Task<> {
    CancelScope unentered({.deadline = At(1s)});
    EXPECT_FALSE(unentered.cancel_called());
    co_await Sleep(1s);
    EXPECT_TRUE(unentered.cancel_called());
    CancelScope exited;
    co_await WithScope(exited, []() -> Task<> { co_return; });
    exited.set_deadline(At(0s));
    EXPECT_FALSE(exited.cancel_called()) << "an exited scope is inert";
  });
}

TEST(Deadline, AssigningTheShieldNoticesIt) {  // S22
  RunVirtual([]() -> Task<> {
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.set_deadline(Now());
      scope.set_shield(true);
      co_await CheckpointIfCancelled();
      ADD_FAILURE() << "not cancelled yet";
    });
  });
}

TEST(Deadline, ATimeoutCountsFromTheEntry) {  // S23
  RunVirtual([]() -> Task<> {
    CancelScope scope({.timeout = 1s});
    co_await Sleep(5s);
    const ScopeExit exit = co_await WithScope(scope, []() -> Task<> { co_await SleepForever(); });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(6s));
    EXPECT_EQ(scope.deadline(), At(6s));
  });
}

TEST(Deadline, AllThatExpireTogetherAreCancelledBeforeAnyTaskRuns) {  // S25
  RunVirtual([]() -> Task<> {
    CancelScope a({.deadline = At(1s)}), b({.deadline = At(1s)});
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(a, []() -> Task<> { co_await SleepForever(); });
        EXPECT_TRUE(b.cancel_called());
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(b, []() -> Task<> { co_await SleepForever(); });
        EXPECT_TRUE(a.cancel_called());
      });
      co_return;
    });
  });
}

TEST(Deadline, TheEffectiveOneIsTheEarliestUpToAShield) {  // S24
  RunVirtual([]() -> Task<> {
    EXPECT_EQ(CurrentEffectiveDeadline(), kForever);
    co_await MoveOnAfter(1s, [](CancelScope& outer) -> Task<> {
      EXPECT_EQ(CurrentEffectiveDeadline(), At(1s));
      co_await MoveOnAfter(5s, [&](CancelScope& inner) -> Task<> {
        EXPECT_EQ(CurrentEffectiveDeadline(), At(1s));
        inner.set_shield(true);
        EXPECT_EQ(CurrentEffectiveDeadline(), At(5s));
        outer.Cancel();
        EXPECT_EQ(CurrentEffectiveDeadline(), At(5s));
        inner.set_shield(false);
        EXPECT_EQ(CurrentEffectiveDeadline(), Time::min());
        co_return;
      });
    });
  });
}

TEST(Deadline, ThousandsOfMovesOfOneLeaveNothingBehind) {  // S27
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      for (int i = 0; i < 100'000; ++i) scope.set_deadline(At(std::chrono::seconds(i % 2 == 0 ? 1 : 2)));
      co_await SleepForever();
    });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(Now(), At(2s));
  });
}

TEST(FailAfter, ThrowsIffItsScopeCaught) {  // S26
  RunVirtual([]() -> Task<> {
    EXPECT_EQ(co_await FailAfter(2s, [] { return SevenAfter(1s); }), 7);
    const Outcome<int> late = co_await Capture(FailAfter(1s, [] { return SevenAfter(2s); }));
    EXPECT_TRUE(late.has_error());
    EXPECT_THROW(late.failure().Throw(), TooSlowError);
    const Outcome<> error = co_await Capture(FailAfter(1s, []() -> Task<> {
      const Outcome<> sleep = co_await Capture([]() -> Task<> { co_await SleepForever(); }());
      EXPECT_TRUE(sleep.is_cancelled());
      Throw("wins");
    }));
    EXPECT_TRUE(Says(error.failure(), "wins"));
    const Outcome<> in_time = co_await Capture(FailAfter(1s, []() -> Task<> { co_return; }));
    EXPECT_TRUE(in_time.has_value());
  });
}

TEST(FailAfter, AnOuterCancellationIsNotTooSlow) {
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(
        1s, []() -> Task<> { co_await FailAfter(1s, []() -> Task<> { co_await SleepForever(); }); });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

// ---------------------------------------------------------------- handles

TEST(CancelScope, AHandleOutlivesTheRunAndMayBeUsedInAnother) {
  std::optional<CancelScope> kept, nursery_scope;
  Runner runner;
  const RunOptions options{.clock = ClockKind::kVirtual, .max_steps = 3};
  const RunOutcome outcome = runner.Run(
      [&]() -> Task<> {
        co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
          kept = scope;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery_scope = nursery.cancel_scope();
            // When the limit is reached, the nursery has closed and its owner stands ready in front of its exit.
            for (;;)
              co_await WithNursery([&](Nursery& inner) -> Task<> {
                nursery_scope = inner.cancel_scope();
                co_return;
              });
          });
        });
      },
      options);
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kStepLimit);
  runner.Run(
      [&]() -> Task<> {
        for (CancelScope* scope : {&*kept, &*nursery_scope}) {
          scope->set_shield(true);
          scope->set_shield(false);
          scope->set_deadline(Now());
          scope->Cancel();
          EXPECT_TRUE(scope->cancel_called());
          EXPECT_FALSE(scope->cancelled_caught());
        }
        co_await Checkpoint();
      },
      options);
}

TEST(CancelScope, RefusesASecondEntry) {  // S12
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope scope;
    EXPECT_EQ(co_await WithScope(scope, Seven), 7);
    co_await WithScope(scope, Seven);
  });
  EXPECT_EQ(outcome.failure.ToString(), "hocket::MisuseError: a cancel scope is entered twice: make one for each body");
}
TEST(CancelScope, RefusesAnEntryWhileItIsActive) {  // S12
  RunVirtual([]() -> Task<> {
    CancelScope scope;
    co_await WithScope(scope, [&scope]() -> Task<> {
      EXPECT_TRUE((co_await Capture(WithScope(scope, Seven))).failure());
      EXPECT_FALSE(scope.cancel_called());
    });
  });
}

using CancelScopeDeathTest = testing::Test;

TEST(CancelScopeDeathTest, ChecksItsOptions) {  // S21
  EXPECT_DEATH(CancelScope({.deadline = At(1s), .timeout = 1s}), "a deadline or a timeout, not both");
  EXPECT_DEATH(CancelScope({.timeout = -1ns}), "a timeout of -1 ns is negative");
}
TEST(CancelScopeDeathTest, ChecksTheDeadlineOfATimeoutBeforeItsEntry) {  // S23
  EXPECT_DEATH(static_cast<void>(CancelScope({.timeout = 1s}).deadline()), "has no deadline before it is entered");
}
TEST(CancelScopeDeathTest, ChecksThatAGuardIsExited) {  // S28
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 const ScopeGuard guard{CancelScope()};
                 co_return;
               }),
               "a ScopeGuard was destroyed without Exit");
}
TEST(CancelScopeDeathTest, ChecksTheValueOfAShieldedBodyThatCancelsItself) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 co_await Shielded([](CancelScope& scope) -> Task<int> {
                   scope.Cancel();
                   co_await Checkpoint();
                   co_return 1;
                 });
               }),
               "cancelled its own scope");
}

}  // namespace
}  // namespace hocket
