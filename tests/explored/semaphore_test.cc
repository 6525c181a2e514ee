#include "tests/explored/semaphore.h"

#include <gtest/gtest.h>

#include "hocket/semaphore.h"
#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(SemaphoreExplored, DoesWhatTheReferenceDoes) { co_await SemaphoreProgram(); }  // S34, S61, S69, S77

TEST(SemaphoreExplored, AFreeAcquireIsASchedulePoint) {  // S71
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    Semaphore semaphore(1);
    co_await semaphore.Acquire();
  }));
}

}  // namespace
}  // namespace hocket::explored
