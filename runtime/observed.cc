#include "runtime/observed.h"

#include "runtime/scheduler.h"

namespace hocket::internal {

#if HOCKET_OBSERVE

// What the scheduler keeps in itself is not the program's memory.
ObservedRun::ObservedRun(Scheduler& scheduler, bool explored) noexcept : scheduler_(scheduler) {
  if (!explored) return;
  observe::Observation::OfThisThread().BeginRun(this, __builtin_frame_address(0), &scheduler, sizeof(scheduler));
}

void ObservedRun::End() noexcept { observe::Observation::OfThisThread().EndRun(); }

ObjectId ObservedRun::NewBlock() noexcept { return scheduler_.NewMemoryBlock(); }

void ObservedRun::TouchMemory(const Access& access) noexcept { scheduler_.TouchMemory(access); }

#endif

}  // namespace hocket::internal
