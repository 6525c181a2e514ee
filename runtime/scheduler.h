// The run loop and the state of a run.
#ifndef HOCKET_RUNTIME_SCHEDULER_H_
#define HOCKET_RUNTIME_SCHEDULER_H_

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "hocket/check.h"
#include "hocket/run.h"
#include "hocket/settle.h"
#include "runtime/hash.h"
#include "runtime/nursery_state.h"
#include "runtime/observed.h"
#include "runtime/scope_state.h"
#include "runtime/task_state.h"
#include "runtime/timer_heap.h"

namespace hocket::internal {

class Inbox;

// A scope that the chooser may cancel at any time: an alternative of its own while the scope is active.
struct CancelOffer {
  Ref<ScopeState> scope;
  TaskId id = 0;  // as if `maker` had spawned a task of the name "cancel"
  Ref<TaskState> maker;
  std::uint32_t index = 0;  // among those that it made
  AlternativeId alternative = 0;
  bool offered = false;
};

// Owns everything about a run. Its memory outlives the run and serves the next one.
class Scheduler final : public Executor {
 public:
  // The scheduler of the run that this thread is in. REQUIRES: there is one.
  static Scheduler& Current() noexcept {
    if (current_scheduler_ == nullptr) [[unlikely]]
      DieOutsideRun();
    return *current_scheduler_;
  }
  static bool InRun() noexcept { return current_scheduler_ != nullptr; }

  RunOutcome Run(MainBody main, const RunOptions& options);

  // ---- For the operations of the runtime.

  // The task whose step is under way. REQUIRES: there is one.
  TaskState* current_task() const noexcept {
    if (current_task_ == nullptr) [[unlikely]]
      DieOutsideTask();
    return current_task_;
  }
  bool has_current_task() const noexcept { return current_task_ != nullptr; }

  // Parks the current task at `leaf` in `awaiter`, until Wake or a cancellation (if `abortable`; one that is pending
  // ends the wait at once).
  void Park(Frame& leaf, Awaiter& awaiter, bool abortable) noexcept {
    TaskState* const task = current_task();
    awaiter.task_ = task;
    task->leaf = &leaf;
    task->waiting = &awaiter;
    task->abortable = abortable;
    task->cancel_points += abortable ? 1 : 0;
    if (!abortable) return;
    if (listener_ != nullptr) [[unlikely]]
      task->scope->TouchRead();
    if (task->scope->effective()) [[unlikely]]
      ScopeState::Deliver(task);
  }
  // Parks the current task and makes it ready again: a schedule point.
  void ParkReady(Frame& leaf, Awaiter& awaiter, bool cancel_point) noexcept {
    Park(leaf, awaiter, false);
    awaiter.task_->cancel_points += cancel_point ? 1 : 0;
    MakeReady(awaiter.task_);
  }
  // Leaves a task whose turn it was parked, until Wake or a cancellation.
  void WaitOn(TaskState* task) noexcept {
    task->abortable = true;
    task->scope->TouchRead();
    ScopeState::Deliver(task);
  }
  // Ends the wait of a parked task. REQUIRES: it has not been ended yet.
  void Wake(TaskState* task) noexcept {
    if (abandoning_) return;
    task->abortable = false;
    MakeReady(task);
  }

  // The task of a frame that never ran is dropped; an error of the program, unless it happens on the way out.
  void NoteNeverAwaited(const Frame& frame) noexcept;
  // Notes of primitives that are destroyed: see left_behind.h. None of them on the way out.
  void NoteWaiterLeft(const TaskState& first, std::size_t count) noexcept;
  void NoteLockLeft(const TaskState& owner, const std::source_location& made_at) noexcept;
  void NotePermitsLeft(const char* primitive, std::uint64_t count, const char* noun, const char* state,
                       const std::source_location& made_at) noexcept;
  void NotePermitsFromNowOn() noexcept { options_.note_permits = true; }
  void NoteNothingLeftFromNowOn() noexcept { left_behind_allowed_ = true; }
  // A cancellation has ended the wait of `task`, or is about to.
  void NoteCancelled(TaskState* task) noexcept;
  // Makes the current task unwind from `frame` when its coroutine has suspended.
  void RequestUnwind(Frame& frame, Failure cancellation) noexcept;
  // Makes the run loop go on with `next` in the step under way.
  void RequestResume(std::coroutine_handle<> next) noexcept {
    next_ = next;
    step_goes_on_ = true;
  }
  void RootFinished(Frame& frame) noexcept {
    ended_root_ = &frame;
    root_finished_ = true;
    step_goes_on_ = true;
  }
  // A failure on its way from the frame whose body has ended to who goes on with its awaiter.
  void SetFailureUnderWay(Failure failure) noexcept { failure_under_way_ = std::move(failure); }
  Failure TakeFailureUnderWay() noexcept { return std::exchange(failure_under_way_, Failure()); }
  bool UnwindIfCancelled(Frame& frame) noexcept;

