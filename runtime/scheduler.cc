#include "runtime/scheduler.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <limits>
#include <thread>
#include <unordered_map>
#include <utility>

#include "hocket/errors.h"
#include "hocket/exception_group.h"
#include "runtime/inbox.h"
#include "runtime/lot_breaker.h"
#include "runtime/nursery_state.h"

namespace hocket::internal {

namespace {

// Paths name the cancellation of a scope as if its maker had spawned a task of this name.
constexpr const char* kCancelName = "cancel";

// Annotations name the user's code: the innermost frame that is not one of this library's combinators. Asked at every
// step of a run that is watched, mostly for the same few files: what was found is remembered by the address of a file's
// name, which is static.
bool IsLibraryCode(const std::source_location& location) noexcept {
  struct Seen {
    const char* file = nullptr;
    bool is_library = false;
  };
  static thread_local constinit std::array<Seen, 64> seen_files;
  const char* const file = location.file_name();
  Seen& seen = seen_files[(reinterpret_cast<std::uintptr_t>(file) * 0x9e3779b97f4a7c15u) >> 58];
  if (seen.file != file) seen = {file, std::strstr(file, "include/hocket/") != nullptr};
  return seen.is_library;
}

// A task that has just been started, as an observer sees it.
class NewlySpawned final : public SpawnedTask {
 public:
  NewlySpawned(const Scheduler& scheduler, const TaskState& task) noexcept : scheduler_(scheduler), task_(task) {}
  TaskId id() const noexcept override { return task_.id; }
  std::string Path() const override { return scheduler_.PathOf(task_); }

