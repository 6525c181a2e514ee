#include "tests/explored/condition.h"

#include <gtest/gtest.h>

#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(ConditionExplored, DoesWhatTheReferenceDoes) {
  co_await ConditionProgram();
}  // S66, S68 with its deviation, S77

}  // namespace
}  // namespace hocket::explored
