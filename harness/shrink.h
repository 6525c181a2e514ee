// Makes a failing schedule as small as it gets while it still fails in the same way.
#ifndef HOCKET_HARNESS_SHRINK_H_
#define HOCKET_HARNESS_SHRINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "harness/describer.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// One execution of a candidate. Without `fails_alike` only the steps mean something.
struct Attempt {
  bool fails_alike = false;
  Schedule schedule;           // as executed: base, and the deviations and draws that applied; the rest is empty
  std::uint64_t injected = 0;  // of those, cancellations from outside and faults
  std::uint64_t switches = 0;  // steps of another task than the step before
  std::uint64_t steps = 0;
};

// Deviations and drawn values. The base fifo counts as one: under it everything takes turns, so that each operation
// more or less in the program moves everything, and a schedule from another base outlives edits better.
std::size_t Weight(const Schedule& schedule);

// Whether `a` is the smaller of two that fail alike: by their weight, then by what is injected, then by the drawn
// values themselves, by switches, by steps, and last by the base.
bool IsSmaller(const Attempt& a, const Attempt& b);

// Executes a candidate. Whoever calls Shrink decides how: in this process or in another one.
using TryCandidate = std::function<Attempt(const Schedule& candidate)>;

// What may still be spent. Steps stand for time: a clock would let the result depend on the machine.
struct ShrinkBudget {
  std::uint64_t executions = 0;
  std::uint64_t steps = 0;

  bool spent() const { return executions == 0 || steps == 0; }
  // One execution of so many steps.
  void Spend(std::uint64_t its_steps) {
    --executions;
    steps -= its_steps < steps ? its_steps : steps;
  }
};

// Of the schedules that failed alike, the smallest one, starting from what `failing` did as seen from each base.
// Without any, what it did as seen from `stay`, with `fails_alike` unset. Deterministic.
Attempt Shrink(const Description& failing, const TryCandidate& try_candidate, ShrinkBudget& budget);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SHRINK_H_
