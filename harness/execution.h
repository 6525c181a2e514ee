// One execution: the step from which search, shrinking and replay are made.
#ifndef HOCKET_HARNESS_EXECUTION_H_
#define HOCKET_HARNESS_EXECUTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "harness/breakpoint.h"
#include "harness/detectors/detectors.h"
#include "harness/isolation.h"
#include "hocket/run.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// What an execution decided and how it ended: enough to run it again exactly, cheap enough to keep for each.
struct Record {
  std::vector<AlternativeId> picks;
  std::vector<std::uint32_t> draws;
  std::uint64_t hash = 0;  // of both
  std::uint64_t steps = 0;
  bool stopped = false;  // the chooser gave it up
  std::optional<ExecutionFailure> failure;
};

// Runs executions of one body.
class Execution {
 public:
  Execution(const Body& body, const ExploreOptions& options)
      : body_(body),
        options_(options),
        detectors_(options),
        breakpoint_(options.break_at),
        log_(options, detectors_),
        run_options_{.clock = ClockKind::kVirtual,
                     .time_passes = options.time_passes,
                     .wake_order = options.wake_order,
                     .faults = options.faults,
                     .cancellations = options.cancellations,
                     .max_steps = options.steps_per_execution,
                     .decisions = &log_} {}

  // Runs the body under `chooser`, in a process of its own if the options say so. The record is valid until the next
  // call.
  const Record& Run(Chooser& chooser, Observer* observer = nullptr);

  // What isolated executions write is not shown any more: shrinking a crash would show it again and again.
  void Silence() { silent_ = true; }

 private:
  void RunHere(Chooser& chooser, Observer* observer, Record& record);

  const Body& body_;
  const ExploreOptions& options_;
  Detectors detectors_;
  Breakpoint breakpoint_;
  // Tells a test framework and the detectors when the execution ends, before it is torn down.
  struct Log final : DecisionLog {
    Log(const ExploreOptions& options_in, Detectors& detectors_in) : options(options_in), detectors(detectors_in) {}
    void End() noexcept override {
      detectors.End();
      if (options.expectations != nullptr) options.expectations->End();
    }
    const ExploreOptions& options;
    Detectors& detectors;
  };
  Log log_;
  RunOptions run_options_;
  Runner runner_;
  std::unique_ptr<Isolation> isolation_;
  bool silent_ = false;
  Record record_;
};

// The failure that an outcome is, if it is one.
std::optional<ExecutionFailure> FailureOf(const RunOutcome& outcome);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXECUTION_H_
