// Explore: runs a program under one schedule after another, and on a failure gives the smallest schedule that shows it.
//
//     Exploration exploration = Explore([] { return Program(); }, {.executions = 1000});
//     if (exploration.failure) std::cerr << exploration.failure->message << FormatToken(exploration.failure->schedule);
//
// The program is run many times, so it must be a function of the schedule alone: what it changes outside itself changes
// the next execution. An execution fails if its main task fails or is cancelled, if it deadlocks, takes too many steps,
// fails an expectation, or if a detector (detectors.h) finds something.
//
// With `jobs` above 1 the executions run in processes forked from this one: each has the globals that the process had
// before, and one that crashes is a failure of the exploration and not the end of it. What comes out is the same
// whatever `jobs` is. With `isolate` each execution has a process of its own, so that none sees what another one did to
// the globals.
//
// Threads: any, one exploration per thread at a time. With jobs, other threads must hold nothing that the program
// needs, because forked processes do not have them.
#ifndef HOCKET_TESTING_EXPLORE_H_
#define HOCKET_TESTING_EXPLORE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hocket/run.h"
#include "hocket/task.h"
#include "hocket/task_snapshot.h"
#include "hocket/testing/detectors.h"
#include "hocket/testing/observe.h"
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
  std::vector<TaskSnapshot> unfinished;  // the tasks that had not ended, in a deadlock or at the step limit

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

struct Exploration;

// Hears how an exploration goes, in the process that explores.
class ProgressListener {
 public:
  virtual ~ProgressListener() = default;
  // Whether it wants to hear now: asked after each execution.
  virtual bool Due(std::chrono::steady_clock::time_point now) = 0;
  // What has been explored so far, coverage included, and who decides now: a strategy, or "urw and surw (2 jobs)".
  virtual void Show(const Exploration& so_far, const std::string& in_turn) = 0;
};

struct ExploreOptions {
  std::string test;  // the test's full name, kept in schedules
  std::uint64_t seed = 1;
  // Index of the first execution; the others follow. Those before it that it rests on, because a strategy learns from
  // them, are run as well, but count for nothing.
  std::uint64_t first_execution = 0;
  std::uint64_t executions = 1000;          // at most
  std::uint64_t total_steps = 20'000'000;   // at most, over all executions
  std::chrono::nanoseconds time_budget{0};  // at most, but for the first execution; 0: no limit
  // Likewise: no execution but the first one begins later.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  unsigned jobs = 1;     // processes; 1: this one
  bool isolate = false;  // each execution in a process forked for it alone
  // Of so many explorations that divide the executions among them, which one this is: it runs those whose index leaves
  // the remainder `shard`, and the first one all those of a search.
  std::uint64_t shard = 0;
  std::uint64_t shards = 1;
  std::uint64_t steps_per_execution = 100'000;    // more is a failure; the second half of them is fair
  std::uint64_t shrink_executions = 2000;         // at most, to shrink a failure
  // Likewise. Steps bound the time, because a clock would let the result depend on the machine.
  std::uint64_t shrink_steps = 5'000'000;
  TimePasses time_passes = TimePasses::kAnytime;  // timeouts race with everything
  WakeOrder wake_order = WakeOrder::kFirst;
  bool faults = true;         // Fault may fail
  bool cancellations = true;  // scopes under OfferCancellation may be cancelled
  // What a search may rest on.
  PlainMemory memory = MemoryIsObserved() ? PlainMemory::kObserved : PlainMemory::kUnknown;
  bool check_determinism = true;  // runs a few of the executions twice, whether they are the same again
  // Makes the strategy of the exploration from its seed; none: `default`, see ParseStrategy.
  std::function<std::unique_ptr<Strategy>(std::uint64_t seed)> strategy;
  Expectations* expectations = nullptr;
  DetectorOptions detectors;
  // Called before each execution, with its index and strategy, where a death in it could be told from outside: with
  // jobs, in the process that runs it.
  std::function<void(std::uint64_t index, const Strategy& strategy)> before_execution;
  ProgressListener* progress = nullptr;
  // Where a replay stops in the debugger (SIGTRAP): before this step, counted from 1 as in the lanes. 0: nowhere.
  std::uint64_t break_at = 0;
};

// The kind in the identity of a failure that ended its process, which only jobs and isolation outlive.
inline constexpr char kCrash[] = "crash";

