// Except: handles some of the errors that left a body together, and lets the rest go on. Python's except*, for
// handlers that may await.
//
//     co_await Except([&] { return WithNursery(body); },
//                     On<TimeoutError>([&](const Caught<TimeoutError>& timeouts) -> Task<> {
//                       co_await log.Write(timeouts.errors().size());
//                     }),
//                     On<IoError>([&](const Caught<IoError>& caught) -> Task<> {
//                       for (const IoError& error : caught.errors()) co_await log.Write(error.what());
//                     }));
//
// Each handler is called at most once, in the order in which they stand, with all errors of its type that no handler
// before it has taken, from however deep in the groups. An error that came alone is handled as well. Nothing is lost:
// what nobody took goes on in groups of the same structure, and if handlers fail, their failures and the rest leave
// together in one group. A cancellation is never taken.
//
// Threads: the run's.
#ifndef HOCKET_EXCEPT_H_
#define HOCKET_EXCEPT_H_

#include <functional>
#include <utility>
#include <vector>

#include "hocket/capture.h"
#include "hocket/exception_group.h"
#include "hocket/failure.h"
#include "hocket/outcome.h"
#include "hocket/task.h"

namespace hocket {

// What a handler gets. Lives as long as the handler's task.
template <class E>
class Caught {
 public:
  explicit Caught(Failure failure) : failure_(std::move(failure)) {
    if (failure_.is_group()) {
      for (const Failure& leaf : failure_.group().Leaves()) errors_.push_back(*leaf.As<E>());
    } else {
      errors_.push_back(*failure_.As<E>());
    }
  }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;

  // The errors, in their order. At least one.
  const std::vector<std::reference_wrapper<const E>>& errors() const noexcept { return errors_; }
  // The same as they came: in groups, or alone.
  const Failure& failure() const noexcept { return failure_; }

 private:
  Failure failure_;
  std::vector<std::reference_wrapper<const E>> errors_;
};

// One handler of an Except: make it with On.
class ExceptHandler {
 public:
  ExceptHandler(std::function<bool(const Failure& leaf)> matches, std::function<Task<>(Failure part)> handle)
      : matches_(std::move(matches)), handle_(std::move(handle)) {}

  bool Matches(const Failure& leaf) const { return matches_(leaf); }
  Task<> Handle(Failure part) const { return handle_(std::move(part)); }

 private:
  std::function<bool(const Failure& leaf)> matches_;
  std::function<Task<>(Failure part)> handle_;
};

namespace internal {

template <class E, class Handler>
Task<> HandleCaught(const Handler& handler, Failure part) {
  const Caught<E> caught(std::move(part));
  co_await handler(caught);
}

// What of `failure` the handler takes, and the rest.
std::pair<Failure, Failure> SplitFailure(const Failure& failure, const ExceptHandler& handler);
// What is left after the handlers, of which some may have failed.
Failure JoinFailures(std::vector<Failure> of_handlers, Failure rest);

}  // namespace internal

// `handler`: a callable `(const Caught<E>&) -> Task<>`.
template <class E, class Handler>
ExceptHandler On(Handler handler) {
  return ExceptHandler([](const Failure& leaf) { return leaf.As<E>() != nullptr; },
                       [handler = std::move(handler)](Failure part) {
                         return internal::HandleCaught<E, Handler>(handler, std::move(part));
                       });
}

// Runs `body`, a callable `() -> Task<>`, then the handlers of what it failed with. No checkpoint of its own.
template <class Body, class... Handlers>
Task<> Except(Body body, Handlers... handlers) {
  const Outcome<> outcome = co_await internal::CaptureCall([&] { return body(); });
  Failure rest = outcome.failure();
  std::vector<Failure> failures;
  const ExceptHandler* const all[] = {&handlers...};
  for (const ExceptHandler* handler : all) {
    std::pair<Failure, Failure> parts = internal::SplitFailure(rest, *handler);
    if (!parts.first) continue;
    rest = std::move(parts.second);
    const Outcome<> handled = co_await internal::CaptureCall([&] { return handler->Handle(std::move(parts.first)); });
    if (!handled.has_value()) failures.push_back(handled.failure());
  }
  co_await internal::LeaveAwaiter(internal::JoinFailures(std::move(failures), std::move(rest)));
}

}  // namespace hocket

#endif  // HOCKET_EXCEPT_H_
