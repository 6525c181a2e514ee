// Park and Wake: the two operations from which all waiting is made. For primitives of your own; see parking_lot.h for
// the next step up.
//
//     class Latch {                                   // lets everybody pass once it has been opened
//      public:
//       Task<> Wait() {
//         if (open_) co_return co_await Checkpoint();
//         const TaskRef task = CurrentTask();
//         waiting_.push_back(task);
//         co_await Park("Latch.Wait", [&] {
//           std::erase(waiting_, task);               // undo every registration
//           return Abort::kSucceeded;
//         });
//       }
//       void Open() {
//         open_ = true;
//         for (const TaskRef& task : std::exchange(waiting_, {})) Wake(task);
//       }
//       ...
//
// A parked task goes on when somebody wakes it, exactly once. If its scope is cancelled first, the abort function is
// called, at most once a wait, synchronously in whoever cancels (or in Park, if the scope is cancelled already).
// kSucceeded: the wait is over, and the task unwinds when its turn comes; nobody may wake it any more. kFailed: the
// wait goes on, and somebody must wake the task later, as if nothing had happened.
#ifndef HOCKET_PARK_H_
#define HOCKET_PARK_H_

#include <exception>
#include <utility>

#include "hocket/access.h"
#include "hocket/internal/awaiter.h"
#include "hocket/task_ref.h"

namespace hocket {

enum class Abort : bool { kFailed = false, kSucceeded = true };

namespace internal {

class ParkAwaiterBase : public FallibleOperation<ParkAwaiterBase> {
 public:
  const char* operation() const noexcept final { return operation_; }
  Access declared() const noexcept final { return access_; }
  bool EndsByWake() const noexcept final { return true; }

 protected:
  ParkAwaiterBase(const char* operation, Access access) noexcept : operation_(operation), access_(access) {}
  ~ParkAwaiterBase() = default;

 private:
  friend class Operation<ParkAwaiterBase>;
  void Suspend(Frame& frame) noexcept;
  const char* operation_;
  Access access_;
};

template <class AbortFunction>
class ParkAwaiter final : public ParkAwaiterBase {
 public:
  ParkAwaiter(const char* operation, AbortFunction abort, Access access)
      : ParkAwaiterBase(operation, access), abort_(std::move(abort)) {}
  bool Abort() noexcept override { return abort_() == hocket::Abort::kSucceeded; }

 private:
  AbortFunction abort_;
};

}  // namespace internal

// co_await Park(operation, abort): parks the current task. `operation` names the wait in schedules and reports: a
// string that outlives the run. `abort` is a callable `() -> Abort` that must not throw. `access` says what the task
// touches first when it goes on.
template <class AbortFunction>
[[nodiscard]] internal::ParkAwaiter<AbortFunction> Park(const char* operation, AbortFunction abort,
                                                        Access access = {.kind = AccessKind::kOpaque}) {
  return internal::ParkAwaiter<AbortFunction>(operation, std::move(abort), access);
}

// Makes a parked task go on: with nothing, or by throwing `error`. REQUIRES: the task is parked in a Park, and nobody
// has woken it yet.
void Wake(const TaskRef& task, std::exception_ptr error = nullptr);

}  // namespace hocket

#endif  // HOCKET_PARK_H_
