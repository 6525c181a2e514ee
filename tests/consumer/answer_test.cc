#include "answer.h"

#include <gtest/gtest.h>

// Found here, and not found by private/includes_harness.cc.
#include "hocket/testing/schedule.h"

namespace {

TEST(Answer, IsKnown) { EXPECT_EQ(Answer(), 42); }

}  // namespace
