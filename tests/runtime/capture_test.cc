// Capture, Resolve, Finally, and the order in which things are torn down.

#include "hocket/capture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<int> Seven() { co_return 7; }
Task<int> FailWith(const char* what) {
  co_await Checkpoint();
  Throw(what);
}
Task<int> Never() {
  co_await SleepForever();
  co_return 0;
}

TEST(Capture, GivesAValue) {
  RunVirtual([]() -> Task<> {
    Outcome<int> outcome = co_await Capture(Seven());
    EXPECT_TRUE(outcome.has_value());
    EXPECT_FALSE(outcome.is_cancelled());
    EXPECT_FALSE(outcome.has_error());
    EXPECT_FALSE(outcome.failure());
    EXPECT_EQ(outcome.value(), 7);
  });
}

TEST(Capture, GivesAnError) {
  RunVirtual([]() -> Task<> {
    const Outcome<int> outcome = co_await Capture(FailWith("boom"));
    EXPECT_TRUE(outcome.has_error());
    EXPECT_TRUE(Says(outcome.failure(), "boom"));
    EXPECT_THROW(outcome.failure().Throw(), std::runtime_error);
  });
}

TEST(Capture, GivesACancellation) {
  RunVirtual([]() -> Task<> {
    const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
      const Outcome<int> outcome = co_await Capture(Never());
      EXPECT_TRUE(outcome.is_cancelled());
      EXPECT_FALSE(outcome.has_error());
    });
    EXPECT_FALSE(exit.cancelled_caught) << "it was dropped, and no cancel point followed";
  });
}

TEST(Capture, IsNeitherACheckpointNorACancelPoint) {
  const RunOutcome run = RunVirtual([]() -> Task<> {
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      scope.Cancel();
      Outcome<int> outcome = co_await Capture(Seven());
      EXPECT_TRUE(outcome.has_value());
    });
  });
  EXPECT_EQ(run.steps, 1u);
}

TEST(Capture, MovesTheValueOnce) {
  RunVirtual([]() -> Task<> {
    const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    Outcome<std::unique_ptr<int>> outcome = co_await Capture(make());
    const std::unique_ptr<int> value = co_await Resolve(std::move(outcome));
    EXPECT_EQ(*value, 7);
  });
}

TEST(Resolve, ReturnsThrowsOrUnwinds) {
  RunVirtual([]() -> Task<> {
    EXPECT_EQ(co_await Resolve(Outcome<int>(7)), 7);
    Outcome<int> error = co_await Capture(FailWith("boom"));
    bool caught = false;
    try {
      co_await Resolve(std::move(error));
    } catch (const std::runtime_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
    const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
      const Outcome<int> cancelled = co_await Capture(Never());
      co_await Resolve(cancelled);
      ADD_FAILURE() << "went on";
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
}

TEST(Resolve, UnwindsInTheStepUnderWay) {
  Recorder recorder;
  RunVirtual(
      []() -> Task<> {
        const Outcome<> outcome =
            co_await Capture([]() -> Task<> { co_await Resolve(Outcome<>(Failure::Cancelled())); }());
        EXPECT_TRUE(outcome.is_cancelled());
      },
      {.observer = &recorder});
  EXPECT_EQ(recorder.steps[0], 1u);
}

TEST(Resolve, ACancellationThatNobodyOwnsLeavesTheMainTask) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> { co_await Resolve(Outcome<>(Failure::Cancelled())); });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kCancelled);
  EXPECT_TRUE(outcome.failure.is_cancelled());
}

