#include "runtime/task_state.h"

#include <utility>

#include "hocket/check.h"
#include "runtime/lot_breaker.h"
#include "runtime/scheduler.h"

namespace hocket {

namespace internal {

void* TaskExtras::operator new(std::size_t size) {
  const Quiet quiet;  // a record of the runtime's, whoever needs it first
  return AllocateBlock(size);
}
void TaskExtras::operator delete(void* block, std::size_t size) noexcept {
  const Quiet quiet;
  FreeBlock(block, size);
}

TaskExtras::TaskExtras() noexcept = default;

TaskExtras::~TaskExtras() {
  while (NameCount* entry = spawned_by_name) {
    spawned_by_name = entry->next;
    FreeBlock(entry, sizeof(NameCount));
  }
}

// No recursion: see Scheduler::PathOf.
void DestroyTask(TaskState* task) noexcept {
  do {
    TaskState* const spawner = task->spawner;
    delete task->extras;
    void* const block = task->block();
    const std::size_t size = task->closure_bytes + sizeof(TaskState);
    task->~TaskState();
    {
      // Which step gives up the last reference depends on the schedule, and is nothing that a task can notice.
      const Quiet quiet;
      FreeBlock(block, size);
    }
    task = spawner;
  } while (task != nullptr && --task->references == 0);
}

void Awaiter::SetFailure(Failure failure) noexcept {
  HOCKET_CHECK(false) << operation() << " cannot fail, but was to end with: " << failure.ToString();
}

}  // namespace internal

TaskRef::TaskRef(internal::TaskState* state) noexcept : state_(state) {
  if (state_ != nullptr) ++state_->references;
}
TaskRef::TaskRef(const TaskRef& other) noexcept : TaskRef(other.state_) {}
TaskRef::TaskRef(TaskRef&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
TaskRef& TaskRef::operator=(TaskRef other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
TaskRef::~TaskRef() { internal::ReleaseTask(state_); }

TaskId TaskRef::id() const noexcept {
  HOCKET_CHECK(state_ != nullptr) << "no task";
  return state_->id;
}

bool TaskRef::ended() const noexcept {
  HOCKET_CHECK(state_ != nullptr) << "no task";
  internal::Scheduler::TouchIfInRun(state_->id, AccessKind::kRead);
  return state_->ended;
}

std::string TaskRef::path() const {
  HOCKET_CHECK(state_ != nullptr) << "no task";
  return internal::Scheduler::Current().PathOf(*state_);
}

TaskRef CurrentTask() { return internal::TaskState::Ref(internal::Scheduler::Current().current_task()); }

}  // namespace hocket
