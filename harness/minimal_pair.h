// The nearest schedule that passes, next to one that fails.
#ifndef HOCKET_HARNESS_MINIMAL_PAIR_H_
#define HOCKET_HARNESS_MINIMAL_PAIR_H_

#include <cstdint>
#include <optional>

#include "harness/execution.h"
#include "harness/shrink.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

struct PairSearch {
  std::optional<MinimalPair> pair;
  std::uint64_t executions = 0;  // that it took; all of them failed but that of the pair
};

// `failing` is what the execution of `schedule` showed. Deterministic.
PairSearch FindMinimalPair(Execution& execution, const Schedule& schedule, const Trace& failing, ShrinkBudget budget);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_MINIMAL_PAIR_H_
