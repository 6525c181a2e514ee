#include "hocket/settle.h"

#include "runtime/scheduler.h"

namespace hocket::internal {

void SettleAwaiter::Suspend(Frame& frame) noexcept {
  Scheduler& scheduler = Scheduler::Current();
  scheduler.Settle(this);
  scheduler.Park(frame, *this, true);
}

bool SettleAwaiter::Abort() noexcept {
  List<SettleAwaiter, SettleTag>::Remove(this);
  return true;
}

}  // namespace hocket::internal
