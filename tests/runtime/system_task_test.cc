#include "hocket/system_task.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""s;

TEST(SystemTask, IsCancelledWhenTheMainTaskHasEndedAndTheRunWaitsForIt) {  // S8
  Log log;
  const auto outcome = RunVirtual([&]() -> Task<int> {
    StartSystemTask([&]() -> Task<> {
      co_await Finally([]() -> Task<> { co_await SleepForever(); },
                       [&]() -> Task<> {
                         co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
                         log.push_back("cleaned up");
                       });
    });
    co_await Checkpoint();
    log.push_back("main ends");
    co_return 7;
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(outcome.value, 7);
  EXPECT_EQ(outcome.ended_at, At(1s));
  EXPECT_EQ(log, (Log{"main ends", "cleaned up"}));
}

TEST(SystemTask, IsCancelledBecauseOfTheShutdown) {  // S29
  Failure why;
  RunVirtual([&]() -> Task<> {
    StartSystemTask([&]() -> Task<> {
      const auto forever = []() -> Task<> { co_await SleepForever(); };
      const Outcome<> outcome = co_await Capture(forever());
      why = outcome.failure();
    });
    co_return;
  });
  ASSERT_NE(why.cancel_reason(), nullptr);
  EXPECT_EQ(why.cancel_reason()->source, CancelSource::kShutdown);
}

TEST(SystemTask, IsOutOfReachOfTheScopesOfWhoStartsIt) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    CancelScope scope;
    co_await WithScope(scope, [&]() -> Task<> {
      StartSystemTask(TaskName("flusher"), [&]() -> Task<> {
        co_await Sleep(1s);
        log.push_back("flushed");
      });
      scope.Cancel();
      co_await Checkpoint();
    });
    co_await Sleep(2s);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, Log{"flushed"});
}

TEST(SystemTask, ThatFailsCancelsEverythingAndFailsTheRun) {  // S9
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    StartSystemTask([]() -> Task<> {
      co_await Sleep(1s);
      Throw("boom");
    });
    co_await SleepForever();
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  EXPECT_EQ(outcome.failure.group().message(), "A system task or a posted function failed");
  EXPECT_EQ(Shape(outcome.failure), "[boom, cancelled]");
}

TEST(SystemTask, ThatFailsDoesNotHideTheFailureOfTheMainTask) {  // S9
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    StartSystemTask([]() -> Task<> {
      Throw("system");
      co_return;
    });
    co_await Finally([]() -> Task<> { co_await SleepForever(); },
                     []() -> Task<> {
                       Throw("main");
                       co_return;
                     });
  });
  EXPECT_EQ(Shape(outcome.failure), "[system, main]");
}

TEST(SystemTask, IsReportedInADeadlock) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    StartSystemTask([]() -> Task<> { co_await SleepForever(); });
    co_await SleepForever();
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_EQ(outcome.unfinished.size(), 2u);
  EXPECT_EQ(outcome.unfinished[1].parent, std::nullopt);
}

TEST(Poster, AJobThatThrowsCancelsEverythingAndFailsTheRun) {  // S9
  const RunOutcome outcome = RunReal([]() -> Task<> {
    const Poster poster = OpenPoster();
    poster.Post([] { Throw("boom"); });
    co_await SleepForever();
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  EXPECT_EQ(Shape(outcome.failure), "[boom, cancelled]");
}

TEST(Poster, AJobThatThrowsAfterTheMainTaskHasEndedFailsTheRun) {  // S9
  const RunOutcome outcome = RunReal([]() -> Task<> {
    OpenPoster().Post([] { Throw("boom"); });
    co_return;
  });
  EXPECT_EQ(Shape(outcome.failure), "[boom]");
}

TEST(Poster, PostsOnceWhileTheJobWaitsToBeRun) {  // S84
  Log log;
  const RunOutcome outcome = RunReal([&]() -> Task<> {
    const Poster poster = OpenPoster();
    const int key = 0;
    Event done;
    EXPECT_TRUE(poster.PostOnce(&key, [&] {
      log.push_back("first");
      EXPECT_TRUE(poster.PostOnce(&key, [&] {
        log.push_back("posted by the first");
        done.Set();
      }));
    }));
    EXPECT_TRUE(poster.PostOnce(&key, [&] { log.push_back("doubled"); }));
    EXPECT_TRUE(poster.PostOnce(&log, [&] { log.push_back("other key"); }));
    co_await done.Wait();
    EXPECT_TRUE(poster.PostOnce(&key, [&] { log.push_back("again"); }));
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"first", "other key", "posted by the first", "again"}));
}

TEST(Poster, RefusesToPostOnceToARunThatHasEnded) {  // S84
  std::optional<Poster> kept;
  RunReal([&]() -> Task<> {
    kept = OpenPoster();
    co_return;
  });
  EXPECT_FALSE(kept->PostOnce(&kept, [] {}));
}

}  // namespace
}  // namespace hocket
