#include "hocket/cancel_reason.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""s;

Task<> Forever() { co_await SleepForever(); }
Task<> Once() { co_await Checkpoint(); }

// Runs `body` in `scope` up to its first cancel point, and gives why it unwound there.
Task<CancelReason> ReasonIn(CancelScope scope) {
  std::optional<CancelReason> reason;
  co_await WithScope(scope, [&]() -> Task<> {
    const Outcome<> outcome = co_await Capture(Once());
    const Failure failure = outcome.failure();
    if (const CancelReason* why = failure.cancel_reason()) reason = *why;
  });
  if (!reason) Throw("there was no cancellation");
  co_return *reason;
}

TEST(CancelReason, OfACallHasSourceTextTaskAndPlace) {  // S29
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope scope;
    const unsigned line = __LINE__ + 1;
    scope.Cancel("stop was pressed");
    const CancelReason reason = co_await ReasonIn(scope);
    EXPECT_EQ(reason.source, CancelSource::kExplicit);
    EXPECT_EQ(reason.text, "stop was pressed");
    EXPECT_EQ(reason.task, 0u);
    EXPECT_EQ(reason.where.line(), line);
    EXPECT_EQ(reason.ToString(),
              "explicit: stop was pressed (task 0, at " + std::string(__FILE__) + ":" + std::to_string(line) + ")");
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CancelReason, OfADeadlineIsTheDeadline) {  // S29
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope scope({.timeout = 1s});
    co_await WithScope(scope, Forever);
    const std::optional<CancelReason> reason = scope.cancel_reason();
    EXPECT_TRUE(reason.has_value());
    EXPECT_EQ(reason->source, CancelSource::kDeadline);
    EXPECT_EQ(reason->task, std::nullopt);
    EXPECT_EQ(reason->ToString(), "deadline");

    const CancelReason passed = co_await ReasonIn(CancelScope({.deadline = Now()}));
    EXPECT_EQ(passed.source, CancelSource::kDeadline);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CancelReason, OfANurseryIsWhatFailedInIt) {  // S29, S40
  Failure why;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const Outcome<> outcome = co_await Capture(Forever());
        why = outcome.failure();
        co_await Resolve(outcome);
      });
      nursery.StartSoon([]() -> Task<> {
        co_await Checkpoint();
        Throw("boom");
      });
      co_return;
    });
  });
  const CancelReason* reason = why.cancel_reason();
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->source, CancelSource::kNursery);
  EXPECT_EQ(reason->task, 2u);
  EXPECT_TRUE(Says(reason->cause, "boom"));
  EXPECT_EQ(reason->ToString(), "nursery: std::runtime_error: boom (task 2)");
}

TEST(CancelReason, OfANurseryWhoseBodyFailsNamesItsOwner) {  // S29
  Failure why;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const Outcome<> outcome = co_await Capture(Forever());
        why = outcome.failure();
      });
      co_await Checkpoint();
      Throw("boom");
    });
  });
  ASSERT_NE(why.cancel_reason(), nullptr);
  EXPECT_EQ(why.cancel_reason()->source, CancelSource::kNursery);
  EXPECT_EQ(why.cancel_reason()->task, 0u);
}

TEST(CancelReason, TheFirstCauseWins) {  // S29
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope scope({.timeout = 1s});
    scope.Cancel("first");
    scope.Cancel("second");
    EXPECT_EQ((co_await ReasonIn(scope)).text, "first");
    co_await Sleep(2s);
    EXPECT_EQ(scope.cancel_reason()->text, "first");
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CancelReason, AScopeWithoutOneHasThatOfTheScopeAround) {  // S29
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope outer;
    CancelScope inner;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        EXPECT_EQ(inner.cancel_reason(), std::nullopt);
        outer.Cancel("from outside");
        EXPECT_EQ(inner.cancel_reason()->text, "from outside");
        inner.Cancel("too late");
        EXPECT_EQ(inner.cancel_reason()->text, "from outside");
        co_await Checkpoint();
      });
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CancelReason, AShieldedScopeHasNoneFromOutside) {  // S29, S14
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    CancelScope outer;
    co_await WithScope(outer, [&]() -> Task<> {
      CancelScope inner({.shield = true});
      co_await WithScope(inner, [&]() -> Task<> {
        outer.Cancel("from outside");
        EXPECT_EQ(inner.cancel_reason(), std::nullopt);
        inner.Cancel("from inside");
        EXPECT_EQ(inner.cancel_reason()->text, "from inside");
        co_return;
      });
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(CancelReason, OfMembersOfAGroupAreKept) {  // S29, S41
  std::string text;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    CancelScope outer;
    co_await WithScope(outer, [&]() -> Task<> {
      const auto nursery = [&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(Forever);
        nursery.StartSoon([&]() -> Task<> {
          co_await Checkpoint();
          outer.Cancel("everybody out");
          Throw("boom");
        });
        co_return;
      };
      const Outcome<> ended = co_await Capture(WithNursery(nursery));
      for (const Failure& leaf : ended.failure().group().Leaves()) {
        if (const CancelReason* reason = leaf.cancel_reason()) text = reason->text;
      }
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(text, "everybody out");
}

TEST(CancelReason, IsThereForACancelledRunsHandlesAfterwards) {
  std::optional<CancelScope> kept;
  RunVirtual([&]() -> Task<> {
    kept.emplace();
    kept->Cancel("before the end");
    co_return;
  });
  EXPECT_EQ(kept->cancel_reason()->text, "before the end");
  CancelScope outside;
  outside.Cancel("no run");
  EXPECT_EQ(outside.cancel_reason()->task, std::nullopt);
}

TEST(CancelReason, OfAScopeThatHasBeenLeftHoldsNoException) {
  struct Error {
    std::optional<CancelScope> scope;
    Counted counted;
  };
  for (const bool ends : {true, false}) {
    RunVirtual([&]() -> Task<> {
      const auto body = [&](Nursery& nursery) -> Task<> {
        CancelScope inner;
        nursery.StartSoon([inner]() -> Task<> {
          co_await Checkpoint();
          throw Error{inner, Counted()};
        });
        co_await WithScope(inner, [&]() -> Task<> {
          const Outcome<> outcome = co_await Capture(Forever());
          EXPECT_TRUE(outcome.failure().cancel_reason()->cause);
          if (!ends) co_await Shielded(Forever);
        });
      };
      const Outcome<> outcome = co_await Capture(WithNursery(body));
      EXPECT_EQ(Counted::living, 1);
    });
    EXPECT_EQ(Counted::living, 0) << "ends: " << ends;
  }
}

TEST(CancelReason, OfAFailureIsNoneUnlessItIsACancellation) {
  EXPECT_EQ(Failure().cancel_reason(), nullptr);
  EXPECT_EQ(Failure::Cancelled().cancel_reason(), nullptr);
  EXPECT_EQ(Failure::FromException(std::make_exception_ptr(1)).cancel_reason(), nullptr);
  EXPECT_EQ(Failure::FromGroup(ExceptionGroup("g", {Failure::Cancelled()})).cancel_reason(), nullptr);
}

}  // namespace
}  // namespace hocket
