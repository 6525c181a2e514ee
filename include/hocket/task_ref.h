// TaskRef: a name for a task, to compare, to show, and to wake (park.h).
#ifndef HOCKET_TASK_REF_H_
#define HOCKET_TASK_REF_H_

#include <string>

#include "hocket/chooser.h"

namespace hocket {

namespace internal {
struct TaskState;
}

// Cheap to copy; stays valid when the task has ended, and keeps nothing of the task but its name. Threads: the run's.
class TaskRef {
 public:
  // No task.
  TaskRef() noexcept = default;
  TaskRef(const TaskRef& other) noexcept;
  TaskRef(TaskRef&& other) noexcept;
  TaskRef& operator=(TaskRef other) noexcept;
  ~TaskRef();

  explicit operator bool() const noexcept { return state_ != nullptr; }
  friend bool operator==(const TaskRef& a, const TaskRef& b) noexcept { return a.state_ == b.state_; }

  // REQUIRES for all of these: a task.
  TaskId id() const noexcept;
  bool ended() const noexcept;
  // The spawn path, "main/0/worker.1", as TaskSnapshot has it. REQUIRES: called inside the task's run.
  std::string path() const;

 private:
  friend struct internal::TaskState;
  explicit TaskRef(internal::TaskState* state) noexcept;

  internal::TaskState* state_ = nullptr;
};

// The task that calls. REQUIRES: called by a task.
TaskRef CurrentTask();

}  // namespace hocket

#endif  // HOCKET_TASK_REF_H_
