// The detectors of an execution, together: set up before each run, asked after it.
#ifndef HOCKET_HARNESS_DETECTORS_DETECTORS_H_
#define HOCKET_HARNESS_DETECTORS_DETECTORS_H_

#include <cstdint>
#include <optional>

#include "harness/detectors/cancellation_watch.h"
#include "harness/detectors/fair_suffix.h"
#include "harness/detectors/monitor_board.h"
#include "hocket/run.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// How many steps of an execution may be unfair.
std::uint64_t UnfairSteps(const ExploreOptions& options);

class Detectors {
 public:
  explicit Detectors(const ExploreOptions& options);

  // An execution begins: completes `run`, whose observer is the one that the caller wants.
  void Begin(RunOptions& run);
  // The execution ends, and is torn down next.
  void End() noexcept;

  // The failure of an execution that ended with `outcome`, if it failed.
  std::optional<ExecutionFailure> FailureOf(const RunOutcome& outcome) const;

 private:
  const ExploreOptions& options_;
  FairSuffix fair_suffix_;
  MonitorBoard monitors_;
  CancellationWatch cancellations_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_DETECTORS_H_