 private:
  const Scheduler& scheduler_;
  const TaskState& task_;
};

// Where a task stands in the user's code.
struct UserPlaces {
  std::source_location where;  // of the innermost frame
  std::source_location body;   // of the outermost one: the task's own body
};

UserPlaces UserPlacesOf(const Frame* leaf) noexcept {
  UserPlaces places;
  bool found = false;
  for (const Frame* frame = leaf; frame != nullptr; frame = frame->parent) {
    if (IsLibraryCode(frame->location)) continue;
    if (!std::exchange(found, true)) places.where = frame->location;
    places.body = frame->location;
  }
  if (!found && leaf != nullptr) places.where = places.body = leaf->location;
  return places;
}

std::source_location UserLocation(const Frame* leaf) noexcept {
  for (const Frame* frame = leaf; frame != nullptr; frame = frame->parent) {
    if (!IsLibraryCode(frame->location)) return frame->location;
  }
  return leaf == nullptr ? std::source_location() : leaf->location;
}

}  // namespace

// Runs one task until it parks again or ends. Frames are destroyed here and in what it calls and nowhere else, after
// the coroutine has suspended.
[[gnu::always_inline]] inline void Scheduler::Step(TaskState* task) noexcept {
  current_task_ = task;
  ++task->steps;
  if (!plain_) {
    if (observer_ != nullptr) NoteStep(*task);
    if (listener_ != nullptr && task->waiting != nullptr) task->waiting->TouchAtTurn();
  }
  // Unless it wants to be asked, the awaiter has a say only in what a cancellation does.
  {
    const ObservedStep observed;
    if ((task->asks || task->scope->effective()) && task->waiting != nullptr) [[unlikely]] {
      Turned(task, task->waiting->OnTurn(task->aborted));
    } else {
      task->waiting = nullptr;
      task->leaf->handle().resume();
    }
    last_task_ = task;
    if (step_goes_on_) GoOn(task);
  }
  if (observer_ != nullptr && last_task_ != nullptr) NoteParked(*task);
  current_task_ = nullptr;
}

// ---------------------------------------------------------------- a run

RunOutcome Scheduler::Run(MainBody main, const RunOptions& options) {
  HOCKET_CHECK(current_scheduler_ == nullptr) << "runs do not nest: await the body instead of running it";
  HOCKET_CHECK(options.chooser == nullptr || options.clock == ClockKind::kVirtual)
      << "an explored run needs RunOptions::clock = kVirtual: real time is not a decision that could be replayed";
  current_scheduler_ = this;
  options_ = options;
  chooser_ = options.chooser;
  observer_ = options.observer;
  plain_ = chooser_ == nullptr && observer_ == nullptr;
  keep_paths_ = !plain_;
  watches_cancellations_ = observer_ != nullptr && observer_->WatchesCancellations();
  now_ = Time{};
  if (options_.clock == ClockKind::kSystem) epoch_ = std::chrono::steady_clock::now();
  spawned_ = 0;
  steps_ = 0;
  stopped_ = false;
  if (options_.max_steps == 0) options_.max_steps = std::numeric_limits<std::uint64_t>::max();
  if (chooser_ == nullptr) options_.suffix = nullptr;
  max_steps_ = options_.suffix == nullptr ? options_.max_steps : std::min(options_.max_steps, options_.suffix_after);
  never_awaited_.clear();
  left_behind_.clear();
  left_behind_allowed_ = false;
  last_task_ = nullptr;
  last_step_ = {kMainId, "start"};
  if (alternatives_.empty()) alternatives_.push_back(nullptr);

  ObservedRun observed(*this, chooser_ != nullptr);
  root_scope_ = Ref<ScopeState>(new ScopeState());
  TaskState* task = NewTask(nullptr, nullptr, AllocateBlock(sizeof(TaskState)), 0);
  root_scope_->Enter(task);
  if (chooser_ != nullptr) {
    chooser_->Begin(*this);
    if (chooser_->WantsAccesses()) listener_ = chooser_;
  }
  if (observer_ != nullptr) {
    observer_->OnBegin();
    observer_->OnSpawn(0, NewlySpawned(*this, *task));
  }
  current_task_ = task;
  try {
    const ObservedStep in_step;
    task->leaf = main.start(main.object);
    MakeReady(task);
  } catch (...) {
    failure_under_way_ = Failure::FromCurrentException();
    TaskEnded(task);
  }
  current_task_ = nullptr;

  RunOutcome outcome;
  outcome.kind = Loop();
  listener_ = nullptr;  // neither reports nor what is given up are part of a step
  observed.End();
  if (outcome.kind == RunOutcome::Kind::kCompleted && main_failure_) {
    outcome.kind = main_failure_.is_cancelled() ? RunOutcome::Kind::kCancelled : RunOutcome::Kind::kFailed;
  }
  outcome.failure = std::exchange(main_failure_, Failure());
  outcome.never_awaited = std::exchange(never_awaited_, {});
  outcome.left_behind = std::exchange(left_behind_, {});
  outcome.steps = steps_;
  outcome.ended_at = now();
  outcome.unfinished = Snapshots();
  if (outcome.kind == RunOutcome::Kind::kDeadlock) outcome.cycles = FindWaitCycles(outcome.unfinished);
  if (chooser_ != nullptr) {
    WithdrawAll();
    chooser_->End();
    if (options.decisions != nullptr) options.decisions->End();
  }

  if (observer_ != nullptr) observer_->OnEnd();

  const bool abandoned = task_count_ > 0;
  if (abandoned) Abandon();
  if (inbox_ != nullptr) {
    const std::vector<std::function<void()>> late = inbox_->Close();
    if (!abandoned) RunPosts(late);
    inbox_ = nullptr;
  }
  if (system_nursery_) {
    system_nursery_->Abandon();
    system_nursery_ = {};
  }
  if (!system_failures_.empty()) {
    if (outcome.failure) system_failures_.push_back(std::move(outcome.failure));
    outcome.kind = RunOutcome::Kind::kFailed;
    outcome.failure = Failure::FromGroup(
        ExceptionGroup("A system task or a posted function failed", std::exchange(system_failures_, {})));
  }
  timers_.Clear();
  offers_.clear();
  cancels_offered_ = 0;
  run_locals_ = nullptr;
  root_scope_ = {};
  // Handles are given out anew, so that they do not depend on earlier runs.
  alternatives_.resize(1);
  free_alternatives_.clear();
  chooser_ = nullptr;
  observer_ = nullptr;
  current_scheduler_ = nullptr;
  return outcome;
}

// The chooser's answer, written down.
inline AlternativeId Scheduler::Ask() noexcept {
  const AlternativeId id = chooser_->Pick();
  if (id == kStopRun) [[unlikely]] {
    stopped_ = true;
  } else if (options_.decisions != nullptr) {
    options_.decisions->picks.push_back(id);
  }
  return id;
}

// The task that has been picked; none if the run is given up instead.
inline TaskState* Scheduler::Take(AlternativeId id) noexcept {
  if (stopped_) [[unlikely]]
    return nullptr;
  if (id >= alternatives_.size() || alternatives_[id] == nullptr || alternatives_[id]->readiness != Readiness::kReady)
      [[unlikely]]
    DiePickedWrongly(id);
  TaskState* const task = alternatives_[id];
  chooser_->Removed(id, Removal::kPicked);
  task->readiness = Readiness::kNone;
  --ready_count_;
  ready_sum_ -= id;
  return task;
}

// The next task to step; none if something else happened instead: time passed, a scope was cancelled, or the chooser
// gave the run up.
[[gnu::always_inline]] inline TaskState* Scheduler::PickNext() noexcept {
  if (clock_offered_ || !timers_.empty()) OfferClock();
  if (clock_offered_ || !offers_.empty()) return PickAmongAll();
  return Take(ready_count_ > 1 ? Ask() : ready_sum_);
}

// One pass after another: let time and posts make tasks ready, then run some of them. This is the only place that
// decides who runs.
RunOutcome::Kind Scheduler::Loop() noexcept {
  // Reading the system clock costs more than a step, so its passes are batches; nobody can tell when exactly it is
  // read.
  if (options_.pass == PassLength::kBatch || options_.clock == ClockKind::kSystem) return LoopBatches();
  while (task_count_ > 0) {
    if (!timers_.empty()) ExpireTimers();
    if (ready_count_ == 0) {
      if (!WaitUntilReady() && !HandleDeadlock()) return RunOutcome::Kind::kDeadlock;
      if (stopped_) return RunOutcome::Kind::kStopped;
      continue;
    }
    if (steps_ >= max_steps_ && !StartSuffix()) return RunOutcome::Kind::kStepLimit;
    ++steps_;
    if (TaskState* const task = chooser_ == nullptr ? PopFirst() : PickNext()) {
      Step(task);
    } else if (stopped_) {
      return RunOutcome::Kind::kStopped;
    }
  }
  return RunOutcome::Kind::kCompleted;
}

RunOutcome::Kind Scheduler::LoopBatches() noexcept {
  while (task_count_ > 0) {
    if (inbox_ != nullptr && inbox_->has_posts()) RunPosts(inbox_->Take());
    if (!timers_.empty()) ExpireTimers();
    if (ready_count_ == 0) {
      if (!WaitUntilReady() && !HandleDeadlock()) return RunOutcome::Kind::kDeadlock;
      if (stopped_) return RunOutcome::Kind::kStopped;
      continue;
    }
    if (chooser_ == nullptr) {
      for (std::uint32_t left = ready_count_; left > 0; --left) {
        if (steps_ >= max_steps_ && !StartSuffix()) return RunOutcome::Kind::kStepLimit;
        ++steps_;
        Step(PopFirst());
      }
      continue;
    }
    in_batch_ = true;
    while (ready_count_ > 0) {
      if (steps_ >= max_steps_ && !StartSuffix()) return RunOutcome::Kind::kStepLimit;
      ++steps_;
      if (TaskState* const task = PickNext()) Step(task);  // time that passes in a batch takes no task's place in it
      if (stopped_) return RunOutcome::Kind::kStopped;
    }
    in_batch_ = false;
    while (!arrivals_.empty()) Offer(arrivals_.Pop());
  }
  return RunOutcome::Kind::kCompleted;
}

// No task can run: lets time pass or waits for a post. False if neither will ever make a task ready.
bool Scheduler::WaitUntilReady() {
  if (!settling_.empty()) {
    while (SettleAwaiter* settling = settling_.front()) {
      List<SettleAwaiter, SettleTag>::Remove(settling);
      Wake(settling->task());
    }
    return true;
  }
  const Time next = timers_.earliest();
  if (options_.clock == ClockKind::kVirtual) {
    if (next == kForever) return false;
    if (chooser_ != nullptr) {
      OfferClock();
      if (!offers_.empty() && CancelledWhileIdle()) return true;
    }
    JumpTo(next);
    return true;
  }
  const bool posts_may_come = inbox_ != nullptr && inbox_->open();
  if (next == kForever && !posts_may_come) return inbox_ != nullptr && inbox_->has_posts();
  constexpr auto kNever = std::chrono::steady_clock::time_point::max();
  auto until = kNever;
  if (next != kForever) until = std::min(next.time_since_epoch(), kNever - epoch_ - Duration(1)) + epoch_;
  if (observer_ != nullptr) observer_->OnIdle(next);
  if (inbox_ != nullptr) {
    inbox_->WaitUntil(until);
  } else {
    std::this_thread::sleep_until(until);
  }
  if (observer_ != nullptr) observer_->OnWoken();
  return true;
}

// Asks who was to be asked. False: nobody, or nobody knows a way out.
bool Scheduler::HandleDeadlock() {
  return options_.deadlock_handler != nullptr && options_.deadlock_handler->OnDeadlock();
}

void Scheduler::RunPosts(const std::vector<std::function<void()>>& jobs) noexcept {
  for (const std::function<void()>& job : jobs) {
    try {
      job();
    } catch (...) {
      SystemFailed(Failure::FromCurrentException());
    }
  }
}

void Scheduler::ExpireTimers() noexcept {
  if (timers_.empty()) return;
  const ObservedStep observed;
  const Time present = now();
  while (timers_.earliest() <= present && !timers_.empty()) timers_.Pop()->OnDeadline();
}

// No task can run, but time could pass: asks whether a scope is cancelled first.
bool Scheduler::CancelledWhileIdle() {
  if (!OfferCancellations()) return false;
  chooser_->Added(kClockAlternative);
  const AlternativeId id = Ask();
  if (stopped_) {
    chooser_->Removed(kClockAlternative, Removal::kWithdrawn);
    return true;
  }
  const bool time_passes = id == kClockAlternative;
  chooser_->Removed(kClockAlternative, time_passes ? Removal::kPicked : Removal::kDisabled);
  if (time_passes) {
    last_task_ = nullptr;
    last_step_ = {kClockTaskId, "Jump"};
    return false;
  }
  Cancelled(id);
  return true;
}

// What PickNext does where not only tasks can be picked.
TaskState* Scheduler::PickAmongAll() noexcept {
  const bool cancels = !offers_.empty() && OfferCancellations();
  const bool alone = !cancels && !clock_offered_ && ready_count_ == 1;
  const AlternativeId id = alone ? ready_sum_ : Ask();
  if (id == kClockAlternative && clock_offered_) {
    clock_offered_ = false;
    chooser_->Removed(id, Removal::kPicked);
    JumpTo(timers_.earliest());
    last_task_ = nullptr;
    last_step_ = {kClockTaskId, "Jump"};
    return nullptr;
  }
  if (cancels && OfferOf(id) != nullptr) {
    Cancelled(id);
    return nullptr;
  }
  return Take(id);
}

// Keeps the clock among the alternatives while time may pass and a deadline lies ahead.
void Scheduler::OfferClock() noexcept {
  const bool offer =
      options_.time_passes == TimePasses::kAnytime && ready_count_ > 0 && !timers_.empty() && timers_.earliest() > now_;
  if (offer == clock_offered_) return;
  clock_offered_ = offer;
  if (offer) {
    chooser_->Added(kClockAlternative);
  } else {
    chooser_->Removed(kClockAlternative, Removal::kDisabled);
  }
}

void Scheduler::OfferCancellation(ScopeState* scope) {
  if (chooser_ == nullptr || !options_.cancellations || abandoning_) return;
  TaskState* const maker = current_task();
  const std::uint32_t index = maker->extra().offers_made++;
  offers_.push_back({Ref<ScopeState>(scope), ExtendPath(maker->id, kCancelName, index), Ref<TaskState>(maker), index,
                     NewAlternative(nullptr), false});
}

// Keeps among the alternatives the cancellation of each scope that is active and not cancelled, and forgets the scopes
// that have been left. Says whether any can be cancelled now.
bool Scheduler::OfferCancellations() noexcept {
  for (std::size_t i = 0; i < offers_.size();) {
    CancelOffer& offer = offers_[i];
    const bool can_be = offer.scope->active() && !offer.scope->called();
    if (can_be != offer.offered) {
      // The chooser may ask what it is during both calls.
      if (can_be) {
        offer.offered = true;
        chooser_->Added(offer.alternative);
      } else {
        chooser_->Removed(offer.alternative, Removal::kDisabled);
        offer.offered = false;
      }
      cancels_offered_ += can_be ? 1 : -1;
    }
    if (!can_be && offer.scope->entered()) {
      offers_.erase(offers_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  return cancels_offered_ > 0;
}

const CancelOffer* Scheduler::OfferOf(AlternativeId id) const noexcept {
  for (const CancelOffer& offer : offers_) {
    if (offer.offered && offer.alternative == id) return &offer;
  }
  return nullptr;
}

// The chooser has picked the cancellation of a scope.
void Scheduler::Cancelled(AlternativeId id) noexcept {
  const CancelOffer* const offer = OfferOf(id);
  HOCKET_CHECK(offer != nullptr) << "the chooser picked alternative " << id
                                 << ", which cannot run: Pick must return one that was added and not removed";
  chooser_->Removed(id, Removal::kPicked);
  last_task_ = nullptr;
  last_step_ = {offer->id, "Cancel"};
  if (observer_ != nullptr) observer_->OnCancelFromOutside(Path(id));
  const Ref<ScopeState> scope = offer->scope;
  --cancels_offered_;
  offers_.erase(offers_.begin() + (offer - offers_.data()));
  const ObservedStep observed;  // for what the program's abort functions do
  scope->Cancel(CancelSource::kTest);
}

// The run is over: what could have run ceases to be an alternative.
void Scheduler::WithdrawAll() noexcept {
  if (ready_count_ > 0) {
    for (const TaskState* task : ReadyTasks()) chooser_->Removed(task->alternative, Removal::kWithdrawn);
  }
  if (std::exchange(clock_offered_, false)) chooser_->Removed(kClockAlternative, Removal::kWithdrawn);
  for (const CancelOffer& offer : offers_) {
    if (offer.offered) chooser_->Removed(offer.alternative, Removal::kWithdrawn);
  }
}

// Lets RunOptions::suffix answer from now on. False if the run has no further steps, or nobody to take them over.
bool Scheduler::StartSuffix() noexcept {
  Chooser* const suffix = std::exchange(options_.suffix, nullptr);
  if (suffix == nullptr || steps_ >= options_.max_steps) return false;
  max_steps_ = options_.max_steps;
  WithdrawAll();
  chooser_->End();
  options_.decisions = nullptr;
  chooser_ = suffix;
  listener_ = nullptr;
  offers_.clear();  // what may still come from outside would be no part of how the program ends by itself
  cancels_offered_ = 0;
  chooser_->Begin(*this);
  if (chooser_->WantsAccesses()) listener_ = chooser_;
  for (const TaskState* task : ReadyTasks()) chooser_->Added(task->alternative);
  return true;
}

void Scheduler::JumpTo(Time when) noexcept {
  Touch(kClockTaskId, AccessKind::kWrite);
  now_ = when;
  if (observer_ != nullptr) observer_->OnJump(when);
}

// ---------------------------------------------------------------- a step

// The outermost scope that is cancelled is told of: whether the task sees that is another question.
void Scheduler::NoteStep(const TaskState& task) noexcept {
  observer_->OnStep(task.spawn_number);
  if (!watches_cancellations_) return;
  const ScopeState* cancelled = nullptr;
  for (const ScopeState* scope = task.scope; scope != nullptr; scope = scope->parent()) {
    if (scope->called()) cancelled = scope;
  }
  if (cancelled != nullptr) observer_->OnCancelledStep(task.spawn_number, cancelled->id(), !task.scope->effective());
}

void Scheduler::NoteParked(const TaskState& task) noexcept {
  const UserPlaces places = UserPlacesOf(task.leaf);
  observer_->OnPark(task.spawn_number, task.waiting->operation(), places.where, places.body);
}

void Scheduler::Turned(TaskState* task, Turn turn) noexcept {
  if (turn == Turn::kAgain) return;
  task->waiting = nullptr;
  task->aborted = task->asks = false;
  if (turn == Turn::kUnwind) {
    unwind_ = task->scope->cancellation();
    HOCKET_CHECK(unwind_) << PathOf(*task) << " unwinds from a scope that nobody cancelled";
    step_goes_on_ = true;
  } else {
    task->leaf->handle().resume();
  }
}

// The rest of a step after the coroutine has suspended, if there is any.
void Scheduler::GoOn(TaskState* task) noexcept {
  if (!root_finished_) [[unlikely]]
    GoOnResuming(task);
  step_goes_on_ = false;
  if (!root_finished_) return;
  root_finished_ = false;
  last_task_ = nullptr;
  last_step_ = {task->id, "exit"};
  if (Frame* const root = std::exchange(ended_root_, nullptr)) root->handle().destroy();
  TaskEnded(task);
}

void Scheduler::GoOnResuming(TaskState* task) noexcept {
  for (;;) {
    if (next_) {
      std::exchange(next_, nullptr).resume();
    } else if (unwind_) {
      if (Frame* captor = Unwind(task, std::exchange(unwind_, Failure()))) captor->handle().resume();
    } else {
      return;
    }
  }
}

// A group of nothing but cancellations has been thrown out of `frame`.
bool Scheduler::UnwindIfCancelled(Frame& frame) noexcept {
  if (!failure_under_way_.is_cancelled()) return false;
  RequestUnwind(frame, TakeFailureUnderWay());
  return true;
}

// Destroys frames from the leaf on, up to the nearest one whose awaiter captures, and gives that awaiter's frame; none
// if the task has ended.
Frame* Scheduler::Unwind(TaskState* task, Failure cancellation) noexcept {
  unwinding_ = true;
  Frame* frame = task->leaf;
  for (;;) {
    Frame* const parent = frame->parent;
    const bool captured = frame->captures;
    DestroyFrame(frame);
    if (captured) {
      unwinding_ = false;
      failure_under_way_ = std::move(cancellation);
      return parent;
    }
    if (parent == nullptr) break;
    frame = parent;
  }
  unwinding_ = false;
  root_finished_ = true;
  failure_under_way_ = std::move(cancellation);
  return nullptr;
}

// What others can tell of a task that has come to its end, whatever end.
[[gnu::always_inline]] inline void Scheduler::MarkEnded(TaskState* task) noexcept {
  Touch(task->id, AccessKind::kExit);
  task->ended = true;
  task->waiting = nullptr;
  if (task->extras == nullptr) [[likely]]
    return;
  task->extras->locals = nullptr;
  while (LotBreaker* breaker = task->extras->breakers.front()) {
    ParkingLot& lot = breaker->lot();
    delete breaker;
    lot.Break();
  }
}

// The callable of a task and its arguments, when the task has ended.
void Scheduler::DestroyClosure(TaskState* task) noexcept {
  if (task->closure != nullptr) std::exchange(task->closure, nullptr)->destroy(task->block());
}

// With the failure that is under way, if there is one.
void Scheduler::TaskEnded(TaskState* task) noexcept {
  if (task->closure != nullptr) {
    unwinding_ = failure_under_way_.is_cancelled();  // the callable and its arguments are unwound with the frames
    DestroyClosure(task);
    unwinding_ = false;
  }
  NoteFreed(task->block(), task->closure_bytes);
  ScopeState::Move(task, nullptr);
  MarkEnded(task);
  {
    const Quiet quiet;
    if (observer_ != nullptr) observer_->OnExit(task->spawn_number, failure_under_way_);
    alternatives_[task->alternative] = nullptr;
    free_alternatives_.push_back(task->alternative);
  }
  --task_count_;
  if (NurseryState* const nursery = std::exchange(task->nursery, nullptr)) {
    if (failure_under_way_) [[unlikely]]
      nursery->ChildFails(TakeFailureUnderWay());
    nursery->ChildEnded();
  } else {
    main_failure_ = TakeFailureUnderWay();
    if (system_nursery_) system_nursery_->Cancel(CancelSource::kShutdown);
  }
  ReleaseTask(task);
}

// ---------------------------------------------------------------- operations

void Scheduler::DieOutsideRun() noexcept {
  HOCKET_CHECK(current_scheduler_ != nullptr) << "this needs a run: call it from a task inside hocket::Run";
  std::abort();
}
void Scheduler::DieOutsideTask() noexcept {
  HOCKET_CHECK(Current().current_task_ != nullptr) << "this needs a task: it was called from a posted function";
  std::abort();
}
void Scheduler::DiePickedWrongly(AlternativeId id) noexcept {
  HOCKET_CHECK(id != kClockAlternative) << "the chooser picked the clock, which was not an alternative";
  HOCKET_CHECK(false) << "the chooser picked alternative " << id
                      << ", which cannot run: Pick must return one that was added and not removed";
  std::abort();
}
void Scheduler::DieWokenTwice(const TaskState& task) const noexcept {
  HOCKET_CHECK(!task.ready()) << PathOf(task) << " is woken twice: a wait ends exactly once";
  std::abort();
}

void Scheduler::RemoveShields() noexcept {
  for (const TaskState* task : Living()) {
    for (ScopeState* scope = task->scope; scope != nullptr; scope = scope->parent()) scope->set_shield(false);
  }
}

void Scheduler::NoteNeverAwaited(const Frame& frame) noexcept {
  constexpr std::size_t kEnough = 16;
  if (OnTheWayOut() || never_awaited_.size() == kEnough) return;
  never_awaited_.push_back(frame.location);
}

void Scheduler::NoteCancelled(TaskState* task) noexcept {
  const Quiet quiet;
  if (observer_ != nullptr) observer_->OnCancel(task->spawn_number);
}

void Scheduler::RequestUnwind(Frame& frame, Failure cancellation) noexcept {
  current_task()->leaf = &frame;
  unwind_ = std::move(cancellation);
  step_goes_on_ = true;
}

#if HOCKET_OBSERVE
ObjectId Scheduler::NewMemoryBlock() noexcept {
  return current_task_ == nullptr ? 0 : Mix(current_task_->id ^ kBlockSalt, ++current_task_->blocks_made);
}

void Scheduler::TouchMemory(const Access& access) noexcept {
  if (steps_ > 0) Touch(access);  // the call that makes the main task is not a part of a step
}
#endif

std::uint32_t Scheduler::Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept {
  if (chooser_ == nullptr || abandoning_ || n < 2) return 0;
  const Quiet quiet;
  const std::uint32_t value = chooser_->Draw(n, label, kind);
  HOCKET_CHECK(value < n) << "the chooser drew " << value << " for '" << label << "', which has values below " << n;
  if (options_.decisions != nullptr) options_.decisions->draws.push_back(value);
  if (observer_ != nullptr) observer_->OnDraw(label, value);
  return value;
}

Time Scheduler::now() const noexcept {
  if (options_.clock == ClockKind::kVirtual) return now_;
  return Time{} + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - epoch_);
}

std::shared_ptr<Inbox> Scheduler::inbox() {
  if (inbox_ == nullptr) inbox_ = std::make_shared<Inbox>();
  return inbox_;
}

void Scheduler::MakeKnownReady(TaskState* task) noexcept {
  if (observer_ != nullptr) {
    const Quiet quiet;
    observer_->OnReady(task->spawn_number);
  }
  if (chooser_ == nullptr) {
    task->readiness = Readiness::kReady;
    ++ready_count_;
    fifo_.Push(task);
  } else if (in_batch_) {
    task->readiness = Readiness::kArrived;
    arrivals_.Push(task);
  } else {
    Offer(task);
  }
}

// ---------------------------------------------------------------- tasks

NurseryState* Scheduler::system_nursery() {
  if (!system_nursery_) system_nursery_ = Ref<NurseryState>(new NurseryState(*root_scope_));
  return system_nursery_.get();
}

// A cancellation that leaves one is none of its own: the run shuts down.
void Scheduler::SystemFailed(Failure failure) noexcept {
  if (failure.is_cancelled()) return;
  root_scope_->Cancel(CancelSource::kNursery, {}, {}, failure);
  system_failures_.push_back(std::move(failure));
}

inline AlternativeId Scheduler::NewAlternative(TaskState* task) {
  if (free_alternatives_.empty()) {
    alternatives_.push_back(task);
    return static_cast<AlternativeId>(alternatives_.size() - 1);
  }
  const AlternativeId id = free_alternatives_.back();
  free_alternatives_.pop_back();
  alternatives_[id] = task;
  return id;
}

// In `room`, behind its closure.
[[gnu::always_inline]] inline TaskState* Scheduler::NewTask(TaskState* spawner, const char* name, void* room,
                                                            std::size_t closure_bytes) {
  const Quiet quiet;
  TaskState* const task = new (room) TaskState;  // with (), all of it would be set to zero first
  task->closure_bytes = static_cast<std::uint32_t>(closure_bytes);
  task->spawn_number = spawned_++;
  task->name = name;
  if (spawner == nullptr) {
    task->id = task->spawn_number == 0 ? kMainId : Mix(kOutsideId, task->spawn_number);  // spawned by a posted function
  } else {
    std::uint32_t* count = &spawner->unnamed_spawned;
    if (name != nullptr) {
      NameCount*& first = spawner->extra().spawned_by_name;
      NameCount* entry = first;
      while (entry != nullptr && std::strcmp(entry->name, name) != 0) entry = entry->next;
      if (entry == nullptr) entry = first = new (AllocateBlock(sizeof(NameCount))) NameCount{name, 0, first};
      count = &entry->count;
    }
    task->path_index = (*count)++;
    task->id = ExtendPath(spawner->id, name == nullptr ? std::string_view() : std::string_view(name), task->path_index);
    if (spawner->extras != nullptr && spawner->extras->locals != nullptr)
      task->extra().locals = spawner->extras->locals;
    if (keep_paths_) {
      task->spawner = spawner;
      ++spawner->references;
    }
  }
  task->alternative = NewAlternative(task);
  ++task_count_;
  return task;
}

namespace {

void CheckName(const char* name) noexcept {
  HOCKET_CHECK(*name != '\0' && std::strchr(name, '/') == nullptr)
      << "'" << name << "' cannot name a task: the name is an element of a path, so it is not empty and has no '/'";
}

void DropClosure(void* closure, const ClosureType& type) noexcept {
  if (type.destroy != nullptr) type.destroy(closure);
  FreeBlock(closure, TaskState::ClosureRoom(type.size) + sizeof(TaskState));
}

}  // namespace

void* AllocateClosure(std::size_t size) { return AllocateBlock(TaskState::ClosureRoom(size) + sizeof(TaskState)); }

[[gnu::always_inline]] inline void Scheduler::Spawn(NurseryState* nursery, const char* name, void* closure,
                                                    const ClosureType& type) {
  Frame* root = nullptr;
  try {
    root = type.call(closure);
  } catch (...) {
    DropClosure(closure, type);
    throw;
  }
  const std::size_t closure_bytes = TaskState::ClosureRoom(type.size);
  TaskState* const task = NewTask(current_task_, name, static_cast<char*>(closure) + closure_bytes, closure_bytes);
  task->leaf = root;
  if (type.destroy != nullptr) task->closure = &type;
  task->nursery = nursery;
  nursery->ChildStarted();
  nursery->Add(task);
  if (observer_ != nullptr) {
    const Quiet quiet;
    observer_->OnSpawn(task->spawn_number, NewlySpawned(*this, *task));
    observer_->OnJoin(task->spawn_number, nursery->scope()->id());
  }
  MakeReady(task);
}

void Spawn(NurseryState* nursery, const char* name, void* closure, const ClosureType& type) {
  // In a run that is given up the nursery may be gone already, and the task would never run.
  if (Scheduler::InRun() && Scheduler::Current().abandoning()) [[unlikely]]
    return DropClosure(closure, type);
  if (Scheduler::InRun() && Scheduler::Current().wants_accesses()) nursery->TouchClosed();
  if (nursery->closed()) [[unlikely]] {
    DropClosure(closure, type);
    throw MisuseError("the nursery is closed to new tasks: its body and all its tasks have ended");
  }
  if (name != nullptr) CheckName(name);
  Scheduler::Current().Spawn(nursery, name, closure, type);
}

// All tasks, in spawn order.
TaskList Scheduler::Living() const {
  TaskList living;
  living.reserve(task_count_);
  for (const TaskState* task : alternatives_) {
    if (task != nullptr) living.push_back(task);
  }
  std::sort(living.begin(), living.end(),
            [](const TaskState* a, const TaskState* b) { return a->spawn_number < b->spawn_number; });
  return living;
}

// Those that the chooser may pick, in the order of becoming ready.
TaskList Scheduler::ReadyTasks() const {
  TaskList ready;
  for (const TaskState* task : alternatives_) {
    if (task != nullptr && task->readiness == Readiness::kReady) ready.push_back(task);
  }
  std::sort(ready.begin(), ready.end(),
            [](const TaskState* a, const TaskState* b) { return a->ready_since < b->ready_since; });
  return ready;
}

// No recursion: a task may be the ten-thousandth of a chain in which each has started the next.
std::string Scheduler::PathOf(const TaskState& task) const {
  std::vector<const TaskState*> line;
  for (const TaskState* member = &task; member != nullptr; member = member->spawner) line.push_back(member);
  std::string path;
  for (; !line.empty(); line.pop_back()) {
    const TaskState& member = *line.back();
    if (member.spawn_number == 0) {
      path = "main";
      continue;
    }
    // Without the spawners, the spawn number has to do.
    path += (path.empty() ? "#" + std::to_string(member.spawn_number) : "") + "/";
    if (member.name != nullptr) path += std::string(member.name) + ".";
    path += std::to_string(member.path_index);
  }
  return path;
}

// Gives the run up: every frame is destroyed, leaf first and the youngest task first, so that tasks go before the owner
// of their nursery. No coroutine is resumed, no cleanup runs but destructors; what these wake stays asleep, and what
// they start is dropped.
void Scheduler::Abandon() noexcept {
  abandoning_ = unwinding_ = true;
  observer_ = nullptr;
  for (TaskList living = Living(); !living.empty(); living.pop_back()) {
    TaskState* const task = alternatives_[living.back()->alternative];
    current_task_ = task;
    task->abortable = false;  // the awaiter goes with the leaf
    while (Frame* const frame = task->leaf) {
      task->leaf = frame->parent;
      DestroyFrame(frame);
    }
    DestroyClosure(task);
    MarkEnded(task);
    alternatives_[task->alternative] = nullptr;
    if (task->nursery != nullptr) task->nursery->ChildAbandoned();
    List<TaskState, ScopeTag>::Remove(task);
    --task_count_;
    ReleaseTask(task);
  }
  fifo_.Clear();
  arrivals_.Clear();
  ready_count_ = ready_sum_ = 0;
  current_task_ = nullptr;
  in_batch_ = false;
  abandoning_ = unwinding_ = false;
}

// ---------------------------------------------------------------- reports

Standing Scheduler::LastStep() const noexcept {
  if (last_task_ == nullptr) return last_step_;
  return {last_task_->id, last_task_->waiting == nullptr ? "" : last_task_->waiting->operation()};
}

AlternativeInfo Scheduler::Describe(AlternativeId id) const noexcept {
  AlternativeInfo info;
  if (id == kClockAlternative) {
    info.kind = AlternativeKind::kClock;
    info.spawn_number = std::numeric_limits<std::uint32_t>::max();
    info.standing = {kClockTaskId, "Jump"};
    info.declared = {.object = kClockTaskId, .kind = AccessKind::kWrite};
    return info;
  }
  if (alternatives_[id] == nullptr) {
    const CancelOffer* const offer = OfferOf(id);
    HOCKET_CHECK(offer != nullptr) << "there is no alternative " << id;
    info.kind = AlternativeKind::kCancel;
    info.spawn_number = std::numeric_limits<std::uint32_t>::max();
    info.standing = {offer->id, "Cancel"};
    info.declared = {.object = offer->scope->id(), .kind = AccessKind::kWrite};
    return info;
  }
  const TaskState& task = *alternatives_[id];
  info.standing = {task.id, task.waiting == nullptr ? "start" : task.waiting->operation()};
  info.spawn_number = task.spawn_number;
  if (task.waiting != nullptr) info.declared = task.waiting->declared();
  return info;
}

AlternativeOwner Scheduler::Owner(AlternativeId id) const noexcept {
  if (const TaskState* const task = alternatives_[id]) return {task->id, task->spawn_number, AlternativeKind::kTask};
  return Executor::Owner(id);
}

Access Scheduler::Declared(AlternativeId id) const noexcept {
  const TaskState* const task = alternatives_[id];
  if (task == nullptr) return Executor::Declared(id);
  return task->waiting != nullptr ? task->waiting->declared() : Access();
}

std::source_location Scheduler::Location(AlternativeId id) const noexcept {
  const TaskState* const task = alternatives_[id];
  return task == nullptr || task->waiting == nullptr ? std::source_location() : UserLocation(task->leaf);
}

std::string Scheduler::Path(AlternativeId id) const {
  if (id == kClockAlternative) return "clock";
  if (alternatives_[id] != nullptr) return PathOf(*alternatives_[id]);
  const CancelOffer* const offer = OfferOf(id);
  HOCKET_CHECK(offer != nullptr) << "there is no alternative " << id;
  return PathOf(*offer->maker) + "/" + kCancelName + "." + std::to_string(offer->index);
}

// Between two steps, all frames are at rest; inside one, those of its task are not, from where it begins to go on.
bool Scheduler::FramesRest(const TaskState& task) const noexcept {
  return &task != current_task_ || task.waiting != nullptr;
}

TaskSnapshot Scheduler::Snapshot(const TaskState& task, const TaskList& living) const {
  TaskSnapshot snapshot;
  snapshot.path = PathOf(task);
  snapshot.spawn_number = task.spawn_number;
  snapshot.cancelled = task.scope->effective();
  snapshot.deadline = task.scope->EffectiveDeadline();
  if (&task == current_task_) {
    snapshot.operation = "running";
  } else {
    snapshot.operation = task.waiting == nullptr ? "start" : task.waiting->operation();
    snapshot.ready = task.ready();
    if (task.waiting != nullptr && !task.ready()) {
      TaskList holders;
      task.waiting->AppendHolders(living, holders);
      for (const TaskState* holder : holders) snapshot.held_by.push_back(holder->spawn_number);
    }
  }
  if (!FramesRest(task)) return snapshot;
  for (const Frame* frame = task.leaf; frame != nullptr; frame = frame->parent) {
    snapshot.where.push_back(frame->location);
  }
  return snapshot;
}

std::vector<TaskSnapshot> Scheduler::Snapshots() noexcept {
  std::vector<TaskSnapshot> snapshots;
  if (task_count_ == 0) return snapshots;
  const Quiet quiet;
  // Who only looks has touched nothing.
  Chooser* const listener = std::exchange(listener_, nullptr);
  // By nursery: which of its owner's scopes it is. Owners come before their children in spawn order, but a nursery may
  // take over the children of another one, so that they are looked up when all are known.
  std::unordered_map<const ScopeState*, std::size_t> nurseries;
  const TaskList living = Living();
  for (const TaskState* task : living) {
    TaskSnapshot& snapshot = snapshots.emplace_back(Snapshot(*task, living));
    std::vector<const ScopeState*> scopes;
    const ScopeState* const around = task->nursery != nullptr ? task->nursery->scope() : root_scope_.get();
    for (const ScopeState* scope = task->scope; scope != nullptr && scope != around; scope = scope->parent()) {
      scopes.push_back(scope);
    }
    std::reverse(scopes.begin(), scopes.end());
    for (const ScopeState* scope : scopes) {
      if (scope->is_nursery()) nurseries.emplace(scope, snapshot.scopes.size());
      snapshot.scopes.push_back(scope->Snapshot());
    }
  }
  for (std::size_t i = 0; i < living.size(); ++i) {
    const TaskState* const task = living[i];
    if (task->nursery == nullptr || task->nursery->owner() == nullptr) continue;
    snapshots[i].parent = task->nursery->owner()->spawn_number;
    const auto nursery = nurseries.find(task->nursery->scope());
    if (nursery != nurseries.end()) snapshots[i].nursery = nursery->second;
  }
  listener_ = listener;
  return snapshots;
}

RunStatistics Scheduler::Statistics() const noexcept {
  RunStatistics statistics;
  statistics.tasks_living = task_count_;
  for (const TaskState* task : alternatives_) {
    if (task != nullptr && task->ready()) ++statistics.tasks_ready;
  }
  statistics.steps = steps_;
  statistics.next_deadline = timers_.earliest();
  if (inbox_ != nullptr) statistics.posts_pending = inbox_->pending();
  return statistics;
}

}  // namespace hocket::internal
