#include "tests/explored/start.h"

#include <gtest/gtest.h>

#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(StartExplored, GivesAValueOrAFailureAndTheTaskIsInOneNursery) { co_await StartProgram(); }  // S49 to S56

}  // namespace
}  // namespace hocket::explored
