// Explore: runs a program under one schedule after another, and on a failure gives the smallest schedule that shows it.
//
//     Exploration exploration = Explore([] { return Program(); }, {.executions = 1000});
//     if (exploration.failure) std::cerr << exploration.failure->message << FormatToken(exploration.failure->schedule);
//
// The program is run many times, so it must be a function of the schedule alone: what it changes outside itself changes
// the next execution. An execution fails if its main task fails or is cancelled, if it deadlocks, takes too many steps,
// or fails an expectation.
//
// Threads: any, one exploration per thread at a time.
#ifndef HOCKET_TESTING_EXPLORE_H_
#define HOCKET_TESTING_EXPLORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hocket/run.h"
#include "hocket/task.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"
#include "hocket/testing/trace.h"

namespace hocket::testing {

// The program: makes the main task of one execution.
using Body = std::function<Task<>()>;

// How an execution failed.
struct ExecutionFailure {
  FailureIdentity identity;  // the same for the same failure under another schedule
  std::string message;       // for people
  std::string file;          // where the failed expectation stands, if it is one
  int line = 0;

  friend bool operator==(const ExecutionFailure&, const ExecutionFailure&) = default;
};

// What a test framework knows about an execution: expectations that failed in it. HOCKET_TEST passes GoogleTest's.
class Expectations {
 public:
  virtual ~Expectations() = default;
  // An execution begins.
  virtual void Begin() = 0;
  // It has ended; what fails from now on, while it is torn down, does not count.
  virtual void End() noexcept = 0;
  // The first expectation that failed in it.
  virtual std::optional<ExecutionFailure> Failure() const = 0;
};

struct ExploreOptions {
  std::string test;  // the test's full name, kept in schedules
  std::uint64_t seed = 1;
  std::uint64_t first_execution = 0;              // index of the first execution; the others follow
  std::uint64_t executions = 1000;                // at most
  std::uint64_t total_steps = 20'000'000;         // at most, over all executions
  std::uint64_t steps_per_execution = 100'000;    // more is a failure
  std::uint64_t shrink_executions = 2000;         // at most, to shrink a failure
  TimePasses time_passes = TimePasses::kAnytime;  // timeouts race with everything
  // Makes the strategy of the exploration from its seed; none: the bases stay and fifo once each, then a random walk.
  std::function<std::unique_ptr<Strategy>(std::uint64_t seed)> strategy;
  Expectations* expectations = nullptr;
  // Called before each execution, with its index and strategy, where a death in it could be told from outside.
  std::function<void(std::uint64_t index, const Strategy& strategy)> before_execution;
};

// A failure, shrunk, with everything that a report needs.
struct FoundFailure {
  ExecutionFailure failure;          // as the shrunk schedule shows it
  Schedule schedule;                 // the shrunk one, with its exact form
  Trace trace;                       // of the shrunk schedule
  std::vector<std::size_t> marked;   // the steps in `trace` that deviate from the base
  std::string strategy;              // that found it
  std::uint64_t execution = 0;       // the index of the one that failed
  std::size_t deviations_found = 0;  // from the same base, before shrinking
  std::uint64_t shrink_executions = 0;

  friend bool operator==(const FoundFailure&, const FoundFailure&) = default;
};

struct Exploration {
  std::uint64_t executions = 0;  // run, without those for shrinking
  std::uint64_t steps = 0;
  std::uint64_t distinct = 0;  // different sequences of decisions among them
  std::optional<FoundFailure> failure;
  // Set if the same decisions did not give the same execution twice: the program depends on something else than its
  // schedule. What differs.
  std::optional<std::string> nondeterminism;

  // One sentence: what was explored, and what came out.
  std::string Statement() const;

  friend bool operator==(const Exploration&, const Exploration&) = default;
};

Exploration Explore(const Body& body, const ExploreOptions& options = {});

// What a stored schedule did.
struct ReplayResult {
  std::optional<ExecutionFailure> failure;
  Trace trace;
  std::vector<std::size_t> marked;
  Schedule schedule;  // as executed, with its exact form
  // Where the program no longer fits the schedule: at which decision, what was recorded and what is there now.
  std::optional<std::string> divergence;

  friend bool operator==(const ReplayResult&, const ReplayResult&) = default;
};

// Runs one execution by `schedule`: exactly, where the program fits it; by the base, where it does not.
ReplayResult ReplaySchedule(const Body& body, const Schedule& schedule, const ExploreOptions& options = {});

// Runs one execution under `strategy`, which is told that its index is `index`, and gives what it did as a schedule and
// a trace.
ReplayResult RunStrategy(const Body& body, Strategy& strategy, std::uint64_t index, const ExploreOptions& options = {});

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_EXPLORE_H_
