// Running a program: Run(main) executes a task and everything started by it, and returns how it ended.
//
//     RunOutcome outcome = Run([] () -> Task<> { co_await Sleep(1ms); });
//     if (outcome.kind != RunOutcome::Kind::kCompleted) std::cerr << outcome.ToString();
//
// Run never throws: whatever happened is in the outcome. Runs do not nest (CHECK). Threads: any, one run per thread at
// a time.
#ifndef HOCKET_RUN_H_
#define HOCKET_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hocket/chooser.h"
#include "hocket/failure.h"
#include "hocket/left_behind.h"
#include "hocket/observer.h"
#include "hocket/task.h"
#include "hocket/task_snapshot.h"
#include "hocket/time.h"

namespace hocket {

enum class ClockKind : std::uint8_t {
  kSystem,   // waits for real
  kVirtual,  // starts at 0, and jumps to the earliest deadline when nothing can run
};

// When virtual time may pass.
enum class TimePasses : std::uint8_t {
  kWhenIdle,  // only when no task can run
  kAnytime,  // also while tasks can run: the clock is one more alternative, so that every timeout races with everything
};

// Whom a primitive wakes of those that wait in it. Programs may rely on first come, first served here; those that are
// also to be right where nobody promises that (POSIX condition variables) are explored with kAny.
enum class WakeOrder : std::uint8_t {
  kFirst,  // who came first
  kAny,    // drawn, wherever a ParkingLot, Lock, Condition, Semaphore, CapacityLimiter or channel wakes some of several
};

// How long a pass of the run loop is: what runs between two looks at the clock.
enum class PassLength : std::uint8_t {
  kStep,   // one step
  kBatch,  // every task that was ready when the pass began, once: Trio's fairness
};

// Asked when a run is deadlocked, before it is given up.
class DeadlockHandler {
 public:
  virtual ~DeadlockHandler() = default;
  // Called between two steps. True if it has done something about it (cancelled a scope, set an event): the run goes
  // on.
  virtual bool OnDeadlock() = 0;
};

struct RunOptions {
  ClockKind clock = ClockKind::kSystem;
  TimePasses time_passes = TimePasses::kWhenIdle;
  WakeOrder wake_order = WakeOrder::kFirst;
  PassLength pass = PassLength::kStep;
  bool faults = true;           // Fault asks the chooser; otherwise it is false
  bool cancellations = true;    // scopes under OfferCancellation are offered to the chooser
  std::uint64_t max_steps = 0;  // 0: no limit
  Chooser* chooser = nullptr;   // none: first in, first out
  // Answers in place of `chooser` from step `suffix_after` on: how the run would go on under a fair schedule. Its
  // decisions are not written down. `chooser` sees its alternatives withdrawn and the end of the run then.
  Chooser* suffix = nullptr;  // none: `chooser` answers to the end
  std::uint64_t suffix_after = 0;
  bool note_permits = false;         // RunOutcome::left_behind tells of permits and values as well: see left_behind.h
  DecisionLog* decisions = nullptr;  // none: the chooser's decisions are not written down; otherwise they are appended
  DeadlockHandler* deadlock_handler = nullptr;  // none: a deadlock ends the run
  Observer* observer = nullptr;                 // none: nothing is recorded
};

// How a run ended, as a value.
struct RunOutcome {
  enum class Kind : std::uint8_t {
    kCompleted,  // the main task returned
    kFailed,     // an error left the main task: see `failure`
    kCancelled,  // a cancellation left the main task
    kDeadlock,   // no task could run, no deadline was finite, no poster was open: see `unfinished`
    kStepLimit,  // max_steps steps were taken: see `unfinished`
    kStopped,    // the chooser gave the run up: it says nothing about the program
  };

  Kind kind = Kind::kCompleted;
  Failure failure;
  std::vector<TaskSnapshot> unfinished;  // the tasks that had not ended when the run was given up
  std::vector<WaitCycle> cycles;         // kDeadlock: who among them waits for each other in a circle
  // Functions whose tasks were made and then dropped without being awaited, which is a mistake: they never ran. The
  // first few, in order; not those that an exception, a cancellation or the end of the run kept from being awaited.
  std::vector<std::source_location> never_awaited;
  // What was destroyed in a state that nobody can have meant. The first few, in order.
  std::vector<LeftBehind> left_behind;
  std::uint64_t steps = 0;
  Time ended_at;

  bool completed() const noexcept { return kind == Kind::kCompleted; }
  // A report for people: one line, then the failure or the unfinished tasks.
  std::string ToString() const;
};

// "completed", "failed", "cancelled", "deadlock", "step-limit" or "stopped".
const char* ToString(RunOutcome::Kind kind) noexcept;

// The outcome of a run whose main task returns a T: `value` is there iff the run completed.
template <class T>
struct ValueOutcome : RunOutcome {
  std::optional<T> value;
};

namespace internal {
class Scheduler;

// A reference to the callable that makes the main task, without its type.
struct MainBody {
  void* object;
  Frame* (*start)(void* object);
};
}  // namespace internal

// Runs one program after another and keeps its memory in between: for callers that run millions of them. Give each
// thread its own.
class Runner {
 public:
  Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner();

  // `main` is a callable `() -> Task<T>`; T may be void.
  template <class Main>
  auto Run(Main&& main, const RunOptions& options) {
    using T = typename std::invoke_result_t<Main&>::value_type;
    if constexpr (std::is_void_v<T>) {
      auto call = [&] { return main(); };
      return RunBody(BodyOf(call), options);
    } else {
      std::optional<T> value;
      auto keep = [&]() -> Task<> { value.emplace(co_await main()); };
      ValueOutcome<T> outcome{RunBody(BodyOf(keep), options), std::nullopt};
      outcome.value = std::move(value);
      return outcome;
    }
  }

 private:
  template <class Callable>
  static internal::MainBody BodyOf(Callable& callable) {
    return {&callable, [](void* object) { return TaskAccess::Release((*static_cast<Callable*>(object))()); }};
  }
  RunOutcome RunBody(internal::MainBody main, const RunOptions& options);

  std::unique_ptr<internal::Scheduler> scheduler_;
};

// Runs one program. See Runner::Run.
template <class Main>
auto Run(Main&& main, const RunOptions& options = {}) {
  Runner runner;
  return runner.Run(std::forward<Main>(main), options);
}

// True while destructors run because their task is being unwound by a cancellation or its run is given up; also those
// of the callable and the arguments that a cancelled task was started with. std::uncaught_exceptions() is 0 then: a
// guard that tells success from failure must ask both. (An error that ends a task has been caught by the time its
// callable and arguments are destroyed: to them it looks like success.)
bool Unwinding() noexcept;

}  // namespace hocket

#endif  // HOCKET_RUN_H_
