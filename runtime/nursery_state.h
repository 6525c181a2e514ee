// The inside of a nursery.
#ifndef HOCKET_RUNTIME_NURSERY_STATE_H_
#define HOCKET_RUNTIME_NURSERY_STATE_H_

#include <cstdint>
#include <vector>

#include "hocket/nursery.h"
#include "runtime/scope_state.h"
#include "runtime/task_state.h"

namespace hocket::internal {

// Open while the body or any task runs. Failures are kept in the order in which they happened; the first one cancels the scope.
class NurseryState {
 public:
  explicit NurseryState(TaskState* owner);

  static void* operator new(std::size_t size) { return AllocateBlock(size); }
  static void operator delete(void* block, std::size_t size) noexcept { FreeBlock(block, size); }
  friend void AddRef(NurseryState* state) noexcept { ++state->references_; }
  friend void Release(NurseryState* state) noexcept {
    if (--state->references_ == 0) delete state;
  }

  void ChildStarted(TaskState* child);
  void ChildEnded(TaskState* child, Failure failure) noexcept;
  void BodyEnded(Failure failure) noexcept;
  // Wakes `exit` once the nursery has closed. REQUIRES: not closed, the body has ended.
  void WaitClosed(NurseryExitAwaiter* exit) noexcept { exit_ = exit; }
  // Leaves the scope, and returns what goes on outside. REQUIRES: closed.
  Failure Leave() noexcept;
  // The owner's frame, or a child, is torn down with its run.
  void Abandon() noexcept;
  void ChildAbandoned(TaskState* child) noexcept;

  bool closed() const noexcept { return closed_; }
  // The owner has left the nursery, or was torn down.
  bool left() const noexcept { return left_; }
  ScopeState* scope() const noexcept { return scope_.get(); }
  ObjectId id() const noexcept { return id_; }

 private:
  void AddFailure(Failure failure) noexcept;
  void CheckClosed() noexcept;

  Ref<ScopeState> scope_;
  TaskState* owner_;
  List<TaskState, NurseryTag> children_;
  std::vector<Failure> failures_;
  NurseryExitAwaiter* exit_ = nullptr;
  ObjectId id_;
  std::uint32_t references_ = 0;
  bool body_runs_ = true;
  bool closed_ = false;
  bool left_ = false;
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_NURSERY_STATE_H_
