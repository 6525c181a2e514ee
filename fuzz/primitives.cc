// The other primitives against their references (tests/explored): mutual exclusion, first come first served, permits
// and tokens that are conserved under cancellation, notifications that are not lost.
#include "hocket/testing/draw_input.h"
#include "hocket/testing/test.h"
#include "tests/explored/attempt.h"
#include "tests/explored/capacity_limiter.h"
#include "tests/explored/condition.h"
#include "tests/explored/event.h"
#include "tests/explored/lock.h"
#include "tests/explored/parking_lot.h"
#include "tests/explored/semaphore.h"
#include "tests/explored/start.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(Primitives, DoWhatTheirReferencesDo, {.executions = 300, .strategy = "random"}) {
  constexpr Task<> (*kPrograms[])() = {&AttemptProgram, &CapacityLimiterProgram, &ConditionProgram, &EventProgram,
                                       &LockProgram,    &ParkingLotProgram,      &SemaphoreProgram, &StartProgram};
  co_await kPrograms[testing::DrawBetween<std::size_t>(0, std::size(kPrograms) - 1, "primitive")]();
}

}  // namespace
}  // namespace hocket::explored
