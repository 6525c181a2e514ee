#include "hocket/shared.h"

#include "runtime/scheduler.h"

namespace hocket {

using internal::Scheduler;

SharedObject::SharedObject() noexcept : id_(Scheduler::InRun() ? Scheduler::Current().NewObject() : 0) {}

void SharedObject::Report(AccessKind kind) const noexcept {
  if (!Scheduler::InRun()) return;
  internal::NoteCalls();
  Scheduler::Current().Touch({.object = id_, .size = 1, .kind = kind});
}

}  // namespace hocket
