#include "runtime/scope_state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "hocket/check.h"
#include "hocket/errors.h"
#include "hocket/exception_group.h"
#include "runtime/hash.h"
#include "runtime/observed.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

ScopeState::ScopeState(const CancelScopeOptions& options)
    : shield_(options.shield),
      id_(Scheduler::InRun() ? Scheduler::Current().NewObject() : 0),
      deadline_(options.deadline),
      timeout_(options.timeout) {
  HOCKET_CHECK(!timeout_ || deadline_ == kForever) << "a scope has a deadline or a timeout, not both";
  HOCKET_CHECK(!timeout_ || *timeout_ >= Duration::zero()) << "a timeout of " << timeout_->count() << " ns is negative";
}

// The outermost scope belongs to no task, and is there before there is one.
ScopeState::ScopeState()
    : shield_(false),
      id_(Scheduler::Current().has_current_task() ? Scheduler::Current().NewObject() : kRootScopeId),
      deadline_(kForever) {}

void ScopeState::TouchRead() const noexcept { Scheduler::TouchIfInRun(id_, AccessKind::kRead); }
void ScopeState::TouchWrite() const noexcept { Scheduler::TouchIfInRun(id_, AccessKind::kWrite); }

void ScopeState::Enter(TaskState* task) {
  const Quiet quiet;
  if (task->scope != nullptr) task->scope->TouchRead();
  TouchRead();  // it may be cancelled already
  if (entered_) throw MisuseError("a cancel scope is entered twice: make one for each body");
  entered_ = true;
  if (timeout_ || deadline_ != kForever) {
    Scheduler::Current().Touch(kClockTaskId, AccessKind::kRead);
    const Time now = Scheduler::Current().now();
    if (timeout_) {
      deadline_ = *timeout_ >= kForever - now ? kForever : now + *timeout_;
      timeout_.reset();
    }
    if (now >= deadline_ && !called_) {
      called_ = true;
      NoteCause(CancelSource::kDeadline);
    }
  }
  active_ = true;
  // But for the outermost scope, which is the run's.
  if (Observer* const observer = Scheduler::Current().observer(); observer != nullptr && task->scope != nullptr)
    observer->OnEnterScope(task->spawn_number, Info());
  SetParent(task->scope);
  if (parent_ == nullptr) Update();
  UpdateDeadline();
  Move(task, this);
}

void ScopeState::EnterBelow(ScopeState& parent) noexcept {
  entered_ = active_ = true;
  SetParent(&parent);
}

Failure ScopeState::Leave(TaskState* task, Failure failure) noexcept {
  const Quiet quiet;
  HOCKET_CHECK(task->scope == this)
      << "scopes must be left in the reverse order of entering: a ScopeGuard was moved across bodies";
  Move(task, parent_);
  if (failure) {
    TouchWrite();  // whether it caught something
    if (parent_ != nullptr) parent_->TouchRead();
  }
  if (failure && effective_ && !SeesParent()) {
    if (failure.is_group()) {
      if (const ExceptionGroup group = failure.group(); group.has_cancelled()) {
        caught_ = true;
        failure = group.WithoutCancelled();
      }
    } else if (failure.is_cancelled()) {
      caught_ = true;
      failure = Failure();
    }
  }
  SetParent(nullptr);
  active_ = false;
  UpdateDeadline();
  ForgetCause();
  if (Observer* const observer = Scheduler::Current().observer())
    observer->OnLeaveScope(task->spawn_number, id_, failure, caught_);
  return failure;
}

void ScopeState::Abandon() noexcept {
  active_ = false;
  while (TaskState* task = tasks_.front()) {  // destructors further out still ask for their task's scope
    List<TaskState, ScopeTag>::Remove(task);
    task->scope = parent_;
    parent_->tasks_.PushBack(task);
  }
  List<ScopeState, ChildTag>::Remove(this);
  parent_ = nullptr;
  Unregister();
  ForgetCause();
}

// The exception may hold a handle of this scope: they would keep each other alive.
void ScopeState::ForgetCause() noexcept {
  const CancelReason* reason = cancellation_.cancel_reason();
  if (reason == nullptr || !reason->cause) return;
  CancelReason without_cause = *reason;
  without_cause.cause = Failure();
  cancellation_ = Failure::Cancelled(std::move(without_cause));
}

void ScopeState::Cancel(CancelSource source, std::string text, std::source_location where, Failure cause) noexcept {
  const Quiet quiet;
  if (called_) return TouchRead();  // who was first is told
  called_ = true;
  NoteCause(source, std::move(text), where, std::move(cause));
  if (!Scheduler::InRun() || Scheduler::Current().abandoning()) return;
  TouchWrite();
  UpdateDeadline();
  if (active_) Update();
}

void ScopeState::NoteCause(CancelSource source, std::string text, std::source_location where, Failure cause) {
  Scheduler* const scheduler = Scheduler::InRun() ? &Scheduler::Current() : nullptr;
  if (!cancellation_) {
    std::optional<std::uint32_t> task;
    if (source != CancelSource::kDeadline && scheduler != nullptr && scheduler->has_current_task())
      task = scheduler->current_task()->spawn_number;
    cancellation_ = Failure::Cancelled({source, std::move(text), task, where, std::move(cause)});
  }
  if (scheduler != nullptr && scheduler->observer() != nullptr)
    scheduler->observer()->OnCancelScope(id_, *cancellation_.cancel_reason());
}

