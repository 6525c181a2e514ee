// The inside of a nursery.
#ifndef HOCKET_RUNTIME_NURSERY_STATE_H_
#define HOCKET_RUNTIME_NURSERY_STATE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "hocket/nursery.h"
#include "runtime/observed.h"
#include "runtime/scope_state.h"
#include "runtime/task_state.h"

namespace hocket::internal {

// Open while the body or any task runs. Failures are kept in the order in which they happened; the first one cancels
// the scope. It is its scope, so that both are one block of memory with one count.
class NurseryState final : public ScopeState {
 public:
  explicit NurseryState(TaskState* owner);
  // The one of the system tasks: nobody's, and never closed. What fails in it is told to the run.
  explicit NurseryState(ScopeState& around);

  // Tasks that start and end commute: only the one that closes the nursery is noticed.
  void ChildStarted() noexcept { ++children_; }
  void ChildEnded() noexcept {
    const Quiet quiet;
    --children_;
    CheckClosed();
  }
  // It is about to end with `failure`.
  void ChildFails(Failure failure) noexcept {
    const Quiet quiet;
    AddFailure(std::move(failure));
  }
  void BodyEnded(Failure failure) noexcept;
  // A Start that has not come to an end keeps the nursery open.
  void StartBegins() noexcept { ++pending_starts_; }
  void StartEnds() noexcept;
  // Makes all tasks of this nursery, and the scopes in it, tasks and scopes of `target`.
  void MoveTo(NurseryState* target) noexcept;
  // None of the system tasks' nursery.
  const TaskState* owner() const noexcept { return owner_; }
  // Wakes `exit` once the nursery has closed. REQUIRES: not closed, the body has ended.
  void WaitClosed(NurseryExitAwaiter* exit) noexcept { exit_ = exit; }
  // Leaves the scope, and returns what goes on outside. REQUIRES: closed.
  Failure LeaveNursery() noexcept;
  // The owner's frame, or a child, is torn down with its run.
  void AbandonNursery() noexcept;
  void ChildAbandoned() noexcept { --children_; }

  bool is_nursery() const noexcept override { return true; }
  bool closed() const noexcept { return closed_; }
  // To be called where the current task finds that out. Its owner and its own tasks know that it is open.
  void TouchClosed() const noexcept;
  // The owner has left the nursery, or was torn down.
  bool left() const noexcept { return left_; }
  ScopeState* scope() noexcept { return this; }
  const ScopeState* scope() const noexcept { return this; }
  ObjectId nursery_id() const noexcept { return nursery_id_; }

 private:
  // Its own state and the order of its failures are two things: most tasks end without a failure.
  void TouchState(AccessKind kind) const noexcept;
  void TouchFailures(AccessKind kind) const noexcept;
  void AddFailure(Failure failure) noexcept;
  void CheckClosed() noexcept {
    if (children_ == 0 && !body_runs_ && pending_starts_ == 0 && !closed_) Close();
  }
  void Close() noexcept;

  TaskState* owner_;
  std::uint64_t children_ = 0;
  std::uint64_t pending_starts_ = 0;
  std::vector<Failure> failures_;
  NurseryExitAwaiter* exit_ = nullptr;
  ObjectId nursery_id_;
  bool body_runs_ = true;
  bool closed_ = false;
  bool left_ = false;
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_NURSERY_STATE_H_
