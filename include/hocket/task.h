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
// Awaiting anything else than this library's operations does not compile, because a foreign awaitable would resume
// behind the scheduler's back. Reference parameters must outlive the body: awaiting the call in the same full
// expression is always safe.
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

#include "hocket/check.h"
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
class CaptureAwaiter;

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
  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return FinalAwaiter(); }
  void unhandled_exception() noexcept { failure = Failure::FromCurrentException(); }

  template <class U>
  TaskAwaiter<U> await_transform(Task<U>&& task,
                                 std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return TaskAwaiter<U>(task);
  }
  template <class U>
  AwaiterRef<CaptureAwaiter<U>> await_transform(CaptureAwaiter<U>&& awaiter,
                                                std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return AwaiterRef<CaptureAwaiter<U>>(awaiter);
  }
  template <class A>
    requires std::is_base_of_v<Awaiter, A>
  AwaiterRef<A> await_transform(A&& awaiter, std::source_location where = std::source_location::current()) noexcept {
    location = where;
    return AwaiterRef<A>(awaiter);
  }
};

template <class T>
struct Promise final : PromiseBase {
  Task<T> get_return_object() noexcept;
  template <class U = T>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
  std::optional<T> result;
};

template <>
struct Promise<void> final : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
};

}  // namespace internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {
    if (frame_ != nullptr) frame_->owner = &frame_;
  }
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Reset();
      frame_ = std::exchange(other.frame_, nullptr);
      if (frame_ != nullptr) frame_->owner = &frame_;
    }
    return *this;
  }
  ~Task() { Reset(); }

 private:
  friend promise_type;
  template <class>
  friend class internal::TaskAwaiter;
  template <class>
  friend class internal::CaptureAwaiter;
  friend struct TaskAccess;

  explicit Task(internal::Frame* frame) noexcept : frame_(frame) {
    if (frame_ != nullptr) frame_->owner = &frame_;
  }
  void Reset() noexcept {
    if (frame_ != nullptr) internal::DestroyFrame(frame_);
  }

  internal::Frame* frame_;
};

// Hands the frame of a task over to the runtime, which becomes its owner.
struct TaskAccess {
  template <class T>
  static internal::Frame* Release(Task<T>&& task) noexcept {
    internal::Frame* frame = std::exchange(task.frame_, nullptr);
    if (frame != nullptr) frame->owner = nullptr;
    return frame;
  }
};

namespace internal {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  this->handle = std::coroutine_handle<Promise<T>>::from_promise(*this);
  return Task<T>(this);
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  handle = std::coroutine_handle<Promise<void>>::from_promise(*this);
  return Task<void>(this);
}

inline void CheckAwaitable(const Frame* frame) noexcept {
  HOCKET_CHECK(frame != nullptr) << "the task was moved from, or awaited before: a task body runs once";
  HOCKET_CHECK(frame->parent == nullptr) << "the task is being awaited already: a task body runs once";
}

// Runs a task on the awaiting one: value or exception come out of the co_await, a cancellation goes past it.
template <class T>
class TaskAwaiter {
 public:
  explicit TaskAwaiter(Task<T>& task) noexcept : task_(task) { CheckAwaitable(task.frame_); }
  bool await_ready() const noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> parent) noexcept {
    task_.frame_->parent = &parent.promise();
    return Transfer(task_.frame_->handle);
  }
  T await_resume() {
    Task<T> finished = std::move(task_);  // its frame goes when the value is out
    auto& promise = static_cast<Promise<T>&>(*finished.frame_);
    if (promise.failure) promise.failure.Throw();
    if constexpr (!std::is_void_v<T>) return std::move(*promise.result);
  }

 private:
  Task<T>& task_;
};

// The same, but everything comes out as a value.
template <class T>
class CaptureAwaiter {
 public:
  explicit CaptureAwaiter(Task<T> task) noexcept : task_(std::move(task)) {}
  // There is no task, because making it failed.
  explicit CaptureAwaiter(Failure failure) noexcept : task_(nullptr), failure_(std::move(failure)) {}
  CaptureAwaiter(const CaptureAwaiter&) = delete;
  bool await_ready() const noexcept { return static_cast<bool>(failure_); }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> parent) noexcept {
    CheckAwaitable(task_.frame_);
    task_.frame_->parent = &parent.promise();
    task_.frame_->capture = &failure_;
    return Transfer(task_.frame_->handle);
  }
  Outcome<T> await_resume() {
    if (failure_) return Outcome<T>(std::move(failure_));
    Task<T> finished = std::move(task_);
    auto& promise = static_cast<Promise<T>&>(*finished.frame_);
    if (promise.failure) return Outcome<T>(std::move(promise.failure));
    if constexpr (std::is_void_v<T>) {
      return Outcome<T>();
    } else {
      return Outcome<T>(std::move(*promise.result));
    }
  }

 private:
  Task<T> task_;
  Failure failure_;  // a cancellation that unwound the task, or what made the task fail to exist
};

}  // namespace internal
}  // namespace hocket

#endif  // HOCKET_TASK_H_
