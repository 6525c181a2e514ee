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
// Nursery is a handle: copies mean the same nursery, and stay valid after it has closed (StartSoon then throws).
// Threads: the run's.
#ifndef HOCKET_NURSERY_H_
#define HOCKET_NURSERY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "hocket/cancel_scope.h"
#include "hocket/capture.h"
#include "hocket/task.h"

namespace hocket {

class Nursery;
template <class T>
class TaskStatus;

namespace internal {

class NurseryState;

// Room for a closure of `size` bytes, in one block with what the runtime is going to know of its task. For Spawn to
// take over.
void* AllocateClosure(std::size_t size);

// The callable of a task and its arguments, kept until the task has ended, so that what the coroutine refers to is
// there.
template <class F, class... Args>
class SpawnClosure {
 public:
  static void* Make(F&& fn, Args&&... args) {
    return new (AllocateClosure(sizeof(SpawnClosure))) SpawnClosure(std::move(fn), std::move(args)...);
  }
  Frame* Call() {
    return std::apply(
        [this](Args&... args) { return TaskAccess::Release(std::invoke(std::move(fn_), std::move(args)...)); }, args_);
  }

 private:
  SpawnClosure(F&& fn, Args&&... args) : fn_(std::move(fn)), args_(std::move(args)...) {}
  F fn_;
  std::tuple<Args...> args_;
};

// What the runtime knows of a closure. Less than a table of virtual functions costs: one pointer a task, and no call
// where there is nothing to destroy.
struct ClosureType {
  std::size_t size;
  Frame* (*call)(void* closure);
  void (*destroy)(void* closure) noexcept;  // none if that does nothing
};

template <class Closure>
inline constexpr ClosureType kClosureType = {
    sizeof(Closure), [](void* closure) { return static_cast<Closure*>(closure)->Call(); },
    std::is_trivially_destructible_v<Closure>
        ? nullptr
        : +[](void* closure) noexcept { std::destroy_at(static_cast<Closure*>(closure)); }};

// Starts a task; takes the closure over, and destroys it if the call throws.
void Spawn(NurseryState* nursery, const char* name, void* closure, const ClosureType& type);

class StartHandshake;
Nursery SystemNursery();
template <class T, class F, class... Args>
Task<T> StartTask(Nursery target, F fn, Args... args);

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
  // its first cancel point). A value that the task returns is dropped. Throws MisuseError if the nursery is closed.
  template <class F, class... Args>
    requires(!std::is_same_v<std::decay_t<F>, TaskName>)
  void StartSoon(F&& fn, Args&&... args) {
    Spawn(nullptr, std::forward<F>(fn), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
  void StartSoon(TaskName name, F&& fn, Args&&... args) {
    Spawn(name.name, std::forward<F>(fn), std::forward<Args>(args)...);
  }

  // Starts `fn(args..., TaskStatus<T>)` as a task, and waits until it calls started(value); that value is the result.
  // For a task that is of use only when it has come up: a server that listens, say. Until then the task belongs to the
  // call: its failure comes out of it as it is, and cancelling the call cancels the task. From then on it is a task of
  // this nursery.
  //
  // A checkpoint. A pending Start keeps the nursery open. Throws MisuseError if the nursery is closed, or if the task
  // ends without calling started.
  template <class T = void, class F, class... Args>
  Task<T> Start(F fn, Args... args) const {
    static_assert(std::is_invocable_v<F, Args..., TaskStatus<T>>,
                  "the first argument cannot be called with the others and a TaskStatus at the end");
    return internal::StartTask<T>(*this, std::move(fn), std::move(args)...);
  }

  // The scope around the body and all tasks.
  CancelScope cancel_scope() const noexcept;

 private:
  friend class internal::StartHandshake;
  friend class NurseryGuard;
  friend Nursery internal::SystemNursery();
  explicit Nursery(internal::NurseryState* state) noexcept;

  template <class F, class... Args>
  void Spawn(const char* name, F&& fn, Args&&... args) {
    constexpr bool kTakes = std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>;
    static_assert(kTakes,
                  "the first argument cannot be called with the others as they are kept for the task, copied or moved: "
                  "pass a callable, not a task, and std::ref for a reference");
    if constexpr (kTakes) {
      static_assert(internal::kIsTask<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>,
                    "what is started has to return a Task");
      using Closure = internal::SpawnClosure<std::decay_t<F>, std::decay_t<Args>...>;
      static_assert(alignof(Closure) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                    "over-aligned arguments of a task are not supported");
      internal::Spawn(
          state_, name,
          Closure::Make(std::decay_t<F>(std::forward<F>(fn)), std::decay_t<Args>(std::forward<Args>(args))...),
          internal::kClosureType<Closure>);
    }
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
  void AppendHolders(const TaskList& living, TaskList& holders) const override;
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
  static_assert(std::is_invocable_r_v<Task<>, Body&, Nursery&>,
                "the body of a nursery is a callable (Nursery&) -> Task<>");
  NurseryGuard guard;
  Nursery nursery = guard.nursery();
  Outcome<> outcome = co_await internal::CaptureCall([&] { return body(nursery); });
  co_await guard.BodyEnded(outcome.failure());
  co_await internal::LeaveAwaiter(guard.Exit());
}

namespace internal {

// What a Start and the task that it started agree on.
class StartHandshake {
 public:
  // Throws MisuseError if `target` is closed.
  explicit StartHandshake(const Nursery& target);
  StartHandshake(const StartHandshake&) = delete;
  StartHandshake& operator=(const StartHandshake&) = delete;
  ~StartHandshake();

  // The nursery that the task is in until it has started.
  void SetCradle(const Nursery& cradle) { cradle_ = cradle; }
  // Moves the task. If the Start has been cancelled meanwhile, nothing moves, and the task goes on as a part of it.
  void Started();
  // The Start is over, and the target nursery need not wait for it.
  void End() noexcept;
  bool started() const noexcept { return started_; }

 private:
  Nursery target_;
  std::optional<Nursery> cradle_;
  bool started_ = false;
  bool pending_ = true;
};

template <class T>
struct StartShared {
  explicit StartShared(const Nursery& target) : handshake(target) {}
  StartHandshake handshake;
  std::optional<T> value;
};
template <>
struct StartShared<void> {
  explicit StartShared(const Nursery& target) : handshake(target) {}
  StartHandshake handshake;
};

// The member of a group of one; any other failure as it is.
Failure Unwrapped(const Failure& failure);
[[noreturn]] void ThrowNotStarted();

}  // namespace internal

// Given to a task by Nursery::Start: "I am ready, and this is what came of it". A handle; may be kept and called by any
// task.
template <class T = void>
class TaskStatus {
 public:
  explicit TaskStatus(std::shared_ptr<internal::StartShared<T>> shared) noexcept : shared_(std::move(shared)) {}

  // Throws MisuseError the second time.
  template <class U = T>
  void Started(U&& value)
    requires(!std::is_void_v<T>)
  {
    if (!shared_->handshake.started()) shared_->value.emplace(std::forward<U>(value));
    shared_->handshake.Started();
  }
  void Started()
    requires(std::is_void_v<T>)
  {
    shared_->handshake.Started();
  }

 private:
  std::shared_ptr<internal::StartShared<T>> shared_;
};

namespace internal {

// Says that a Start is over, however its frame goes.
class StartScope {
 public:
  explicit StartScope(StartHandshake& handshake) noexcept : handshake_(handshake) {}
  StartScope(const StartScope&) = delete;
  StartScope& operator=(const StartScope&) = delete;
  ~StartScope() { handshake_.End(); }

 private:
  StartHandshake& handshake_;
};

template <class T, class F, class... Args>
Task<T> StartTask(Nursery target, F fn, Args... args) {
  const auto shared = std::make_shared<StartShared<T>>(target);
  const StartScope scope(shared->handshake);
  Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& cradle) -> Task<> {
    shared->handshake.SetCradle(cradle);
    cradle.StartSoon(std::move(fn), std::move(args)..., TaskStatus<T>(shared));
    co_return;
  }));
  co_await LeaveAwaiter(Unwrapped(outcome.failure()));
  if (!shared->handshake.started()) ThrowNotStarted();
  if constexpr (!std::is_void_v<T>) co_return std::move(*shared->value);
}

}  // namespace internal

}  // namespace hocket

#endif  // HOCKET_NURSERY_H_
