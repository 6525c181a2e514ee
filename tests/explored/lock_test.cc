#include "tests/explored/lock.h"

#include <gtest/gtest.h>

#include "hocket/lock.h"
#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(LockExplored, DoesWhatTheReferenceDoes) { co_await LockProgram(); }  // S34, S35, S61, S66, S67, S77

TEST(LockExplored, AFreeAcquireIsASchedulePoint) {  // S71
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    Lock lock;
    co_await lock.Acquire();
    lock.Release();
  }));
}

TEST(LockExplored, AFailingAcquireIsNoSchedulePoint) {  // S35
  EXPECT_FALSE(IsSchedulePoint([]() -> Task<> {
    Lock lock;
    lock.AcquireNow();
    const Outcome<> outcome = co_await Capture([&]() -> Task<> { co_await lock.Acquire(); }());
    EXPECT_EQ(EndingOf(outcome.failure()), Ending::kMisuse);
    lock.Release();
  }));
}

}  // namespace
}  // namespace hocket::explored
