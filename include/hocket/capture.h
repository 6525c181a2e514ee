// Endings as values: run a body and take however it ends, then pass that on or drop it.
//
//     Outcome<int> outcome = co_await Capture(Fetch(connection));
//     co_await Shielded([&] { return connection.Close(); });   // cleanup that may wait
//     int value = co_await Resolve(std::move(outcome));        // value, throw, or unwind on
//
// Capture is the one primitive that stops a cancellation on its way out; cancel scopes, nurseries and Finally are
// written with it. A cancellation that is captured and dropped is not gone: it is level-triggered, and the next cancel
// point unwinds again.
#ifndef HOCKET_CAPTURE_H_
#define HOCKET_CAPTURE_H_

#include <type_traits>
#include <utility>

#include "hocket/internal/awaiter.h"
#include "hocket/outcome.h"
#include "hocket/task.h"

namespace hocket {

// co_await Capture(task) -> Outcome<T>. Neither a checkpoint nor a cancel point of its own.
template <class T>
internal::Capturing<T> Capture(Task<T> task) {
  return internal::Capturing<T>(std::move(task));
}

namespace internal {

// Captures the task that `call` makes. An exception of the call itself counts as the task's.
template <class Call>
auto CaptureCall(Call call) noexcept -> Capturing<typename std::invoke_result_t<Call&>::value_type> {
  using Result = Capturing<typename std::invoke_result_t<Call&>::value_type>;
  try {
    return Result(call());
  } catch (...) {
    return Result(Failure::FromCurrentException());
  }
}

// Ends the coroutine that awaits it: with the failure if there is one, not at all otherwise. For the last statement of
// a combinator, where it saves throwing an exception only to have the awaiter catch it.
class LeaveAwaiter final : public Operation<LeaveAwaiter> {
 public:
  explicit LeaveAwaiter(Failure failure) noexcept : leaving_(std::move(failure)) {}
  bool await_ready() const noexcept { return !leaving_; }
  void await_resume() const noexcept {}
  const char* operation() const noexcept override { return "Leave"; }

 private:
  friend class Operation<LeaveAwaiter>;
  void Suspend(Frame& frame) noexcept;
  Failure leaving_;
};

template <class T>
class ResolveAwaiter final : public Operation<ResolveAwaiter<T>> {
 public:
  explicit ResolveAwaiter(Outcome<T> outcome) : outcome_(std::move(outcome)) {}
  bool await_ready() const noexcept { return !outcome_.is_cancelled(); }
  T await_resume() {
    if (outcome_.has_error()) outcome_.failure().Throw();
    if constexpr (!std::is_void_v<T>) return std::move(outcome_.value());
  }
  const char* operation() const noexcept override { return "Resolve"; }

 private:
  friend class Operation<ResolveAwaiter<T>>;
  void Suspend(Frame& frame) noexcept { UnwindFrom(frame, outcome_.failure()); }
  Outcome<T> outcome_;
};

}  // namespace internal

// co_await Resolve(outcome) -> T: returns the value, throws the error, or goes on unwinding the cancellation.
template <class T>
[[nodiscard]] internal::ResolveAwaiter<T> Resolve(Outcome<T> outcome) {
  return internal::ResolveAwaiter<T>(std::move(outcome));
}

// Runs `body`, then `cleanup` however the body ended, then ends as the body did. Both are callables that return a Task.
//
// The cleanup sees a pending cancellation at its first cancel point, as everything inside a cancelled scope does:
// shield it if it must wait. If the cleanup fails or is cancelled, that replaces the body's ending.
template <class Body, class Cleanup>
auto Finally(Body body, Cleanup cleanup) -> decltype(body()) {
  auto outcome = co_await internal::CaptureCall([&] { return body(); });
  co_await cleanup();
  if constexpr (std::is_void_v<typename decltype(body())::value_type>) {
    co_await internal::LeaveAwaiter(outcome.failure());
  } else {
    co_await internal::LeaveAwaiter(outcome.failure());
    co_return std::move(outcome.value());
  }
}

}  // namespace hocket

#endif  // HOCKET_CAPTURE_H_
