// Task<T>: a coroutine that runs as part of whoever awaits it, and ends with a T.
//
//     Task<int> Fetch(Connection& connection) {
//       co_await connection.Send("GET");
//       co_return co_await connection.Receive();
//     }
//
// A task body starts when it is awaited (or handed to a nursery), not when it is called, and runs on the awaiter's
// task: awaiting is a function call, not a switch. A switch to another task happens only inside the operations of the
// runtime, at their checkpoints.
//
// What cannot happen: a body that runs twice, or outlives the statement that awaits it; an exception that is lost.
// Cancellation does not throw: it destroys the frames of the waiting task, innermost first, so that destructors run and
// `catch (...)` does not.
//
// A task is awaited in the statement that makes it. It cannot be moved or copied, so that one that was stored cannot be
// awaited: by then the temporaries that its parameters refer to, and the lambda that its captures live in, would be
// gone. Keep the callable instead, or start it in a nursery. See docs/lifetimes.md. A task that nobody awaits is
// reported in RunOutcome::never_awaited.
//
// Awaiting anything else than tasks and this library's operations does not compile, because a foreign awaitable would
// resume behind the scheduler's back.
//
// With clang 19, do not await inside `new T(co_await ...)` or `throw T{co_await ...}`: the storage leaks if that wait
// is cancelled. g++ 12 miscompiles some temporaries in statements with co_await; see docs/compilers.md.
//
// Threads: a task belongs to its run's thread.
#ifndef HOCKET_TASK_H_
#define HOCKET_TASK_H_

#include <coroutine>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include "hocket/failure.h"
#include "hocket/internal/awaiter.h"
#include "hocket/internal/frame.h"
#include "hocket/outcome.h"

namespace hocket {

template <class T = void>
class Task;

namespace internal {

template <class T>
class TaskAwaiter;
template <class T>
class Capturing;
template <class T>
class CaptureAwaiter;

template <class>
inline constexpr bool kNever = false;
template <class>
inline constexpr bool kIsTask = false;
template <class T>
inline constexpr bool kIsTask<Task<T>> = true;

// What is awaited in place of an operation. Not the operation itself by reference: g++ 12 would copy it.
template <class A>
class AwaiterRef {
 public:
  explicit AwaiterRef(A& awaiter) noexcept : awaiter_(awaiter) {}
  bool await_ready() const noexcept { return awaiter_.await_ready(); }
  template <class P>
  auto await_suspend(std::coroutine_handle<P> handle) {
    return awaiter_.await_suspend(handle);
  }
  decltype(auto) await_resume() { return awaiter_.await_resume(); }

 private:
  A& awaiter_;
};

struct PromiseBase : Frame {
  // The frame stands at the beginning of its function, until it awaits something.
  std::suspend_always initial_suspend(std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return {};
  }
  FinalAwaiter final_suspend() const noexcept { return FinalAwaiter(); }
  void unhandled_exception() noexcept { FailWith(*this, Failure::FromCurrentException()); }

  // By value, which only the very call that made the task can be.
  template <class U>
  TaskAwaiter<U> await_transform(Task<U> task, std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return TaskAwaiter<U>(task);
  }
  template <class U>
  CaptureAwaiter<U> await_transform(Capturing<U> capturing,
                                    std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return CaptureAwaiter<U>(capturing);
  }
  template <class A>
    requires std::is_base_of_v<Awaiter, A>
  AwaiterRef<A> await_transform(A&& awaiter, std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return AwaiterRef<A>(awaiter);
  }
  template <class A>
    requires(!std::is_base_of_v<Awaiter, A>)
  std::suspend_never await_transform(A&&) noexcept {
    static_assert(kNever<A>,
                  "a task can await tasks and this library's operations, in the statement that makes them, and nothing "
                  "else: a callable has to be called, and what other libraries offer would resume the task behind the "
                  "scheduler's back");
    return {};
  }
};

template <class T>
struct Promise final : PromiseBase {
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "over-aligned results of a task are not supported");
  Task<T> get_return_object() noexcept { return Task<T>(this); }
  template <class U = T>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
  std::optional<T> result;
};

template <>
struct Promise<void> final : PromiseBase {
  inline Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
};

}  // namespace internal

