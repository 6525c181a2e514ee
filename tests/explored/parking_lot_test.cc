#include "tests/explored/parking_lot.h"

#include <gtest/gtest.h>

#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(ParkingLotExplored, DoesWhatTheReferenceDoes) { co_await ParkingLotProgram(); }  // S63, S64, S77

}  // namespace
}  // namespace hocket::explored
