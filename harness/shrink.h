// Makes a failing schedule as small as it gets while it still fails in the same way.
#ifndef HOCKET_HARNESS_SHRINK_H_
#define HOCKET_HARNESS_SHRINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "harness/describer.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

struct Shrunk {
  Schedule schedule;                 // base, deviations and draws; the rest is empty
  std::size_t deviations_before = 0;  // from the same base
  std::uint64_t executions = 0;      // that it took
};

// Runs a candidate. If it fails in the same way, the candidate as executed (without what did not apply); otherwise nothing.
using TryCandidate = std::function<std::optional<Schedule>(const Schedule& candidate)>;

// Of the schedules that `try_candidate` accepted, the one with the fewest deviations and drawn values, starting from what `failing` did as seen
// from each base. Ends after `max_executions` candidates at the latest. Deterministic.
Shrunk Shrink(const Description& failing, const TryCandidate& try_candidate, std::uint64_t max_executions);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SHRINK_H_
