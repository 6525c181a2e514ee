#include "hocket/event.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

TEST(Event, WakesAllWaitersInTheirOrder) {  // S65
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const char* name : {"a", "b", "c"}) {
        nursery.StartSoon([&event, &log, name]() -> Task<> {
          co_await event.Wait();
          log.push_back(name);
        });
      }
      co_await Checkpoint();
      EXPECT_FALSE(event.is_set());
      event.Set();
      event.Set();
      EXPECT_TRUE(event.is_set());
      EXPECT_TRUE(log.empty()) << "a waiter ran inside Set";
      co_await Checkpoint();
      EXPECT_EQ(log.size(), 3u) << "one round wakes all";
    });
  });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(log, (Log{"a", "b", "c"}));
}

TEST(Event, WaitingOnASetOneIsACheckpoint) {  // S65
  bool other_ran = false;
  RunVirtual([&]() -> Task<> {
    Event event;
    event.Set();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        other_ran = true;
        co_return;
      });
      co_await event.Wait();
      EXPECT_TRUE(other_ran);
    });
  });
}

TEST(Event, AWaiterThatIsCancelledIsForgotten) {
  RunVirtual([]() -> Task<> {
    Event event;
    const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> { co_await event.Wait(); });
    EXPECT_TRUE(exit.cancelled_caught);
    event.Set();
    co_await event.Wait();
  });
}

TEST(Event, AWakeUpThatCameFirstBeatsACancellation) {  // S61
  bool returned = false;
  RunVirtual([&]() -> Task<> {
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await event.Wait();
        returned = true;
      });
      co_await Checkpoint();
      event.Set();
      nursery.cancel_scope().Cancel();
    });
  });
  EXPECT_TRUE(returned);
}

TEST(Event, ACancellationThatCameFirstBeatsAWakeUp) {  // S61
  bool returned = false;
  RunVirtual([&]() -> Task<> {
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await event.Wait();
        returned = true;
      });
      co_await Checkpoint();
      nursery.cancel_scope().Cancel();
      event.Set();
    });
  });
  EXPECT_FALSE(returned);
}

TEST(Event, MaySetWithoutARunAndServeManyRuns) {
  Event event;
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await event.Wait(); }).kind, RunOutcome::Kind::kDeadlock);
  event.Set();
  EXPECT_TRUE(RunVirtual([&]() -> Task<> { co_await event.Wait(); }).completed());
}

TEST(Event, WaitersOfADestroyedOneStayAsleep) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    auto event = std::make_unique<Event>();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await event->Wait(); });
      co_await Checkpoint();
      event.reset();
    });
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
}

}  // namespace
}  // namespace hocket
