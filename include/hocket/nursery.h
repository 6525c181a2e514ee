// Nurseries: where tasks live. A nursery is a body that cannot be left before every task started in it has ended.
//
//     co_await WithNursery([&](Nursery& nursery) -> Task<> {
//       nursery.StartSoon(Serve, std::ref(listener));
//       nursery.StartSoon(Serve, std::ref(other));
//       co_return;
//     });  // both have ended here
//
// If the body or a task fails, the others are cancelled and waited for; what failed leaves the nursery as one
// ExceptionGroup, in the order of completion, even if it is a single error. A task that was cancelled from outside
// takes its siblings' errors along, if there are any.
//
// What cannot happen: a task that outlives its nursery; a failure that is lost; a cancellation that the nursery itself
// makes up. Leaving a nursery is always a schedule point and never a cancel point.
//
// Nursery is a handle: copies mean the same nursery, and stay valid after it has closed (StartSoon is then a CHECK).
// Threads: the run's.
#ifndef HOCKET_NURSERY_H_
#define HOCKET_NURSERY_H_

#include <cstddef>
#include <functional>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "hocket/cancel_scope.h"
#include "hocket/capture.h"
#include "hocket/task.h"

namespace hocket {

namespace internal {

class NurseryState;

// The callable of a task and its arguments, kept until the task has ended, so that what the coroutine refers to is
// there.
class SpawnClosure {
 public:
  virtual Frame* Call() = 0;
  virtual void Destroy() noexcept = 0;

 protected:
  ~SpawnClosure() = default;
};

template <class F, class... Args>
class SpawnClosureOf final : public SpawnClosure {
 public:
  static SpawnClosure* Make(F&& fn, Args&&... args) {
    static_assert(alignof(SpawnClosureOf) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                  "over-aligned arguments of a task are not supported");
    void* block = AllocateBlock(sizeof(SpawnClosureOf));
    return new (block) SpawnClosureOf(std::move(fn), std::move(args)...);
  }
  Frame* Call() override {
    return std::apply(
        [this](Args&... args) { return TaskAccess::Release(std::invoke(std::move(fn_), std::move(args)...)); }, args_);
  }
  void Destroy() noexcept override {
    this->~SpawnClosureOf();
    FreeBlock(this, sizeof(SpawnClosureOf));
  }

 private:
  SpawnClosureOf(F&& fn, Args&&... args) : fn_(std::move(fn)), args_(std::move(args)...) {}
  F fn_;
  std::tuple<Args...> args_;
};

// Starts a task; takes the closure over, and destroys it if the call throws.
void Spawn(NurseryState* nursery, const char* name, SpawnClosure* closure);

}  // namespace internal

// Names a task: a part of its identity in stored schedules, and what reports call it. A string that outlives the run.
struct TaskName {
  explicit TaskName(const char* name_in) noexcept : name(name_in) {}
  const char* name;
};

class Nursery {
 public:
  Nursery(const Nursery& other) noexcept;
  Nursery& operator=(const Nursery& other) noexcept;
  ~Nursery();

  // Starts `fn(args...)`, a callable that returns a Task, as a task of its own. Callable and arguments are copied or
  // moved, as with std::thread: pass std::ref for a reference, and see that its target outlives the nursery. Not a
  // checkpoint: the task first runs when it is its turn, and it runs even if the nursery is cancelled already (up to
  // its first cancel point). A value that the task returns is dropped. REQUIRES: the nursery is open.
  template <class F, class... Args>
    requires(!std::is_same_v<std::decay_t<F>, TaskName>)
  void StartSoon(F&& fn, Args&&... args) {
    Start(nullptr, std::forward<F>(fn), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
  void StartSoon(TaskName name, F&& fn, Args&&... args) {
    Start(name.name, std::forward<F>(fn), std::forward<Args>(args)...);
  }

  // The scope around the body and all tasks.
  CancelScope cancel_scope() const noexcept;

 private:
  friend class NurseryGuard;
  explicit Nursery(internal::NurseryState* state) noexcept;

  template <class F, class... Args>
  void Start(const char* name, F&& fn, Args&&... args) {
    using Closure = internal::SpawnClosureOf<std::decay_t<F>, std::decay_t<Args>...>;
    internal::Spawn(
        state_, name,
        Closure::Make(std::decay_t<F>(std::forward<F>(fn)), std::decay_t<Args>(std::forward<Args>(args))...));
  }

  internal::NurseryState* state_;
};

namespace internal {

// Waits for the tasks of a nursery whose body has ended.
class NurseryExitAwaiter final : public Operation<NurseryExitAwaiter> {
 public:
  explicit NurseryExitAwaiter(NurseryState* nursery) noexcept : nursery_(nursery) {}
  void await_resume() const noexcept {}
  const char* operation() const noexcept override { return "Nursery.Exit"; }
  Access declared() const noexcept override;
  Turn OnTurn(bool) noexcept override { return Turn::kResume; }

 private:
  friend class Operation<NurseryExitAwaiter>;
  void Suspend(Frame& frame) noexcept;
  NurseryState* nursery_;
};

}  // namespace internal

// Opens a nursery for as long as it lives in a coroutine frame. WithNursery is written with it; nothing else should be.
class NurseryGuard {
 public:
  NurseryGuard();
  NurseryGuard(const NurseryGuard&) = delete;
  NurseryGuard& operator=(const NurseryGuard&) = delete;
  ~NurseryGuard();

  Nursery nursery() const noexcept;
  // Says how the body ended, and gives what waits for the tasks.
  internal::NurseryExitAwaiter BodyEnded(Failure failure) noexcept;
  // What leaves the nursery. REQUIRES: all tasks have ended.
  Failure Exit() noexcept;

 private:
  internal::NurseryState* state_;
};

// Runs `body`, a callable `(Nursery&) -> Task<>`, with a new nursery around it.
template <class Body>
Task<> WithNursery(Body body) {
  NurseryGuard guard;
  Nursery nursery = guard.nursery();
  Outcome<> outcome = co_await internal::CaptureCall([&] { return body(nursery); });
  co_await guard.BodyEnded(outcome.failure());
  co_await internal::LeaveAwaiter(guard.Exit());
}

}  // namespace hocket

#endif  // HOCKET_NURSERY_H_
