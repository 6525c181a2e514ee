// What the runtime knows about one task.
#ifndef HOCKET_RUNTIME_TASK_STATE_H_
#define HOCKET_RUNTIME_TASK_STATE_H_

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

struct ReadyTag;  // in the run queue
struct ScopeTag;  // in its innermost scope

class LotBreaker;

// How many tasks one task has spawned under one name.
struct NameCount {
  const char* name;
  std::uint32_t count;
  NameCount* next;
};

// Lives from the spawn until the task has ended, and beyond that while a TaskRef names it or a task that it spawned
// needs it to tell its path.
// AllTag: in the run, in spawn order.
struct TaskState : Hook<ReadyTag>, Hook<ScopeTag>, Hook<AllTag> {
  Frame* root = nullptr;
  Frame* leaf = nullptr;            // the frame to go on with: the innermost suspended one
  Awaiter* waiting = nullptr;       // what the leaf waits in; none before the first step
  ScopeState* scope = nullptr;      // the innermost scope
  NurseryState* nursery = nullptr;  // none for the main task
  SpawnClosure* closure = nullptr;
  TaskState* spawner = nullptr;  // counted; kept in explored and observed runs only
  const char* name = nullptr;
  NameCount* spawned_by_name = nullptr;
  TaskId id = 0;
  std::uint32_t spawn_number = 0;
  std::uint32_t path_index = 0;  // among the tasks that the spawner spawned under the same name
  std::uint32_t unnamed_spawned = 0;
  std::uint32_t objects_made = 0;
  std::uint32_t offers_made = 0;  // of cancellations
#if HOCKET_OBSERVE
  std::uint32_t blocks_made = 0;
#endif
  std::uint32_t references = 1;
  std::uint32_t steps = 0;
  std::uint32_t cancel_points = 0;  // that it has come to
  AlternativeId alternative = 0;
  bool abortable = false;  // the wait may be ended by a cancellation
  bool aborted = false;    // the wait was ended by one
  bool asks = false;  // the awaiter is asked at the next turn whatever the scope says; else only if that is cancelled
  bool ended = false;

  std::shared_ptr<Locals> locals;               // none as long as nothing is set
  List<LotBreaker, BreakerOfTaskTag> breakers;  // lots that break when the task ends

  static TaskRef Ref(TaskState* task) noexcept { return TaskRef(task); }
  static TaskState* Of(const TaskRef& task) noexcept { return task.state_; }
  bool ready() const noexcept { return static_cast<const Hook<ReadyTag>*>(this)->linked(); }
};

// Gives up one reference to `task`, if there is one.
void ReleaseTask(TaskState* task) noexcept;
inline void AddRef(TaskState* task) noexcept { ++task->references; }
inline void Release(TaskState* task) noexcept { ReleaseTask(task); }

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_TASK_STATE_H_