bool ScopeState::NoticeCancelled() noexcept {
  TouchRead();
  if (!called_ && deadline_ != kForever) Scheduler::TouchIfInRun(kClockTaskId, AccessKind::kRead);
  if (!called_ && (active_ || !entered_) && !timeout_ && deadline_ != kForever && Scheduler::InRun() &&
      Scheduler::Current().now() >= deadline_) {
    Cancel(CancelSource::kDeadline);
  }
  return called_;
}

Time ScopeState::deadline() const {
  HOCKET_CHECK(!timeout_) << "a scope with a timeout has no deadline before it is entered";
  TouchRead();
  return deadline_;
}

void ScopeState::set_deadline(Time deadline) noexcept {
  TouchWrite();
  timeout_.reset();
  deadline_ = deadline;
  NoteSet();
  UpdateDeadline();
}

Time ScopeState::EffectiveDeadline() const noexcept {
  TouchRead();
  if (effective_) return Time::min();
  Time earliest = kForever;
  for (const ScopeState* scope = this; scope != nullptr; scope = scope->parent_) {
    scope->TouchRead();
    earliest = std::min(earliest, scope->deadline_);
    if (scope->shield_) break;
  }
  return earliest;
}

ScopeSnapshot ScopeState::Snapshot() const {
  ScopeSnapshot snapshot{
      .nursery = is_nursery(), .cancelled = called_, .reason = {}, .shield = shield_, .deadline = deadline_};
  if (const CancelReason* reason = cancellation_.cancel_reason(); called_ && reason != nullptr) {
    snapshot.reason = reason->ToString();
  }
  return snapshot;
}

void ScopeState::set_shield(bool shield) noexcept {
  TouchWrite();
  shield_ = shield;
  NoteSet();
  if (active_ && !Scheduler::Current().abandoning()) Update();
}

ScopeInfo ScopeState::Info() const noexcept {
  return {.id = id_, .nursery = is_nursery(), .shield = shield_, .cancelled = called_, .deadline = deadline_};
}

void ScopeState::NoteSet() const noexcept {
  const Quiet quiet;
  if (!active_ || !Scheduler::InRun()) return;
  if (Observer* const observer = Scheduler::Current().observer()) observer->OnSetScope(Info());
}

void ScopeState::SetParent(ScopeState* parent) noexcept {
  List<ScopeState, ChildTag>::Remove(this);
  parent_ = parent;
  if (parent_ == nullptr) return;  // outside of the tree a scope is as it was
  parent_->children_.PushBack(this);
  if (active_) Update();
}

// Deadlines are set in any order with the same effect, but before or after time passes makes a difference: that is a
// read of the clock.
void ScopeState::UpdateDeadline() noexcept {
  if (deadline_ != kForever) Scheduler::TouchIfInRun(kClockTaskId, AccessKind::kRead);
  if (active_ && !called_) {
    Register(deadline_);
  } else {
    Unregister();
  }
}

// Visits the subtree parents first, in the order of entering, and turns back where nothing changes. No recursion:
// scopes nest thousands deep.
void ScopeState::UpdateSubtree() noexcept {
  for (ScopeState* scope = this; scope != nullptr;) {
    // A deadline that has passed is noticed here as well; the visit itself then does what Cancel would.
    if (!scope->called_ && scope->deadline_ != kForever && Scheduler::Current().now() >= scope->deadline_) {
      scope->called_ = true;
      scope->NoteCause(CancelSource::kDeadline);
      scope->UpdateDeadline();
    }
    const bool effective = scope->called_ || scope->SeesParent();
    const bool changed = effective != scope->effective_;
    if (changed) {
      scope->effective_ = effective;
      if (effective && !scope->cancellation_) scope->cancellation_ = scope->parent_->cancellation_;
      scope->TouchWrite();
      if (effective) {
        for (TaskState* task = scope->tasks_.front(); task != nullptr; task = scope->tasks_.Next(task)) Deliver(task);
      }
    }
    scope = Following(scope, changed);
  }
}

ScopeState* ScopeState::Following(ScopeState* scope, bool into) const noexcept {
  if (into && !scope->children_.empty()) return scope->children_.front();
  while (scope != this) {
    if (ScopeState* sibling = scope->parent_->children_.Next(scope)) return sibling;
    scope = scope->parent_;
  }
  return nullptr;
}

// All are taken out before the first is put in: what moves into a cancelled scope has its wait ended.
void ScopeState::MoveContents(ScopeState* target, TaskState* except) noexcept {
  std::vector<ScopeState*> scopes;
  while (ScopeState* child = children_.front()) {
    scopes.push_back(child);
    child->SetParent(nullptr);
  }
  std::vector<TaskState*> tasks;
  for (TaskState* task = tasks_.front(); task != nullptr; task = tasks_.Next(task)) {
    if (task != except) tasks.push_back(task);
  }
  for (TaskState* task : tasks) Move(task, nullptr);
  for (ScopeState* scope : scopes) scope->SetParent(target);
  for (TaskState* task : tasks) Move(task, target);
}

void ScopeState::EndWait(TaskState* task) noexcept {
  task->abortable = false;  // at most one attempt a wait
  {
    const ObservedCall observed;  // of a Park, it is the program's
    if (!task->waiting->Abort()) return;
  }
  task->aborted = task->asks = true;
  Scheduler::Current().NoteCancelled(task);
  Scheduler::Current().Wake(task);
}

}  // namespace hocket::internal
