// What an exploration looks for besides failed expectations: see docs/detectors.md.
//
//     Explore(body, {.detectors = {.permits = true, .cancellation_steps = 20}});
//
// Always on: deadlocks, livelocks, monitors that stay hot (monitor.h), tasks that were never awaited, locks and waiters
// left behind (hocket/left_behind.h). What is here changes how much is looked for.
#ifndef HOCKET_TESTING_DETECTORS_H_
#define HOCKET_TESTING_DETECTORS_H_

#include <cstdint>
#include <optional>

#include "hocket/time.h"

namespace hocket::testing {

struct DetectorOptions {
  // How many of an execution's last steps are taken under a fair schedule, before it counts as one that does not end;
  // none: half of ExploreOptions::steps_per_execution. With 0, an unfair schedule fails a program that waits by
  // polling.
  std::optional<std::uint64_t> fair_steps;
  // For how many fair steps in a row a monitor may be hot; none: as long as there are.
  std::optional<std::uint64_t> hot_steps;
  // Permits and values that are left behind are failures too, as if each body said ExpectNothingLeftBehind().
  bool permits = false;
  // How many steps a task may take inside a scope after that has been cancelled, and for how much time it may wait
  // there, shields or not; none: any. Costs about as much as another strategy does.
  std::optional<std::uint64_t> cancellation_steps;
  std::optional<Duration> cancellation_time;
};

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_DETECTORS_H_
