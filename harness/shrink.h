// Makes a failing schedule as small as it gets while it still fails in the same way.
#ifndef HOCKET_HARNESS_SHRINK_H_
#define HOCKET_HARNESS_SHRINK_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "harness/describer.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

struct Shrunk {
  Schedule schedule;             // base, deviations and draws; the rest is empty
  std::uint64_t executions = 0;  // that it took
};

// Runs a candidate. If it fails in the same way, the candidate as executed (without what did not apply); otherwise
// nothing.
using TryCandidate = std::function<std::optional<Schedule>(const Schedule& candidate)>;

// Whether `a` has fewer deviations and drawn values than `b`, or as many from a base that comes first.
bool IsSmaller(const Schedule& a, const Schedule& b);

// Of the schedules that `try_candidate` accepted, the smallest one, starting from what `failing` did as seen from each
// base. Ends after `max_executions` candidates at the latest. Deterministic.
Shrunk Shrink(const Description& failing, const TryCandidate& try_candidate, std::uint64_t max_executions);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SHRINK_H_