// A schedule that passes, next to one that fails: they part at a single decision.
struct MinimalPair {
  Schedule schedule;                // that passes, with its exact form
  Trace trace;                      // of it
  std::vector<std::size_t> marked;  // the steps in `trace` that deviate from the base
  std::size_t parting = 0;          // the first event that is not the same in the failing trace
  bool deviates_more = false;       // it passes by another decision than the failing schedule's, not by one fewer

  friend bool operator==(const MinimalPair&, const MinimalPair&) = default;
};

// A failure, shrunk, with everything that a report needs. Of a crash that does not come again in a process of its own
// nothing is known but the execution and how it ended: its schedule has no trace.
struct FoundFailure {
  ExecutionFailure failure;          // as the shrunk schedule shows it
  Schedule schedule;                 // the shrunk one, with its exact form
  Trace trace;                       // of the shrunk schedule
  std::vector<std::size_t> marked;   // the steps in `trace` that deviate from the base
  std::string strategy;              // that found it
  std::uint64_t execution = 0;       // the index of the one that failed
  std::size_t deviations_found = 0;  // from the same base, before shrinking
  std::uint64_t shrink_executions = 0;
  std::optional<MinimalPair> pair;    // none: all schedules next to it that were tried fail
  std::uint64_t pair_executions = 0;  // that were tried

  friend bool operator==(const FoundFailure&, const FoundFailure&) = default;
};

// What ended an exploration.
enum class Ended : std::uint8_t {
  kFailure,     // an execution failed, or was not the same again
  kExhausted,   // nothing was left to explore
  kExecutions,  // the budget of executions
  kSteps,       // the budget of steps
  kTime,        // the budget of time
  kDeadline,    // the deadline
};

struct Exploration {
  std::uint64_t executions = 0;  // run to their end, without those for shrinking and for checks
  std::uint64_t cut = 0;         // given up by the strategy, because what they would have shown was known
  std::uint64_t steps = 0;       // of both
  std::uint64_t distinct = 0;    // different sequences of decisions among `executions`
  Ended ended = Ended::kExecutions;
  std::uint64_t budget = 0;  // the one that ended, in executions, steps or milliseconds
  std::uint64_t left = 0;    // executions that were allowed and not begun
  // What a search has covered, unless something failed.
  std::optional<Coverage> coverage;
  std::optional<FoundFailure> failure;
  // Set if the same decisions did not give the same execution twice: the program depends on something else than its
  // schedule. Which test and execution, and the first difference.
  std::optional<std::string> nondeterminism;

  // One sentence: what came out, and what was explored.
  //     explored all 1,334 classes: no violation, proved (1,334 executions, 1,334 distinct, 57 cut, 9,021 steps)
  //     no violation with at most 2 delays (1,153 schedules), proved (...)
  //     about 41 % explored when the budget of 100,000 executions ended: no violation (...)
  //     no violation when the budget of 1,000 executions ended (...)
  //     execution 17 (urw) fails (...)
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

// The smallest schedule that is found to fail as `failing` does, as Explore would give it, and what it did; what
// `failing` did, if it passes.
ReplayResult ShrinkSchedule(const Body& body, const Schedule& failing, const ExploreOptions& options = {});

// What a search near a stored schedule has found.
struct RepairResult {
  std::optional<ReplayResult> replay;  // of the nearest schedule that fails as recorded, shrunk; none: none was found
  std::uint64_t executions = 0;        // that the search took, without those for shrinking

  friend bool operator==(const RepairResult&, const RepairResult&) = default;
};

// For a program that was edited, so that `recorded` no longer fails in it as it did: looks for a schedule near it that
// does. Few executions, and always the same ones. REQUIRES: recorded.failure.
RepairResult RepairSchedule(const Body& body, const Schedule& recorded, const ExploreOptions& options = {});

// Whether a replay of `recorded` calls for that: it did not fail, or it went another way and failed otherwise.
bool NeedsRepair(const ReplayResult& result, const Schedule& recorded);

// Runs one execution under `strategy`, which is told that its index is `index`, and gives what it did as a schedule and
// a trace.
ReplayResult RunStrategy(const Body& body, Strategy& strategy, std::uint64_t index, const ExploreOptions& options = {});

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_EXPLORE_H_
