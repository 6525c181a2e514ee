// Cancel scopes: a part of a program that can be told to stop, by a call or by a deadline.
//
//     ScopeExit exit = co_await MoveOnAfter(5s, [&](CancelScope&) -> Task<> {
//       co_await Download(url);
//     });
//     if (exit.cancelled_caught) Log("too slow");
//
// Cancellation is level-triggered: once a scope is cancelled, every cancel point inside it unwinds, again and again,
// until the scope has been left. It arrives nowhere else, so between two cancel points a body is never interrupted. The
// outermost cancelled scope that can see the cancellation catches it; scopes inside are merely passed. A shield keeps
// the cancellation of surrounding scopes out, not the scope's own.
//
// What cannot happen: a scope that is un-cancelled; a scope used for two bodies (MisuseError); a
// cancellation that leaves the scope that caused it, unless somebody carries it out as an Outcome and resolves it
// there.
//
// CancelScope is a handle: copies mean the same scope, and stay valid after the scope has been left.
// Threads: the run's.
#ifndef HOCKET_CANCEL_SCOPE_H_
#define HOCKET_CANCEL_SCOPE_H_

#include <exception>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

#include "hocket/cancel_reason.h"
#include "hocket/capture.h"
#include "hocket/check.h"
#include "hocket/outcome.h"
#include "hocket/task.h"
#include "hocket/time.h"

namespace hocket {

namespace internal {
class ScopeState;
}  // namespace internal

struct CancelScopeOptions {
  Time deadline = kForever;  // absolute
  std::optional<Duration> timeout =
      std::nullopt;  // or counted from the moment the scope is entered. REQUIRES: not both, and not negative.
  bool shield = false;
};

class CancelScope {
 public:
  explicit CancelScope(CancelScopeOptions options = {});
  CancelScope(const CancelScope& other) noexcept;
  CancelScope& operator=(const CancelScope& other) noexcept;
  ~CancelScope();

  // Legal in every state, any number of times. Cancelling before entry makes the first cancel point inside unwind;
  // after exit it only sets cancel_called(). `reason` is for people: see cancel_reason.h.
  void Cancel(std::source_location where = std::source_location::current()) noexcept;
  void Cancel(std::string reason, std::source_location where = std::source_location::current()) noexcept;

  // Whether the scope was cancelled by a call or by its deadline; notices a deadline that has passed.
  bool cancel_called() const noexcept;
  // Whether the scope stopped a cancellation when it was left.
  bool cancelled_caught() const noexcept;
  // Why a cancel point directly inside unwinds, or would have; none as long as it does not.
  std::optional<CancelReason> cancel_reason() const;

  // REQUIRES: a scope with a timeout has been entered.
  Time deadline() const;
  // Moves the deadline, earlier or later. Cannot take back a cancellation.
  void set_deadline(Time deadline) noexcept;

  bool shield() const noexcept;
  // Takes effect at once: without its shield, a task that sleeps below a cancelled scope is woken to unwind.
  void set_shield(bool shield) noexcept;

 private:
  friend class internal::ScopeState;
  explicit CancelScope(internal::ScopeState* state) noexcept;
  friend class Nursery;
  friend class ScopeGuard;

  internal::ScopeState* state_;
};

// How a body without a result left its scope.
struct ScopeExit {
  bool cancelled_caught = false;
};

// Thrown by FailAfter when its time is over.
class TooSlowError : public std::exception {
 public:
  const char* what() const noexcept override { return "hocket::TooSlowError: the deadline has passed"; }
};

// The earliest deadline that applies to the current task: Time::min() if it is cancelled already, kForever if there is
// none.
Time CurrentEffectiveDeadline() noexcept;

// Enters a scope for as long as it lives in a coroutine frame. Combinators are written with it; bodies use WithScope.
class ScopeGuard {
 public:
  explicit ScopeGuard(const CancelScope& scope);
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;
  ~ScopeGuard();  // only leaves the scope when its run is given up

  // Leaves the scope with the body's failure, and returns what of it goes on outside.
  Failure Exit(Failure failure) noexcept;

 private:
  internal::ScopeState* state_;
  bool inside_ = true;
};

namespace internal {

template <class Body>
auto CallBody(Body& body, CancelScope& scope) {
  if constexpr (std::is_invocable_v<Body&, CancelScope&>) {
    return body(scope);
  } else {
    return body();
  }
}
template <class Body>
using BodyValue = typename decltype(CallBody(std::declval<Body&>(), std::declval<CancelScope&>()))::value_type;

// What WithScope gives back for a body that gives a T.
template <class T>
struct ScopeResult {
  using type = std::optional<T>;
};
template <>
struct ScopeResult<void> {
  using type = ScopeExit;
};

}  // namespace internal

// Lets a test cancel `scope` from outside, between any two steps while it is active: each moment is a decision of the
// schedule. In production nothing. testing/cancellation.h has what tests make of it. REQUIRES: called by a task.
void OfferCancellation(const CancelScope& scope);

// Runs `body`, a callable `(CancelScope&) -> Task<T>` or `() -> Task<T>`, inside `scope`. The result is a ScopeExit, or
// for a body with a value an optional that is empty if the scope caught a cancellation.
template <class Body>
Task<typename internal::ScopeResult<internal::BodyValue<Body>>::type> WithScope(CancelScope scope, Body body) {
  ScopeGuard guard(scope);
  auto outcome = co_await internal::CaptureCall([&] { return internal::CallBody(body, scope); });
  co_await internal::LeaveAwaiter(guard.Exit(outcome.failure()));
  if constexpr (std::is_void_v<internal::BodyValue<Body>>) {
    co_return ScopeExit{scope.cancelled_caught()};
  } else {
    if (!outcome.has_value()) co_return std::nullopt;
    co_return std::move(outcome.value());
  }
}

// Runs `body` for at most `timeout` from now, and goes on after it either way. REQUIRES: timeout >= 0.
template <class Body>
auto MoveOnAfter(Duration timeout, Body body) {
  return WithScope(CancelScope({.timeout = timeout}), std::move(body));
}

// Runs `body` until `deadline` at the latest, and goes on after it either way.
template <class Body>
auto MoveOnAt(Time deadline, Body body) {
  return WithScope(CancelScope({.deadline = deadline}), std::move(body));
}

// Runs `body`, and throws TooSlowError if it was stopped because `timeout` had passed. Any other error of the body
// wins. REQUIRES: timeout >= 0.
template <class Body>
Task<internal::BodyValue<Body>> FailAfter(Duration timeout, Body body) {
  CancelScope scope({.timeout = timeout});
  auto result = co_await WithScope(scope, std::move(body));
  if (scope.cancelled_caught()) throw TooSlowError();
  if constexpr (!std::is_void_v<internal::BodyValue<Body>>) co_return std::move(*result);
}

// Runs `body` out of reach of the cancellations around it: for cleanup that must wait. It should be short, or have a
// deadline of its own.
template <class Body>
Task<internal::BodyValue<Body>> Shielded(Body body) {
  CancelScope scope({.shield = true});
  auto result = co_await WithScope(scope, std::move(body));
  if constexpr (!std::is_void_v<internal::BodyValue<Body>>) {
    HOCKET_CHECK(result.has_value()) << "the body of Shielded cancelled its own scope: there is no value to return";
    co_return std::move(*result);
  }
}

}  // namespace hocket

#endif  // HOCKET_CANCEL_SCOPE_H_
