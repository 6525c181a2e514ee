// Livelock: an execution that goes round and round although everybody gets turns.
//
// The idea: if the second half of the fair steps brought nobody to a place where the first half had not been (a task at
// an operation), the tail of the run is a circle. If it is one of few steps, it is found as the shortest period of the
// tail, from the failure function of Knuth, Morris and Pratt (SIAM J. Comput. 1977) over the reversed tail; otherwise
// the places are listed. Left out: the program's memory, which nobody sees; a loop that counts to a million looks like
// one that does not end. Test: tests/detectors/livelock_test.cc.
#ifndef HOCKET_HARNESS_DETECTORS_LIVELOCK_H_
#define HOCKET_HARNESS_DETECTORS_LIVELOCK_H_

#include <cstdint>
#include <optional>

#include "harness/detectors/fair_suffix.h"
#include "hocket/run.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// The livelock that an execution of too many steps ended in; none if it was still getting somewhere.
std::optional<ExecutionFailure> FindLivelock(const FairTurns& turns, const RunOutcome& outcome);

// The smallest p such that every element equals the one p before it. REQUIRES: !sequence.empty().
std::size_t ShortestPeriod(const std::vector<std::uint32_t>& sequence);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_LIVELOCK_H_