TEST(Finally, RunsTheCleanupAfterAValueAnErrorAndACancellation) {
  Log log;
  RunVirtual([&]() -> Task<> {
    const auto cleanup = [&]() -> Task<> {
      log.push_back("cleanup");
      co_return;
    };
    EXPECT_EQ(co_await Finally(Seven, cleanup), 7);
    const Outcome<int> error = co_await Capture(Finally([] { return FailWith("boom"); }, cleanup));
    EXPECT_TRUE(Says(error.failure(), "boom"));
    const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> {
      co_await Finally(Never, cleanup);
      ADD_FAILURE() << "went on";
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
  EXPECT_EQ(log, (Log{"cleanup", "cleanup", "cleanup"}));
}

TEST(Finally, RunsTheCleanupIfTheBodyThrowsBeforeItMakesATask) {
  bool cleaned = false;
  RunVirtual([&]() -> Task<> {
    const auto body = []() -> Task<> {
      Throw("no task");
      return []() -> Task<> { co_return; }();
    };
    const auto cleanup = [&]() -> Task<> {
      cleaned = true;
      co_return;
    };
    const Outcome<> outcome = co_await Capture(Finally(body, cleanup));
    EXPECT_TRUE(Says(outcome.failure(), "no task"));
  });
  EXPECT_TRUE(cleaned);
}

TEST(Finally, TheCleanupIsCancelledAtItsFirstCancelPointUnlessShielded) {
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await MoveOnAfter(1s, [&]() -> Task<> {
      co_await Finally(Never, [&]() -> Task<> {
        log.push_back("begins");
        co_await Checkpoint();
        log.push_back("goes on");
      });
    });
    EXPECT_EQ(Now(), At(1s));
    co_await MoveOnAfter(1s, [&]() -> Task<> {
      co_await Finally(Never, [&]() -> Task<> {
        co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
        log.push_back("shielded");
      });
    });
    EXPECT_EQ(Now(), At(3s));
  });
  EXPECT_EQ(log, (Log{"begins", "shielded"}));
}

TEST(Finally, AFailureOfTheCleanupReplacesTheEnding) {
  RunVirtual([]() -> Task<> {
    const auto cleanup = []() -> Task<> {
      Throw("cleanup");
      co_return;
    };
    const Outcome<int> value = co_await Capture(Finally(Seven, cleanup));
    EXPECT_TRUE(Says(value.failure(), "cleanup"));
    const Outcome<int> error = co_await Capture(Finally([] { return FailWith("body"); }, cleanup));
    EXPECT_TRUE(Says(error.failure(), "cleanup"));
  });
}

TEST(Unwind, DestroysFramesInnermostFirst) {
  Log log;
  RunVirtual([&]() -> Task<> {
    const auto inner = [&]() -> Task<> {
      const AtEnd a([&] { log.push_back("inner a"); });
      const AtEnd b([&] { log.push_back("inner b"); });
      co_await SleepForever();
    };
    const auto middle = [&]() -> Task<> {
      const AtEnd guard([&] { log.push_back("middle"); });
      co_await inner();
    };
    co_await MoveOnAfter(1s, [&]() -> Task<> {
      const AtEnd guard([&] { log.push_back("outer"); });
      co_await middle();
    });
    log.push_back("caught");
  });
  EXPECT_EQ(log, (Log{"inner b", "inner a", "middle", "outer", "caught"}));
  EXPECT_EQ(Counted::living, 0);
}

TEST(Unwind, DestroysTasksThatWereNeverAwaited) {
  RunVirtual([]() -> Task<> {
    co_await MoveOnAfter(1s, []() -> Task<> {
      const auto keep = [](Counted) -> Task<> { co_return; };
      const Task<> never_awaited = keep(Counted());
      EXPECT_EQ(Counted::living, 1);
      co_await SleepForever();
    });
    EXPECT_EQ(Counted::living, 0);
  });
}

// A program can throw what it split off a group: a group of nothing but cancellations, which no `catch` is to see
// again.
TEST(Unwind, AThrownGroupOfNothingButCancellationsUnwinds) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto rethrow = [&]() -> Task<> {
      const AtEnd guard([&] { log.push_back("destructor"); });
      std::vector<Failure> members{Failure::Cancelled(), Failure::Cancelled()};
      throw ExceptionGroup("split off", members);
      co_return;
    };
    const Outcome<> captured = co_await Capture(rethrow());
    EXPECT_TRUE(captured.is_cancelled());
    EXPECT_EQ(Shape(captured.failure()), "[cancelled, cancelled]");
    try {
      co_await rethrow();
    } catch (...) {
      log.push_back("caught");
    }
    log.push_back("went on");
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kCancelled);
  EXPECT_EQ(log, (Log{"destructor", "destructor"}));
}

TEST(Unwind, KnowsItselfFromAnErrorAndFromSuccess) {
  Log log;
  RunVirtual([&]() -> Task<> {
    const auto say = [&] {
      log.push_back(std::string(Unwinding() ? "unwinding" : "-") + (std::uncaught_exceptions() > 0 ? " thrown" : ""));
    };
    const auto guarded = [&](int how) -> Task<> {
      const AtEnd guard(say);
      if (how == 1) Throw("boom");
      if (how == 2) co_await SleepForever();
    };
    co_await guarded(0);
    const Outcome<> error = co_await Capture(guarded(1));
    EXPECT_TRUE(error.has_error());
    co_await MoveOnAfter(1s, [&]() -> Task<> { co_await guarded(2); });
  });
  EXPECT_FALSE(Unwinding());
  EXPECT_EQ(log, (Log{"-", "- thrown", "unwinding"}));
}

}  // namespace
}  // namespace hocket
