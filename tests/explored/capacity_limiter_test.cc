#include "tests/explored/capacity_limiter.h"

#include <gtest/gtest.h>

#include "hocket/capacity_limiter.h"
#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(CapacityLimiterExplored, DoesWhatTheReferenceDoes) {
  co_await CapacityLimiterProgram();
}  // S34, S61, S70, S77

TEST(CapacityLimiterExplored, AFreeAcquireIsASchedulePoint) {  // S71
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    CapacityLimiter limiter(1);
    co_await limiter.Acquire();
    limiter.Release();
  }));
}

}  // namespace
}  // namespace hocket::explored
