// The inside of a cancel scope, and the tree that scopes form: the rules of docs/semantics.md, "Cancel scopes".
#ifndef HOCKET_RUNTIME_SCOPE_STATE_H_
#define HOCKET_RUNTIME_SCOPE_STATE_H_

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>

#include "hocket/access.h"
#include "hocket/cancel_reason.h"
#include "hocket/cancel_scope.h"
#include "hocket/internal/list.h"
#include "hocket/internal/timer.h"
#include "hocket/observer.h"
#include "hocket/task_snapshot.h"
#include "runtime/task_state.h"

namespace hocket::internal {

struct ChildTag;

// States: made, active (entered and not left), left.
class ScopeState : public Hook<ChildTag>, public Timer {
 public:
  explicit ScopeState(const CancelScopeOptions& options);
  ScopeState();  // with the default options
  virtual ~ScopeState() = default;

  static void* operator new(std::size_t size) { return AllocateBlock(size); }
  static void operator delete(void* block, std::size_t size) noexcept { FreeBlock(block, size); }
  friend void AddRef(ScopeState* state) noexcept { ++state->references_; }
  friend void Release(ScopeState* state) noexcept {
    if (--state->references_ == 0) delete state;
  }
  static ScopeState* Of(const CancelScope& scope) noexcept { return scope.state_; }
  static CancelScope Handle(ScopeState* state) noexcept { return CancelScope(state); }

  // Makes the scope the innermost one of `task`. REQUIRES: never entered before.
  void Enter(TaskState* task);
  // Makes the scope active without anybody inside. REQUIRES: never entered before.
  void EnterBelow(ScopeState& parent) noexcept;
  // Leaves the scope with `failure`, and returns what of it goes on outside. REQUIRES: the innermost scope of `task`.
  Failure Leave(TaskState* task, Failure failure) noexcept;

  // Takes the scope out of the tree without leaving it: its run is given up.
  void Abandon() noexcept;

  void Cancel(CancelSource source, std::string text = {}, std::source_location where = {}, Failure cause = {}) noexcept;
  // What a cancel point directly inside unwinds with: a cancellation with the reason of the first cause. No failure
  // before there is one.
  const Failure& cancellation() const noexcept { return cancellation_; }
  // Whether the scope is cancelled; notices a deadline that has passed, in every place where Trio does.
  bool NoticeCancelled() noexcept;
  bool called() const noexcept { return called_; }
  bool caught() const noexcept { return caught_; }
  // Whether a cancel point directly inside unwinds.
  bool effective() const noexcept { return effective_; }

  Time deadline() const;
  void set_deadline(Time deadline) noexcept;
  Time EffectiveDeadline() const noexcept;
  bool shield() const noexcept { return shield_; }
  void set_shield(bool shield) noexcept;

  ScopeState* parent() const noexcept { return parent_; }
  ObjectId id() const noexcept { return id_; }
  virtual bool is_nursery() const noexcept { return false; }
  ScopeSnapshot Snapshot() const;
  bool active() const noexcept { return active_; }
  bool entered() const noexcept { return entered_; }

  // The step under way depends on, or changes, what is cancelled here and until when.
  void TouchRead() const noexcept;
  void TouchWrite() const noexcept;

  // Makes `scope` (or none) the innermost scope of `task`; if it is cancelled and the task waits, the wait is ended.
  static void Move(TaskState* task, ScopeState* scope) noexcept {
    List<TaskState, ScopeTag>::Remove(task);
    task->scope = scope;
    if (scope == nullptr) return;
    scope->tasks_.PushBack(task);
    Deliver(task);
  }
  // The same for a task that is being made.
  void Add(TaskState* task) noexcept {
    task->scope = this;
    tasks_.PushBack(task);
  }
  // Ends the wait of `task` if its scope is cancelled and the wait allows it.
  static void Deliver(TaskState* task) noexcept {
    if (task->abortable && task->scope != nullptr && task->scope->effective_) EndWait(task);
  }

 protected:
  // Calls `visit` for each task in the scope and in the scopes inside it.
  template <class Visit>
  void ForEachTask(Visit visit) {
    for (ScopeState* scope = this; scope != nullptr; scope = Following(scope, /*into=*/true)) {
      for (TaskState* task = scope->tasks_.front(); task != nullptr; task = scope->tasks_.Next(task)) visit(task);
    }
  }
  // Makes the scopes and tasks directly inside, without `except`, scopes and tasks of `target`.
  void MoveContents(ScopeState* target, TaskState* except) noexcept;

 private:
  void OnDeadline() noexcept override { Cancel(CancelSource::kDeadline); }
  void ForgetCause() noexcept;
  void NoteCause(CancelSource source, std::string text = {}, std::source_location where = {}, Failure cause = {});
  ScopeInfo Info() const noexcept;
  void NoteSet() const noexcept;
  static void EndWait(TaskState* task) noexcept;
  bool SeesParent() const noexcept { return parent_ != nullptr && !shield_ && parent_->effective_; }
  void SetParent(ScopeState* parent) noexcept;
  void UpdateDeadline() noexcept;
  // Recomputes `effective` in the subtree, and delivers to the tasks that have become cancelled.
  void Update() noexcept {
    if (deadline_ != kForever || effective_ != (called_ || SeesParent())) UpdateSubtree();
  }
  void UpdateSubtree() noexcept;
  // The scope after `scope` in this scope's subtree, parents first, with or without what is inside it; none at the end.
  ScopeState* Following(ScopeState* scope, bool into) const noexcept;

  bool effective_ = false;  // first, as each step looks at it, and spawns and ends of tasks at what follows
  bool shield_;
  bool entered_ = false;
  bool active_ = false;
  bool called_ = false;
  bool caught_ = false;
  List<TaskState, ScopeTag> tasks_;
  List<ScopeState, ChildTag> children_;
  ScopeState* parent_ = nullptr;
  ObjectId id_;
  Time deadline_;
  std::uint32_t references_ = 0;
  std::optional<Duration> timeout_;  // until entered
  Failure cancellation_;
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_SCOPE_STATE_H_