template <class T>
class [[nodiscard("a task does nothing unless it is awaited: co_await it")]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using value_type = T;

  Task(Task&&) = delete;  // a task is awaited in the statement that makes it: docs/lifetimes.md
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_ != nullptr) internal::DiscardFrame(frame_);
  }

 private:
  friend promise_type;
  friend struct TaskAccess;

  explicit Task(internal::Frame* frame) noexcept : frame_(frame) {}

  internal::Frame* frame_;
};

// Hands the frame of a task over to the runtime, which becomes its owner.
struct TaskAccess {
  template <class T>
  static internal::Frame* Release(Task<T>&& task) noexcept {
    return std::exchange(task.frame_, nullptr);
  }
};

namespace internal {

inline Task<void> Promise<void>::get_return_object() noexcept { return Task<void>(this); }

// Destroys a frame with its awaiter, at the latest.
class FrameOwner {
 public:
  explicit FrameOwner(Frame* frame) noexcept : frame_(frame) {
    if (frame_ != nullptr) frame_->owner = &frame_;
  }
  FrameOwner(const FrameOwner&) = delete;
  FrameOwner& operator=(const FrameOwner&) = delete;
  ~FrameOwner() {
    if (frame_ != nullptr) frame_->handle().destroy();
  }
  explicit operator bool() const noexcept { return frame_ != nullptr; }
  Frame* operator->() const noexcept { return frame_; }
  template <class T>
  Promise<T>& promise() const noexcept {
    return static_cast<Promise<T>&>(*frame_);
  }

 private:
  Frame* frame_;  // cleared by who destroys the frame
};

// Runs a task on the awaiting one: value or exception come out of the co_await, a cancellation goes past it.
template <class T>
class TaskAwaiter {
 public:
  explicit TaskAwaiter(Task<T>& task) noexcept : frame_(TaskAccess::Release(std::move(task))) {}
  TaskAwaiter(const TaskAwaiter&) = delete;
  bool await_ready() const noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> parent) noexcept {
    frame_->parent = &parent.promise();
    return Transfer(frame_->handle());
  }
  T await_resume() {
    auto& promise = frame_.template promise<T>();
    if (promise.failed) [[unlikely]]
      ThrowFailure();
    if constexpr (!std::is_void_v<T>) return std::move(*promise.result);
  }

 private:
  FrameOwner frame_;
};

// What Capture gives: a task whose ending is wanted as a value.
template <class T>
class [[nodiscard("a captured task does nothing unless it is awaited: co_await Capture(...)")]] Capturing {
 public:
  explicit Capturing(Task<T>&& task) noexcept : frame_(TaskAccess::Release(std::move(task))) {}
  // There is no task, because making it failed.
  explicit Capturing(Failure failure) noexcept : frame_(nullptr), failure_(std::move(failure)) {}
  Capturing(Capturing&&) = delete;  // as a task
  Capturing& operator=(Capturing&&) = delete;
  ~Capturing() {
    if (frame_ != nullptr) DiscardFrame(frame_);
  }

 private:
  friend class CaptureAwaiter<T>;
  Frame* frame_;
  Failure failure_;
};

// Runs a task on the awaiting one; everything comes out as a value.
template <class T>
class CaptureAwaiter {
 public:
  explicit CaptureAwaiter(Capturing<T>& capturing) noexcept
      : frame_(std::exchange(capturing.frame_, nullptr)), failure_(std::move(capturing.failure_)) {}
  CaptureAwaiter(const CaptureAwaiter&) = delete;
  bool await_ready() const noexcept { return static_cast<bool>(failure_); }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> parent) noexcept {
    frame_->parent = &parent.promise();
    frame_->captures = true;
    return Transfer(frame_->handle());
  }
  Outcome<T> await_resume() {
    if (failure_) return Outcome<T>(std::move(failure_));
    if (!frame_ || frame_->failed) return Outcome<T>(TakeFailure());  // a cancellation has taken the frame along
    auto& promise = frame_.template promise<T>();
    if constexpr (std::is_void_v<T>) {
      return Outcome<T>();
    } else {
      return Outcome<T>(std::move(*promise.result));
    }
  }

 private:
  FrameOwner frame_;
  Failure failure_;  // what made the task fail to exist
};

}  // namespace internal
}  // namespace hocket

#endif  // HOCKET_TASK_H_
