// ExecutionSource: where an exploration has its executions from, one after another in the order of their indexes: run
// in this process (series.h) or in others (workers.h).
#ifndef HOCKET_HARNESS_EXECUTION_SOURCE_H_
#define HOCKET_HARNESS_EXECUTION_SOURCE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/execution.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// What an exploration counts of an execution. Goes through memory that processes share.
struct Tally {
  std::uint64_t index = 0;
  std::uint64_t steps = 0;
  std::uint64_t hash = 0;  // of its decisions
  bool cut = false;        // its strategy gave it up
  bool failed = false;     // it failed, or was not the same again: see Finding
  bool exhausted = false;  // nothing is left to explore after it
  bool elsewhere = false;  // another shard runs it: nothing is known of it
};

// What is known of an execution that failed.
struct Finding {
  std::string strategy;                       // that ran it
  Record record;                              // of a crash only the failure
  bool crashed = false;                       // its process ended with it
  std::optional<std::string> nondeterminism;  // it did not fail, but was not the same again: what differed
};

class ExecutionSource {
 public:
  virtual ~ExecutionSource() = default;

  // The next execution, beginning with ExploreOptions::first_execution. None if it has not ended at `until`.
  virtual std::optional<Tally> Next(std::chrono::steady_clock::time_point until) = 0;
  // REQUIRES: the last execution failed.
  virtual Finding TakeFinding() = 0;
  // Who decides now, for people.
  virtual std::string InTurn() const = 0;
  // What the executions so far have covered, as far as it is known while they run.
  virtual std::optional<Coverage> Covered() const = 0;
  // What all executions given by Next() have covered. Next() must not be called any more.
  virtual std::optional<Coverage> End() = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXECUTION_SOURCE_H_
