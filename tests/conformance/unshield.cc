#include "tests/conformance/unshield.h"

#include "runtime/scheduler.h"

namespace hocket::conformance {

void UnshieldEverything() { internal::Scheduler::Current().RemoveShields(); }

}  // namespace hocket::conformance
