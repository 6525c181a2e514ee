#include "tests/explored/attempt.h"

#include <gtest/gtest.h>

#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(AttemptExplored, ACancellationThatGoesAwayLeavesTheOperationToBegin) {
  co_await AttemptProgram();
}  // S31, S34, S35

}  // namespace
}  // namespace hocket::explored
