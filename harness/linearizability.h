// The search for an order of calls that explains a history.
#ifndef HOCKET_HARNESS_LINEARIZABILITY_H_
#define HOCKET_HARNESS_LINEARIZABILITY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hocket/testing/linearizability.h"

namespace hocket::testing {

// A call as the search sees it.
struct PlacedCall {
  std::size_t number = 0;  // by which the specification knows it
  std::size_t called = 0;  // the event
  std::size_t ended = HistoryBase::Span::kNone;
  bool returned = false;  // otherwise it may have taken effect until it ended, with whatever result
};

struct Placement {
  Verdict verdict = Verdict::kLinearizable;
  std::uint64_t configurations = 0;
  // If there is no order: the return that was never reached, the latest one.
  std::size_t furthest = 0;
  // An order of all calls, or of those that explain what comes before `furthest`. Numbers of those that took effect.
  std::vector<std::size_t> order;
};

// Looks for an order of `calls`, which stand in the order in which they were called, in which each that has returned
// takes effect between its call and its return, and each other one at most once, after its call and before its end.
Placement Place(const std::vector<PlacedCall>& calls, internal::SpecStates& states, std::uint64_t budget);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_LINEARIZABILITY_H_
