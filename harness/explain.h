// Explains one execution: as a schedule, a trace and, if it failed, in its smallest form.
#ifndef HOCKET_HARNESS_EXPLAIN_H_
#define HOCKET_HARNESS_EXPLAIN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/describer.h"
#include "harness/execution.h"
#include "harness/shrink.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

bool SameFailure(const std::optional<ExecutionFailure>& a, const std::optional<ExecutionFailure>& b);

// Its index in kBases.
std::size_t BaseIndex(Base base);

struct Described {
  std::optional<ExecutionFailure> failure;
  Description description;
  std::uint64_t steps = 0;
};

Described RunDescribed(Execution& execution, Chooser& chooser);
// By a schedule, as far as the program fits it.
Described RunDescribed(Execution& execution, const Schedule& schedule);

// The schedule that an execution followed, as seen from one of kBases, ready to be stored.
Schedule StoredSchedule(const Description& description, std::size_t base,
                        const std::optional<ExecutionFailure>& failure, const std::string& test);

ReplayResult ResultOf(Described described, Base base, const std::string& test);

// Runs `candidate`, whether it fails as `failure`.
Attempt TryAgain(Execution& execution, const Schedule& candidate, const ExecutionFailure& failure);

// The smallest schedule that is found to fail as `failure`, starting from an execution that did. What it gives fails so
// unless the program depends on something else than its schedule. Deterministic.
Schedule Smallest(Execution& execution, const Description& failing, const ExecutionFailure& failure,
                  ShrinkBudget& budget);

// Shrinks a failing execution, and runs the result once more for the report; looks for the schedule nearest to it that
// passes. Fills in exploration.failure or .nondeterminism.
void ExplainFailure(Execution& execution, const Record& failing, const ExploreOptions& options,
                    const std::string& strategy, std::uint64_t index, Exploration& exploration);

// Which execution it was that did not happen again.
std::string NameOf(const std::string& test, std::uint64_t index);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXPLAIN_H_
