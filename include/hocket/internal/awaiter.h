// What a task waits in: the leaf of its chain of frames.
#ifndef HOCKET_INTERNAL_AWAITER_H_
#define HOCKET_INTERNAL_AWAITER_H_

#include <coroutine>
#include <utility>
#include <vector>

#include "hocket/access.h"
#include "hocket/failure.h"
#include "hocket/internal/frame.h"
#include "hocket/internal/list.h"

namespace hocket::internal {

struct TaskState;
using TaskList = std::vector<const TaskState*>;

// What the run loop does with a task whose turn it is.
enum class Turn : unsigned char {
  kResume,  // go on after the co_await
  kUnwind,  // the wait was cancelled: destroy frames up to the nearest one that captures
  kAgain,   // not yet: the task has been made ready again
};

// Derived classes implement one operation that can suspend. They live in the suspended frame, and what they registered
// elsewhere is undone by Abort (the wait is cancelled) or by their destructor (the run is given up).
class Awaiter {
 public:
  Awaiter() noexcept {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}

  // The operation's name, "Event.Wait": a part of the identity of the position in stored schedules.
  virtual const char* operation() const noexcept = 0;
  // What the step after this wait touches first.
  virtual Access declared() const noexcept { return {}; }
  // Tells the run what being resumed, or not, at the task's turn depends on. Called before OnTurn, if anybody wants it.
  virtual void TouchAtTurn() const noexcept {}
  // Adds the tasks that can end this wait, of those `living` (in spawn order), as far as it is known: who holds what it
  // waits for.
  virtual void AppendHolders(const TaskList& living, TaskList& holders) const {
    static_cast<void>(living);
    static_cast<void>(holders);
  }
  // Undoes the wait's registrations because the task is being cancelled. False: it cannot be undone, somebody will wake
  // the task later.
  virtual bool Abort() noexcept { return false; }
  // Whether a Wake of the user's may end it: Parks. What waits in anything else holds what it waits for afterwards.
  virtual bool EndsByWake() const noexcept { return false; }
  // The wait ends by throwing `failure`. Only for waits that can: FallibleOperations.
  virtual void SetFailure(Failure failure) noexcept;
  // Called when the task is picked. `aborted`: the wait was ended by Abort.
  virtual Turn OnTurn(bool aborted) noexcept { return aborted ? Turn::kUnwind : Turn::kResume; }

  TaskState* task() const noexcept { return task_; }

 protected:
  ~Awaiter() = default;

  TaskState* task_ = nullptr;  // set when it parks

 private:
  friend class Scheduler;
};

// What an awaiter derives from: calls `Derived::Suspend(Frame& leaf)`, which registers the wait and parks the current
// task, without a virtual call.
template <class Derived>
class Operation : public Awaiter {
 public:
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    static_cast<Derived*>(this)->Suspend(handle.promise());
  }

 protected:
  ~Operation() = default;
};

// One whose wait may end by throwing.
template <class Derived>
class FallibleOperation : public Operation<Derived> {
 public:
  void await_resume() {
    if (failure_) failure_.Throw();
  }
  void SetFailure(Failure failure) noexcept final { failure_ = std::move(failure); }

 protected:
  ~FallibleOperation() = default;

 private:
  Failure failure_;
};

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_AWAITER_H_