  // The nursery of the system tasks.
  NurseryState* system_nursery();
  // A system task or a posted function has failed: the run fails.
  void SystemFailed(Failure failure) noexcept;
  void Spawn(NurseryState* nursery, const char* name, void* closure, const ClosureType& type);

  // The identity of an object that is being made.
  ObjectId NewObject() noexcept {
    return keep_paths_ && current_task_ != nullptr ? Mix(current_task_->id ^ kObjectSalt, ++current_task_->objects_made)
                                                   : 0;
  }
#if HOCKET_OBSERVE
  // The same for a block of memory. Counted apart, so that objects have the same identities in every build.
  ObjectId NewMemoryBlock() noexcept;
  void TouchMemory(const Access& access) noexcept;
#endif
  bool wants_accesses() const noexcept { return listener_ != nullptr; }
  // What a step touches is told to a chooser that wants it. Everything that one task can notice of another must pass
  // here, or a search takes orders for equal that are not.
  void Touch(const Access& access) noexcept {
    if (listener_ == nullptr) [[likely]]
      return;
    const Quiet quiet;
    listener_->Touched(access);
  }
  void Touch(ObjectId object, AccessKind kind) noexcept { Touch({.object = object, .kind = kind}); }
  // Inside a run; outside of one nobody listens.
  static void TouchIfInRun(ObjectId object, AccessKind kind) noexcept {
    if (InRun()) Current().Touch(object, kind);
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept;
  // Who of `waiting` tasks is woken: 0 is who came first.
  std::uint32_t DrawWake(std::size_t waiting) noexcept {
    if (options_.wake_order == WakeOrder::kFirst || waiting < 2) return 0;
    return Draw(static_cast<std::uint32_t>(waiting), "wake", DrawKind::kWake);
  }

  // Makes the cancellation of `scope` an alternative, whenever it would change something.
  void OfferCancellation(ScopeState* scope);

  // Takes the shields off all active scopes: the last resort of who must end a run by cancelling it.
  void RemoveShields() noexcept;
  // Wakes `awaiter` when nothing can run.
  void Settle(SettleAwaiter* awaiter) noexcept { settling_.PushBack(awaiter); }

  std::shared_ptr<Locals>& run_locals() noexcept { return run_locals_; }
  TimerHeap& timers() noexcept { return timers_; }
  Time now() const noexcept override;
  bool unwinding() const noexcept { return unwinding_; }
  // The run is being given up: frames are destroyed, nothing is resumed any more.
  bool abandoning() const noexcept { return abandoning_; }
  const RunOptions& options() const noexcept { return options_; }
  // None if nobody listens.
  Observer* observer() const noexcept { return observer_; }
  std::shared_ptr<Inbox> inbox();

  // ---- For reports.
  std::string PathOf(const TaskState& task) const;
  // Counts as no access; whoever lets the program see it must touch what it shows.
  std::vector<TaskSnapshot> Snapshots() noexcept;
  RunStatistics Statistics() const noexcept;

  // ---- For the chooser.
  AlternativeInfo Describe(AlternativeId id) const noexcept override;
  AlternativeOwner Owner(AlternativeId id) const noexcept override;
  Access Declared(AlternativeId id) const noexcept override;
  std::source_location Location(AlternativeId id) const noexcept override;
  Standing LastStep() const noexcept override;
  std::string Path(AlternativeId id) const override;

 private:
  static constexpr AlternativeId kClockAlternative = 0;

  RunOutcome::Kind Loop() noexcept;
  RunOutcome::Kind LoopBatches() noexcept;
  bool WaitUntilReady();
  bool HandleDeadlock();
  void RunPosts(const std::vector<std::function<void()>>& jobs) noexcept;
  void ExpireTimers() noexcept;
  TaskState* PickNext() noexcept;
  TaskState* PickAmongAll() noexcept;
  AlternativeId Ask() noexcept;
  TaskState* Take(AlternativeId id) noexcept;
  void OfferClock() noexcept;
  bool OfferCancellations() noexcept;
  void Cancelled(AlternativeId id) noexcept;
  const CancelOffer* OfferOf(AlternativeId id) const noexcept;
  bool CancelledWhileIdle();
  AlternativeId NewAlternative(TaskState* task);
  void WithdrawAll() noexcept;
  bool StartSuffix() noexcept;
  void NoteLeftBehind(std::string what, const std::source_location& where);
  bool OnTheWayOut() const noexcept;
  void JumpTo(Time when) noexcept;
  void Step(TaskState* task) noexcept;
  void NoteStep(const TaskState& task) noexcept;
  void NoteParked(const TaskState& task) noexcept;
  void Turned(TaskState* task, Turn turn) noexcept;
  void GoOn(TaskState* task) noexcept;
  void GoOnResuming(TaskState* task) noexcept;
  Frame* Unwind(TaskState* task, Failure cancellation) noexcept;
  void MarkEnded(TaskState* task) noexcept;
  void TaskEnded(TaskState* task) noexcept;

  [[gnu::always_inline]] void MakeReady(TaskState* task) noexcept {
    if (task->ready()) [[unlikely]]
      DieWokenTwice(*task);
    if (!plain_) return observer_ == nullptr && !in_batch_ ? Offer(task) : MakeKnownReady(task);
    task->readiness = Readiness::kReady;
    ++ready_count_;
    fifo_.Push(task);
  }
  void MakeKnownReady(TaskState* task) noexcept;
  void Offer(TaskState* task) noexcept {
    const Quiet quiet;
    task->readiness = Readiness::kReady;
    ++ready_count_;
    ready_sum_ += task->alternative;
    task->ready_since = ++ready_order_;
    chooser_->Added(task->alternative);
  }
  TaskState* PopFirst() noexcept {
    TaskState* const task = fifo_.Pop();
    task->readiness = Readiness::kNone;
    --ready_count_;
    return task;
  }
  // Out of line, because they are a failing CHECK in functions that are called millions of times.
  [[noreturn]] static void DieOutsideRun() noexcept;
  [[noreturn]] static void DieOutsideTask() noexcept;
  [[noreturn]] static void DiePickedWrongly(AlternativeId id) noexcept;
  [[noreturn]] void DieWokenTwice(const TaskState& task) const noexcept;
  TaskState* NewTask(TaskState* spawner, const char* name, void* room, std::size_t closure_bytes);
  static void DestroyClosure(TaskState* task) noexcept;
  TaskList Living() const;
  TaskList ReadyTasks() const;
  void Abandon() noexcept;
  TaskSnapshot Snapshot(const TaskState& task, const TaskList& living) const;
  bool FramesRest(const TaskState& task) const noexcept;

  // Set by Run, read by Current and InRun. The only thing about a run that is not in an object that somebody owns.
  static inline constinit thread_local Scheduler* current_scheduler_ = nullptr;

  RunOptions options_;
  Chooser* chooser_ = nullptr;
  Chooser* listener_ = nullptr;  // the same, if it wants to be told of accesses
  Observer* observer_ = nullptr;
  bool plain_ = true;                   // there is neither chooser nor observer
  bool keep_paths_ = false;             // tasks remember who spawned them
  bool watches_cancellations_ = false;  // the observer does

  // What may be picked. A chooser keeps a set of its own of that, so that of many nothing else need be known, and of
  // one the sum tells which it is.
  std::uint32_t ready_count_ = 0;
  std::uint64_t ready_order_ = 0;  // between the two, or compilers load both at once, which waits for separate stores
  AlternativeId ready_sum_ = 0;
  TaskQueue fifo_;      // without a chooser
  TaskQueue arrivals_;  // ready, but not before the next pass (batches only)
  bool in_batch_ = false;

  List<SettleAwaiter, SettleTag> settling_;

  std::size_t task_count_ = 0;
  std::uint32_t spawned_ = 0;
  std::vector<TaskState*> alternatives_;  // all tasks, by AlternativeId; the slots of other alternatives are empty
  std::vector<AlternativeId> free_alternatives_;

  TaskState* current_task_ = nullptr;
  std::coroutine_handle<> next_;  // to be resumed in the step under way
  Failure failure_under_way_;
  Failure unwind_;               // to be unwound in the step under way, from the current task's leaf
  Frame* ended_root_ = nullptr;  // of the current task; none if it has been unwound
  bool root_finished_ = false;
  bool step_goes_on_ = false;  // any of the above is set
  bool unwinding_ = false;
  bool abandoning_ = false;

  TimerHeap timers_;
  Time now_;                                     // of a virtual clock
  std::chrono::steady_clock::time_point epoch_;  // of the system clock
  bool clock_offered_ = false;
  std::vector<CancelOffer> offers_;    // the scopes that may be cancelled from outside
  std::uint32_t cancels_offered_ = 0;  // how many of them are alternatives now
  bool stopped_ = false;               // by the chooser

  Ref<ScopeState> root_scope_;
  Ref<NurseryState> system_nursery_;  // once there has been a system task
  std::vector<Failure> system_failures_;
  Failure main_failure_;
  std::vector<std::source_location> never_awaited_;
  std::vector<LeftBehind> left_behind_;
  bool left_behind_allowed_ = false;
  std::shared_ptr<Inbox> inbox_;
  std::shared_ptr<Locals> run_locals_;
  std::uint64_t steps_ = 0;
  std::uint64_t max_steps_ = 0;
  TaskState* last_task_ =
      nullptr;  // that stepped last; none if it has ended or time passed, which last_step_ tells then
  Standing last_step_;
};

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_SCHEDULER_H_
