#include "runtime/scheduler.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <limits>
#include <thread>
#include <utility>

#include "runtime/hash.h"
#include "runtime/inbox.h"
#include "runtime/nursery_state.h"

namespace hocket::internal {

namespace {

// Annotations name the user's code: the innermost frame that is not one of this library's combinators.
bool IsLibraryCode(const std::source_location& location) noexcept {
  return std::strstr(location.file_name(), "include/hocket/") != nullptr;
}

std::source_location UserLocation(const Frame* leaf) noexcept {
  for (const Frame* frame = leaf; frame != nullptr; frame = frame->parent) {
    if (!IsLibraryCode(frame->location)) return frame->location;
  }
  return leaf == nullptr ? std::source_location() : leaf->location;
}

// The same of the outermost frame: the task's own body.
std::source_location BodyLocation(const Frame* leaf) noexcept {
  std::source_location body = UserLocation(leaf);
  for (const Frame* frame = leaf; frame != nullptr; frame = frame->parent) {
    if (!IsLibraryCode(frame->location)) body = frame->location;
  }
  return body;
}

}  // namespace

// ---------------------------------------------------------------- a run

RunOutcome Scheduler::Run(MainBody main, const RunOptions& options) {
  HOCKET_CHECK(current_scheduler_ == nullptr) << "runs do not nest: await the body instead of running it";
  HOCKET_CHECK(options.chooser == nullptr || options.clock == ClockKind::kVirtual)
      << "an explored run needs RunOptions::clock = kVirtual: real time is not a decision that could be replayed";
  current_scheduler_ = this;
  options_ = options;
  chooser_ = options.chooser;
  observer_ = options.observer;
  keep_paths_ = chooser_ != nullptr || observer_ != nullptr;
  now_ = Time{};
  if (options_.clock == ClockKind::kSystem) epoch_ = std::chrono::steady_clock::now();
  spawned_ = 0;
  steps_ = 0;
  last_step_ = {kMainId, "start"};
  if (alternatives_.empty()) alternatives_.push_back(nullptr);

  root_scope_ = Ref<ScopeState>(new ScopeState({}));
  TaskState* task = NewTask(nullptr, nullptr);
  root_scope_->Enter(task);
  if (chooser_ != nullptr) chooser_->Begin(*this);
  if (observer_ != nullptr) observer_->OnSpawn(0, "main");
  current_task_ = task;
  try {
    task->root = task->leaf = main.start(main.object);
    HOCKET_CHECK(task->root != nullptr) << "the main callable returned a task that was moved from";
    MakeReady(task);
  } catch (...) {
    TaskEnded(task, Failure::FromCurrentException());
  }
  current_task_ = nullptr;

  RunOutcome outcome;
  outcome.kind = Loop();
  if (outcome.kind == RunOutcome::Kind::kCompleted && main_failure_) {
    outcome.kind = main_failure_.is_cancelled() ? RunOutcome::Kind::kCancelled : RunOutcome::Kind::kFailed;
  }
  outcome.failure = std::exchange(main_failure_, Failure());
  outcome.steps = steps_;
  outcome.ended_at = now();
  for (TaskState* left = tasks_.front(); left != nullptr; left = tasks_.Next(left)) outcome.unfinished.push_back(Unfinished(*left));
  if (chooser_ != nullptr) {
    WithdrawAll();
    chooser_->End();
  }

  const bool abandoned = task_count_ > 0;
  if (abandoned) Abandon();
  if (inbox_ != nullptr) {
    for (const std::function<void()>& job : inbox_->Close()) {
      if (!abandoned) job();
    }
    inbox_ = nullptr;
  }
  timers_.Clear();
  root_scope_ = {};
  // Handles are given out anew, so that they do not depend on earlier runs.
  alternatives_.resize(1);
  free_alternatives_.clear();
  chooser_ = nullptr;
  observer_ = nullptr;
  current_scheduler_ = nullptr;
  return outcome;
}

// One pass after another: let time and posts make tasks ready, then run some of them. This is the only place that decides who runs.
RunOutcome::Kind Scheduler::Loop() {
  while (task_count_ > 0) {
    if (inbox_ != nullptr) inbox_->RunPosts();
    ExpireTimers();
    if (ready_count_ == 0) {
      if (!WaitUntilReady()) return RunOutcome::Kind::kDeadlock;
      continue;
    }

    // Reading the system clock costs more than a step, so its passes are batches; nobody can tell when exactly it is read.
    const bool batch = options_.pass == PassLength::kBatch || (chooser_ == nullptr && options_.clock == ClockKind::kSystem);
    in_batch_ = batch && chooser_ != nullptr;
    for (std::size_t left = batch ? ready_count_ : 1; left > 0;) {
      if (options_.max_steps != 0 && steps_ >= options_.max_steps) return RunOutcome::Kind::kStepLimit;
      ++steps_;
      TaskState* const task = PickNext();
      if (task != nullptr) Step(task);
      if (task != nullptr || !batch) --left;  // time that passes in a batch takes no task's place in it
    }
    in_batch_ = false;
    while (TaskState* task = arrivals_.front()) {
      List<TaskState, ReadyTag>::Remove(task);
      --arrival_count_;
      Offer(task);
    }
  }
  return RunOutcome::Kind::kCompleted;
}

// No task can run: lets time pass or waits for a post. False if neither will ever make a task ready.
bool Scheduler::WaitUntilReady() {
  const Time next = timers_.earliest();
  if (options_.clock == ClockKind::kVirtual) {
    if (next == kForever) return false;
    if (chooser_ != nullptr) OfferClock();
    JumpTo(next);
    return true;
  }
  const bool posts_may_come = inbox_ != nullptr && inbox_->open();
  if (next == kForever && !posts_may_come) return inbox_ != nullptr && inbox_->has_posts();
  constexpr auto kNever = std::chrono::steady_clock::time_point::max();
  auto until = kNever;
  if (next != kForever) until = std::min(next.time_since_epoch(), kNever - epoch_ - Duration(1)) + epoch_;
  if (inbox_ != nullptr) {
    inbox_->WaitUntil(until);
  } else {
    std::this_thread::sleep_until(until);
  }
  return true;
}

void Scheduler::ExpireTimers() noexcept {
  if (timers_.empty()) return;
  const Time present = now();
  while (timers_.earliest() <= present && !timers_.empty()) timers_.Pop()->OnDeadline();
}

// The next task to step; none if time passed instead.
TaskState* Scheduler::PickNext() noexcept {
  TaskState* task = nullptr;
  if (chooser_ == nullptr) {
    task = ready_.front();
  } else {
    OfferClock();
    AlternativeId id = ready_count_ > 0 ? ready_.front()->alternative : kClockAlternative;
    if (ready_count_ + (clock_offered_ ? 1 : 0) > 1) id = chooser_->Pick();
    if (id == kClockAlternative) {
      HOCKET_CHECK(clock_offered_) << "the chooser picked the clock, which was not an alternative";
      clock_offered_ = false;
      chooser_->Removed(id, Removal::kPicked);
      JumpTo(timers_.earliest());
      last_step_ = {kClockTaskId, "Jump"};
      return nullptr;
    }
    HOCKET_CHECK(id < alternatives_.size() && alternatives_[id] != nullptr && alternatives_[id]->ready)
        << "the chooser picked alternative " << id << ", which cannot run: Pick must return one that was added and not removed";
    task = alternatives_[id];
    chooser_->Removed(id, Removal::kPicked);
  }
  task->ready = false;
  List<TaskState, ReadyTag>::Remove(task);
  --ready_count_;
  return task;
}

// Keeps the clock among the alternatives while time may pass and a deadline lies ahead.
void Scheduler::OfferClock() noexcept {
  const bool offer = options_.time_passes == TimePasses::kAnytime && ready_count_ > 0 && !timers_.empty() && timers_.earliest() > now_;
  if (offer == clock_offered_) return;
  clock_offered_ = offer;
  if (offer) {
    chooser_->Added(kClockAlternative);
  } else {
    chooser_->Removed(kClockAlternative, Removal::kDisabled);
  }
}

// The run is over: what could have run ceases to be an alternative.
void Scheduler::WithdrawAll() noexcept {
  for (TaskState* task = ready_.front(); task != nullptr; task = ready_.Next(task)) chooser_->Removed(task->alternative, Removal::kWithdrawn);
  if (std::exchange(clock_offered_, false)) chooser_->Removed(kClockAlternative, Removal::kWithdrawn);
}

void Scheduler::JumpTo(Time when) noexcept {
  now_ = when;
  if (observer_ != nullptr) observer_->OnJump(when);
}

// ---------------------------------------------------------------- a step

// Runs one task until it parks again or ends. Frames are destroyed here and nowhere else, after the coroutine has suspended.
void Scheduler::Step(TaskState* task) noexcept {
  current_task_ = task;
  if (observer_ != nullptr) observer_->OnStep(task->spawn_number);
  const Turn turn = task->waiting == nullptr ? Turn::kResume : task->waiting->OnTurn(task->aborted);
  if (turn != Turn::kAgain) {
    task->waiting = nullptr;
    task->aborted = false;
    if (turn == Turn::kUnwind) {
      unwind_ = Failure::Cancelled();
    } else {
      task->leaf->handle.resume();
    }
    for (;;) {
      if (next_) {
        std::exchange(next_, nullptr).resume();
      } else if (unwind_) {
        if (Frame* captor = Unwind(task, std::exchange(unwind_, Failure()))) captor->handle.resume();
      } else {
        break;
      }
    }
  }
  if (root_finished_) {
    root_finished_ = false;
    last_step_ = {task->id, "exit"};
    TaskEnded(task, task->root != nullptr ? std::move(task->root->failure) : std::exchange(unwound_with_, Failure()));
  } else {
    last_step_ = {task->id, task->waiting->operation()};
    if (observer_ != nullptr) observer_->OnPark(task->spawn_number, last_step_.operation, UserLocation(task->leaf), BodyLocation(task->leaf));
  }
  current_task_ = nullptr;
}

// Destroys frames from the leaf on, up to the nearest one whose awaiter captures, and gives that awaiter's frame; none if the task has ended.
Frame* Scheduler::Unwind(TaskState* task, Failure cancellation) noexcept {
  unwinding_ = true;
  Frame* frame = task->leaf;
  for (;;) {
    Frame* const parent = frame->parent;
    Failure* const capture = frame->capture;
    DestroyFrame(frame);
    if (capture != nullptr) {
      unwinding_ = false;
      *capture = std::move(cancellation);
      return parent;
    }
    if (parent == nullptr) break;
    frame = parent;
  }
  unwinding_ = false;
  task->root = nullptr;
  root_finished_ = true;
  unwound_with_ = std::move(cancellation);
  return nullptr;
}

void Scheduler::TaskEnded(TaskState* task, Failure failure) noexcept {
  if (task->root != nullptr) DestroyFrame(std::exchange(task->root, nullptr));
  if (task->closure != nullptr) std::exchange(task->closure, nullptr)->Destroy();
  ScopeState::Move(task, nullptr);
  if (observer_ != nullptr) observer_->OnExit(task->spawn_number, failure);
  List<TaskState, AllTag>::Remove(task);
  --task_count_;
  alternatives_[task->alternative] = nullptr;
  free_alternatives_.push_back(task->alternative);
  NurseryState* nursery = std::exchange(task->nursery, nullptr);
  if (nursery != nullptr) {
    nursery->ChildEnded(task, std::move(failure));
  } else {
    main_failure_ = std::move(failure);
  }
  ReleaseTask(task);
}

// ---------------------------------------------------------------- operations

TaskState* Scheduler::Park(Frame& leaf, Awaiter& awaiter, bool abortable) noexcept {
  TaskState* task = current_task();
  task->leaf = &leaf;
  task->waiting = &awaiter;
  task->abortable = abortable;
  if (abortable) ScopeState::Deliver(task);
  return task;
}

TaskState* Scheduler::ParkReady(Frame& leaf, Awaiter& awaiter) noexcept {
  TaskState* task = Park(leaf, awaiter, false);
  MakeReady(task);
  return task;
}

void Scheduler::Wake(TaskState* task) noexcept {
  if (abandoning_) return;
  task->abortable = false;
  MakeReady(task);
}

void Scheduler::MakeReady(TaskState* task) noexcept {
  HOCKET_CHECK(!task->ready) << PathOf(*task) << " is woken twice: a wait ends exactly once";
  task->ready = true;
  if (in_batch_) {
    arrivals_.PushBack(task);
    ++arrival_count_;
  } else {
    Offer(task);
  }
}

void Scheduler::Offer(TaskState* task) noexcept {
  ready_.PushBack(task);
  ++ready_count_;
  if (chooser_ != nullptr) chooser_->Added(task->alternative);
}

void Scheduler::NoteCancelled(TaskState* task) noexcept {
  if (observer_ != nullptr) observer_->OnCancel(task->spawn_number);
}

void Scheduler::RequestUnwind(Frame& frame, Failure cancellation) noexcept {
  current_task()->leaf = &frame;
  unwind_ = std::move(cancellation);
}

ObjectId Scheduler::NewObject() noexcept {
  return current_task_ == nullptr ? 0 : Mix(current_task_->id ^ kObjectSalt, ++current_task_->objects_made);
}

std::uint32_t Scheduler::Draw(std::uint32_t n, const char* label) noexcept {
  if (chooser_ == nullptr || abandoning_ || n < 2) return 0;
  const std::uint32_t value = chooser_->Draw(n, label);
  HOCKET_CHECK(value < n) << "the chooser drew " << value << " for '" << label << "', which has values below " << n;
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

// ---------------------------------------------------------------- tasks

TaskState* Scheduler::Spawn(NurseryState* nursery, const char* name, SpawnClosure* closure) {
  Frame* root = nullptr;
  try {
    root = closure->Call();
  } catch (...) {
    closure->Destroy();
    throw;
  }
  HOCKET_CHECK(root != nullptr) << "the callable returned a task that was moved from";
  TaskState* task = NewTask(current_task_, name);
  task->root = task->leaf = root;
  task->closure = closure;
  task->nursery = nursery;
  nursery->ChildStarted(task);
  ScopeState::Move(task, nursery->scope());
  if (observer_ != nullptr) observer_->OnSpawn(task->spawn_number, PathOf(*task));
  MakeReady(task);
  return task;
}

TaskState* Scheduler::NewTask(TaskState* spawner, const char* name) {
  TaskState* task = new (AllocateBlock(sizeof(TaskState))) TaskState();
  task->spawn_number = spawned_++;
  task->name = name;
  if (spawner == nullptr) {
    task->id = task->spawn_number == 0 ? kMainId : Mix(kOutsideId, task->spawn_number);  // spawned by a posted function
  } else {
    std::uint32_t* count = &spawner->unnamed_spawned;
    if (name != nullptr) {
      NameCount* entry = spawner->spawned_by_name;
      while (entry != nullptr && std::strcmp(entry->name, name) != 0) entry = entry->next;
      if (entry == nullptr) {
        entry = spawner->spawned_by_name = new (AllocateBlock(sizeof(NameCount))) NameCount{name, 0, spawner->spawned_by_name};
      }
      count = &entry->count;
    }
    task->path_index = (*count)++;
    task->id = ExtendPath(spawner->id, name == nullptr ? std::string_view() : std::string_view(name), task->path_index);
    if (keep_paths_) {
      task->spawner = spawner;
      ++spawner->references;
    }
  }
  if (free_alternatives_.empty()) {
    task->alternative = static_cast<AlternativeId>(alternatives_.size());
    alternatives_.push_back(task);
  } else {
    task->alternative = free_alternatives_.back();
    free_alternatives_.pop_back();
    alternatives_[task->alternative] = task;
  }
  tasks_.PushBack(task);
  ++task_count_;
  return task;
}

void Scheduler::ReleaseTask(TaskState* task) noexcept {
  while (task != nullptr && --task->references == 0) {
    TaskState* const spawner = task->spawner;
    while (NameCount* entry = task->spawned_by_name) {
      task->spawned_by_name = entry->next;
      FreeBlock(entry, sizeof(NameCount));
    }
    task->~TaskState();
    FreeBlock(task, sizeof(TaskState));
    task = spawner;
  }
}

std::string Scheduler::PathOf(const TaskState& task) const {
  if (task.spawn_number == 0) return "main";
  std::string element = task.name == nullptr ? std::to_string(task.path_index) : task.name + ("." + std::to_string(task.path_index));
  // Without the spawners, the spawn number has to do.
  return (task.spawner == nullptr ? "#" + std::to_string(task.spawn_number) : PathOf(*task.spawner)) + "/" + element;
}

// Gives the run up: every frame is destroyed, leaf first and the youngest task first, so that tasks go before the owner of their nursery. No
// coroutine is resumed, no cleanup runs but destructors; what these wake stays asleep, and what they start is dropped.
void Scheduler::Abandon() noexcept {
  abandoning_ = unwinding_ = true;
  observer_ = nullptr;
  while (TaskState* task = tasks_.back()) {
    current_task_ = task;
    task->abortable = false;  // the awaiter goes with the leaf
    if (Frame* frame = task->leaf) {
      task->leaf = frame->parent;
      DestroyFrame(frame);
    } else if (task->closure != nullptr) {
      std::exchange(task->closure, nullptr)->Destroy();
    } else {
      if (task->nursery != nullptr) task->nursery->ChildAbandoned(task);
      List<TaskState, ReadyTag>::Remove(task);
      List<TaskState, ScopeTag>::Remove(task);
      List<TaskState, AllTag>::Remove(task);
      --task_count_;
      ReleaseTask(task);
    }
  }
  current_task_ = nullptr;
  ready_count_ = arrival_count_ = 0;
  in_batch_ = false;
  abandoning_ = unwinding_ = false;
}

// ---------------------------------------------------------------- reports

AlternativeInfo Scheduler::Describe(AlternativeId id) const noexcept {
  AlternativeInfo info;
  if (id == kClockAlternative) {
    info.kind = AlternativeKind::kClock;
    info.spawn_number = std::numeric_limits<std::uint32_t>::max();
    info.standing = {kClockTaskId, "Jump"};
    info.declared = {.object = kClockTaskId, .kind = AccessKind::kWrite};
    return info;
  }
  const TaskState& task = *alternatives_[id];
  info.standing = {task.id, task.waiting == nullptr ? "start" : task.waiting->operation()};
  info.spawn_number = task.spawn_number;
  if (task.waiting != nullptr) info.declared = task.waiting->declared();
  info.location = UserLocation(task.leaf);
  return info;
}

std::string Scheduler::Path(AlternativeId id) const { return id == kClockAlternative ? "clock" : PathOf(*alternatives_[id]); }

UnfinishedTask Scheduler::Unfinished(const TaskState& task) const {
  UnfinishedTask unfinished;
  unfinished.path = PathOf(task);
  unfinished.operation = task.waiting == nullptr ? "start" : task.waiting->operation();
  unfinished.ready = task.ready;
  for (const Frame* frame = task.leaf; frame != nullptr; frame = frame->parent) unfinished.where.push_back(frame->location);
  return unfinished;
}

}  // namespace hocket::internal
