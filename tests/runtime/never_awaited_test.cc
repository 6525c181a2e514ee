// Tasks that are made and dropped: a run reports those that the program forgot, and no others.

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kLineOfForgotten = __LINE__ + 1;
Task<> Forgotten(Counted) { co_return; }
Task<int> ForgottenToo() { co_return 1; }

int Throwing() { throw std::runtime_error("boom"); }
Task<> Both(const Task<>&, int) { co_return; }

std::size_t NeverAwaited(const RunOutcome& outcome) { return outcome.never_awaited.size(); }

TEST(NeverAwaited, IsReportedByItsFunction) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    static_cast<void>(Forgotten(Counted()));
    const auto kept = ForgottenToo();
    EXPECT_EQ(Counted::living, 0) << "the frame goes with the task";
    co_return;
  });
  EXPECT_TRUE(outcome.completed()) << "it is reported beside how the run ended";
  ASSERT_EQ(NeverAwaited(outcome), 2u);
  EXPECT_NE(std::strstr(outcome.never_awaited[0].function_name(), "Forgotten"), nullptr);
  EXPECT_NE(std::strstr(outcome.never_awaited[0].file_name(), "never_awaited_test.cc"), nullptr);
  EXPECT_EQ(outcome.never_awaited[0].line(), kLineOfForgotten);
  EXPECT_NE(std::strstr(outcome.never_awaited[1].function_name(), "ForgottenToo"), nullptr);
  const std::string text = outcome.ToString();
  EXPECT_EQ(text.rfind("completed\n  never awaited: ", 0), 0u) << text;
  EXPECT_NE(text.find("never_awaited_test.cc:"), std::string::npos) << text;
}

TEST(NeverAwaited, ACaptureIsReportedAsWell) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    static_cast<void>(Capture(Forgotten(Counted())));
    co_return;
  });
  EXPECT_EQ(NeverAwaited(outcome), 1u);
  EXPECT_EQ(Counted::living, 0);
}

TEST(NeverAwaited, ACombinatorIsReportedAndItsBodyNotCalled) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    static_cast<void>(WithNursery([](Nursery&) -> Task<> {
      ADD_FAILURE();
      co_return;
    }));
    static_cast<void>(Shielded([]() -> Task<> {
      ADD_FAILURE();
      co_return;
    }));
    co_return;
  });
  EXPECT_EQ(NeverAwaited(outcome), 2u);
}

TEST(NeverAwaited, IsNothingWhereEverythingIsAwaited) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await Forgotten(Counted());
    static_cast<void>(co_await ForgottenToo());
    static_cast<void>(co_await Capture(Forgotten(Counted())));
    static_cast<void>(co_await Capture([]() -> Task<> { co_await Resolve(Outcome<>(Failure::Cancelled())); }()));
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Forgotten, Counted());
      nursery.StartSoon(ForgottenToo);
      nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
      co_await Checkpoint();
      nursery.cancel_scope().Cancel();
    });
    const Outcome<> outcome = co_await Capture([]() -> Task<> {
      Throw("boom");
      co_return;
    }());
    EXPECT_TRUE(outcome.has_error());
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(NeverAwaited(outcome), 0u) << outcome.ToString();
  EXPECT_EQ(Counted::living, 0);
}

TEST(NeverAwaited, IsNotWhatAnExceptionKeptFromBeingAwaited) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    try {
      const auto both = Both(Forgotten(Counted()), Throwing());
    } catch (const std::runtime_error&) {
    }
    const Task<> kept = Forgotten(Counted());
    Throw("boom");
  });
  EXPECT_TRUE(Says(outcome.failure, "boom"));
  EXPECT_EQ(NeverAwaited(outcome), 0u) << outcome.ToString();
  EXPECT_EQ(Counted::living, 0);
}

TEST(NeverAwaited, IsNotWhatACancellationKeptFromBeingAwaited) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto kept_while = []() -> Task<> {
      const Task<> kept = Forgotten(Counted());
      co_await SleepForever();
    };
    co_await MoveOnAfter(1s, kept_while);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(kept_while);
      co_await Sleep(1s);
      nursery.cancel_scope().Cancel();
    });
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(NeverAwaited(outcome), 0u) << outcome.ToString();
  EXPECT_EQ(Counted::living, 0);
}

TEST(NeverAwaited, IsNotWhatTheEndOfTheRunKeptFromBeingAwaited) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> { co_await SleepForever(); });
      const Task<> kept = Forgotten(Counted());
      co_await SleepForever();
    });
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_EQ(NeverAwaited(outcome), 0u) << outcome.ToString();
  EXPECT_EQ(Counted::living, 0);
}

TEST(NeverAwaited, IsReportedBesideAnError) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    static_cast<void>(Forgotten(Counted()));
    Throw("boom");
    co_return;
  });
  EXPECT_TRUE(Says(outcome.failure, "boom"));
  EXPECT_EQ(NeverAwaited(outcome), 1u);
  EXPECT_EQ(outcome.ToString().rfind("failed: std::runtime_error: boom\n  never awaited: ", 0), 0u)
      << outcome.ToString();
}

TEST(NeverAwaited, IsOfItsRunOnly) {
  static_cast<void>(Forgotten(Counted()));  // outside of a run there is nobody to tell
  EXPECT_EQ(Counted::living, 0);
  Runner runner;
  const auto forget = []() -> Task<> {
    static_cast<void>(Forgotten(Counted()));
    co_return;
  };
  EXPECT_EQ(NeverAwaited(runner.Run(forget, {})), 1u);
  EXPECT_EQ(NeverAwaited(runner.Run([]() -> Task<> { co_return; }, {})), 0u);
}

TEST(NeverAwaited, OfManyTheFirstAreReported) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    static_cast<void>(ForgottenToo());
    for (int i = 0; i < 1'000; ++i) static_cast<void>(Forgotten(Counted()));
    co_return;
  });
  EXPECT_EQ(NeverAwaited(outcome), 16u);
  EXPECT_NE(std::strstr(outcome.never_awaited[0].function_name(), "ForgottenToo"), nullptr);
}

}  // namespace
}  // namespace hocket
