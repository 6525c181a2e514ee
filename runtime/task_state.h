// What the runtime knows about one task.
#ifndef HOCKET_RUNTIME_TASK_STATE_H_
#define HOCKET_RUNTIME_TASK_STATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hocket/chooser.h"
#include "hocket/internal/awaiter.h"
#include "hocket/internal/frame.h"
#include "hocket/internal/list.h"
#include "hocket/nursery.h"
#include "hocket/parking_lot.h"
#include "hocket/task_ref.h"
#include "runtime/locals.h"

namespace hocket::internal {

class ScopeState;
class NurseryState;

struct ScopeTag;  // in its innermost scope

class LotBreaker;

// How many tasks one task has spawned under one name.
struct NameCount {
  const char* name;
  std::uint32_t count;
  NameCount* next;
};

// What most tasks never have.
struct TaskExtras {
  TaskExtras() noexcept;
  ~TaskExtras();
  static void* operator new(std::size_t size);
  static void operator delete(void* block, std::size_t size) noexcept;

  NameCount* spawned_by_name = nullptr;
  std::uint32_t offers_made = 0;                // of cancellations
  std::shared_ptr<Locals> locals;               // none as long as nothing is set
  List<LotBreaker, BreakerOfTaskTag> breakers;  // lots that break when the task ends
};

// Whether a task can run, and who knows that.
enum class Readiness : unsigned char {
  kNone,
  kArrived,  // it can, but not before the next pass (batches only)
  kReady,    // it can, and may be picked
};

// Lives from the spawn until the task has ended, and beyond that while a TaskRef names it or a task that it spawned
// needs it to tell its path. Its closure stands in front of it, in the same block.
//
// Tens of thousands of tasks are no rarity, and a run touches each of them again and again: what each step needs comes
// first, and what most tasks never need is elsewhere.
struct TaskState : Hook<ScopeTag> {
  Frame* leaf = nullptr;        // the frame to go on with: the innermost suspended one
  Awaiter* waiting = nullptr;   // what the leaf waits in; none before the first step
  ScopeState* scope = nullptr;  // the innermost scope
  union {
    TaskState* next = nullptr;  // in a TaskQueue
    std::uint64_t ready_since;  // among those that a chooser may pick: later is more
  };
  AlternativeId alternative = 0;
  std::uint32_t steps = 0;
  std::uint32_t cancel_points = 0;  // that it has come to
  Readiness readiness = Readiness::kNone;
  bool abortable = false;  // the wait may be ended by a cancellation
  bool asks = false;  // the awaiter is asked at the next turn whatever the scope says; else only if that is cancelled
  bool aborted : 1 = false;  // the wait was ended by a cancellation
  bool ended : 1 = false;

  NurseryState* nursery = nullptr;       // none for the main task
  const ClosureType* closure = nullptr;  // none if there is nothing to destroy
  TaskState* spawner = nullptr;          // counted; kept in explored and observed runs only
  TaskExtras* extras = nullptr;          // none as long as the task has none of them
  const char* name = nullptr;
  TaskId id = 0;
  std::uint32_t spawn_number = 0;
  std::uint32_t path_index = 0;  // among the tasks that the spawner spawned under the same name
  std::uint32_t unnamed_spawned = 0;
  std::uint32_t objects_made = 0;
#if HOCKET_OBSERVE
  std::uint32_t blocks_made = 0;
#endif
  std::uint32_t references = 1;
  std::uint32_t closure_bytes = 0;

  static TaskRef Ref(TaskState* task) noexcept { return TaskRef(task); }
  static TaskState* Of(const TaskRef& task) noexcept { return task.state_; }
  bool ready() const noexcept { return readiness != Readiness::kNone; }
  TaskExtras& extra() {
    if (extras == nullptr) extras = new TaskExtras();
    return *extras;
  }

  // A closure that has been made stands at the beginning of a block, with room for the task behind it.
  static constexpr std::size_t ClosureRoom(std::size_t size) noexcept {
    constexpr std::size_t kAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    return (size + kAlignment - 1) / kAlignment * kAlignment;
  }
  void* block() noexcept { return reinterpret_cast<char*>(this) - closure_bytes; }
};

// Tasks in the order in which they came.
class TaskQueue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  void Push(TaskState* task) noexcept {
    task->next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = task;
    last_ = task;
  }
  // REQUIRES: !empty().
  TaskState* Pop() noexcept {
    TaskState* const task = first_;
    first_ = task->next;
    return task;
  }
  void Clear() noexcept { first_ = nullptr; }

 private:
  TaskState* first_ = nullptr;
  TaskState* last_ = nullptr;
};

// Takes back what a task without references has, and its reference to its spawner.
void DestroyTask(TaskState* task) noexcept;
// Gives up one reference to `task`, if there is one.
inline void ReleaseTask(TaskState* task) noexcept {
  if (task != nullptr && --task->references == 0) DestroyTask(task);
}
inline void AddRef(TaskState* task) noexcept { ++task->references; }
inline void Release(TaskState* task) noexcept { ReleaseTask(task); }

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_TASK_STATE_H_
