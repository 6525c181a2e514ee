#include "answer.h"

#include <gtest/gtest.h>

#include <chrono>

// Found here, and not found by private/includes_harness.cc.
#include "hocket/testing/schedule.h"
#include "hocket/testing/test.h"

namespace {

HOCKET_TEST(Answer, IsKnownAfterADay) { EXPECT_EQ(co_await Answer(), 42); }

HOCKET_TEST(Answer, CanBeGivenUp) {
  const auto answer = co_await hocket::MoveOnAfter(std::chrono::hours(1), [] { return Answer(); });
  EXPECT_FALSE(answer.has_value());
}

TEST(Answer, TakesNoTimeOnAVirtualClock) {
  const auto outcome = hocket::Run([] { return Answer(); }, {.clock = hocket::ClockKind::kVirtual});
  EXPECT_EQ(outcome.value, 42);
}

}  // namespace
