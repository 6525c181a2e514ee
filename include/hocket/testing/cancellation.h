// Cancellation and failure at every point, as properties of a few lines.
//
//     HOCKET_TEST(Pool, LosesNoConnectionWhereverItIsCancelled) {
//       Pool pool(2);
//       co_await HoldsWhereverCancelled([&]() -> Task<> { co_await Query(pool); },
//                                       [&] { EXPECT_EQ(pool.idle(), 2); });
//     }
//
// Where the cancellation comes is a decision of the schedule like any other: strategies that sample draw it, `sweep`
// tries each point one after the other under the base schedule, `delay:2` puts it together with one switch,
// `exhaustive` with all of them. A stored schedule names it, and the shrinker drops it where it does not matter.
//
// Between two steps every moment counts, not only cancel points: a cancellation that nobody can see before a later
// point is the same as one that comes there, and searches that know what steps touch try it once.
#ifndef HOCKET_TESTING_CANCELLATION_H_
#define HOCKET_TESTING_CANCELLATION_H_

#include <stdexcept>
#include <string>
#include <utility>

#include "hocket/cancel_scope.h"
#include "hocket/draw.h"
#include "hocket/settle.h"
#include "hocket/task.h"

namespace hocket::testing {

// Runs `body`, a callable `() -> Task<>`, in a scope that may be cancelled at any time. Says whether that stopped it.
// What `body` starts in nurseries of its own is inside; what goes on elsewhere is not.
template <class Body>
Task<bool> CancelAnywhere(Body body) {
  CancelScope scope;
  OfferCancellation(scope);
  const ScopeExit exit = co_await WithScope(scope, std::move(body));
  co_return exit.cancelled_caught;
}

// The same, and calls `property()` when everybody has come to rest afterwards: it must hold wherever `body` was
// cancelled, and if it was not. "Nothing is lost, leaked or left locked."
template <class Body, class Property>
Task<> HoldsWhereverCancelled(Body body, Property property) {
  co_await CancelAnywhere(std::move(body));
  co_await Settle();
  property();
}

// What MayFail throws.
class InjectedFault : public std::runtime_error {
 public:
  explicit InjectedFault(const char* label) : std::runtime_error(std::string("injected: ") + label) {}
};

// Throws an InjectedFault if the schedule says so: a fault point (see Fault) that needs no code of its own to fail.
inline void MayFail(const char* label) {
  if (Fault(label)) throw InjectedFault(label);
}

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_CANCELLATION_H_
