// Cancellation watch: finds tasks that stay in a scope for too long after that was cancelled.
//
// The idea: count, for each task, the steps that it takes and the time that it waits inside a scope that has been
// cancelled, shields or not. A task that answers needs few of them: it unwinds at its next cancel point. One that needs
// more has dropped the cancellation (it had been delivered, and the task went on in reach of it) or answers late (it
// stands behind a shield, or comes to no cancel point). Source: Trio's rule that a cancelled scope cancels every
// checkpoint until it is left, which makes going on inside it suspicious; asyncio's wait_for, which returned a result
// instead of the cancellation (bpo-37658), is the bug. Left out: waits that began before the cancellation, time in
// which the task could run and was not picked. Test: tests/detectors/cancellation_test.cc.
#ifndef HOCKET_HARNESS_DETECTORS_CANCELLATION_WATCH_H_
#define HOCKET_HARNESS_DETECTORS_CANCELLATION_WATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/detectors/passing_observer.h"
#include "hocket/testing/detectors.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

class CancellationWatch final : public PassingObserver {
 public:
  explicit CancellationWatch(const DetectorOptions& options) : options_(options) {}

  bool enabled() const noexcept { return options_.cancellation_steps || options_.cancellation_time; }
  // An execution begins. `inner` may be none.
  void Begin(Observer* inner);
  // Of the first task that was too late, whether it is still.
  const std::optional<ExecutionFailure>& Failure() const noexcept { return failure_; }

  void OnReady(std::uint32_t task) noexcept override;
  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override;
  void OnStep(std::uint32_t task) noexcept override;
  bool WatchesCancellations() const noexcept override { return true; }
  void OnCancelledStep(std::uint32_t task, ObjectId scope, bool shielded) noexcept override;
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override;
  void OnCancel(std::uint32_t task) noexcept override;
  void OnJump(Time now) noexcept override;

 private:
  struct Watched {
    std::string path;
    const char* operation = "start";
    std::source_location where;
    bool parked = false;
    Time parked_at;
    Duration last_wait{};
    // Since the first step in the cancelled scope:
    ObjectId scope = 0;
    bool inside = false;           // the last step was in it
    bool stayed = false;           // and so was the one before
    bool unwinds = false;          // the next step is the answer to a cancellation
    std::uint64_t deliveries = 0;  // how many waits a cancellation has ended
    std::uint64_t steps = 0;       // taken in it
    std::uint64_t went_on = 0;     // of them in reach of a cancellation that had been delivered, and no answer to it
    Duration waited{};
  };

  void Report(const Watched& watched, bool shielded);

  const DetectorOptions options_;
  Time now_;
  std::vector<Watched> tasks_;  // by spawn number
  std::optional<ExecutionFailure> failure_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_CANCELLATION_WATCH_H_
