// The seam: whatever a run leaves open, it asks a Chooser.
//
// A run is a pure function of (program, inputs, decisions). The decisions are: which of the alternatives runs next, and
// the values that the program draws. Production has no chooser and runs first in, first out; a test harness answers
// from a seed, a search, a fuzzer or a recorded schedule. The runtime knows nothing else about testing.
//
// The seam is incremental: no work per decision grows with the number of alternatives unless the chooser wants it to.
// In one execution:
//
//     Begin(executor)
//       Added(a), Added(b), ...            a can run now
//       Removed(b, kWithdrawn)             b can no longer run (somebody else took what it needed, the run is given up)
//       Pick() -> a                        asked only if two or more can run; kStopRun gives the run up
//       Removed(a, kPicked)                a's step begins, picked or because it was the only one
//       Touched(access) ...                what the step did, as far as it is known
//       Draw(n, label, kind) -> value < n  the program, or the runtime, wants one of n values
//     End()
//
// What cannot happen: Pick with fewer than two alternatives; an alternative added twice without being removed between;
// a step without a Removed(kPicked) before it. Being removed without having been picked is normal. An alternative is
// not a task: one task may have several (woken, timed out), and the clock is one of its own ("time passes now, although
// tasks could run"), as is each scope that a test lets be cancelled at any time ("it is cancelled now").
//
// Threads: one run, one thread at a time, but not always the same stack. A chooser must not throw, must not call into
// the run (other than the const methods of Executor), and takes no memory from it. Lifetime: outlives the run.
#ifndef HOCKET_CHOOSER_H_
#define HOCKET_CHOOSER_H_

#include <cstdint>
#include <limits>
#include <source_location>
#include <string>
#include <vector>

#include "hocket/access.h"
#include "hocket/time.h"

namespace hocket {

// A handle of an alternative: small, dense, reused after the alternative's owner has ended. The same decisions give the
// same handles.
using AlternativeId = std::uint32_t;

// A task's identity: a hash of its spawn path, the same in every execution and every build. See PathHash.
using TaskId = std::uint64_t;

// What Pick answers to give the run up: its outcome is RunOutcome::Kind::kStopped.
inline constexpr AlternativeId kStopRun = std::numeric_limits<AlternativeId>::max();

enum class AlternativeKind : std::uint8_t {
  kTask,    // a task takes its next step
  kClock,   // virtual time jumps to the earliest deadline
  kCancel,  // a scope is cancelled from outside: see OfferCancellation
};

// What a drawn value stands for, so that a chooser can keep apart what has nothing to do with each other.
enum class DrawKind : std::uint8_t {
  kValue,  // Choose, Coin: a value that the program or the test asks for
  kFault,  // Fault: 1 makes something fail
  kWake,   // who of those that wait is woken, where RunOptions::wake_order leaves it open
};

enum class Removal : std::uint8_t {
  kPicked,     // its step begins
  kDisabled,   // it can no longer run, for now
  kWithdrawn,  // it has ceased to be
};

// Where a task stands: the operation that it waits in, or "start" before its first step, or "exit" after its last one.
struct Standing {
  TaskId task = 0;
  const char* operation = "";  // a string that outlives the run: "Checkpoint", "Event.Wait"
};

// What an alternative is, the same in every build.
struct AlternativeInfo {
  AlternativeKind kind = AlternativeKind::kTask;
  Standing standing;               // whose step it is, and the operation that it goes on from
  std::uint32_t spawn_number = 0;  // 0 for the main task; the order of the base schedule `spawn`. Those that are no
                                   // tasks come last.
  Access declared;                 // what its step touches first, as far as the operation says
};

// The part of it that stays the same from step to step: as much as registers hold.
struct AlternativeOwner {
  TaskId task = 0;
  std::uint32_t spawn_number = 0;
  AlternativeKind kind = AlternativeKind::kTask;
};

// What a chooser may ask about the run. Every method is cheap, const and valid from Begin to End.
class Executor {
 public:
  // REQUIRES: `id` was added and not withdrawn.
  virtual AlternativeInfo Describe(AlternativeId id) const noexcept = 0;
  // The same in parts, for who asks at every call and has no time for what it does not need.
  virtual AlternativeOwner Owner(AlternativeId id) const noexcept {
    const AlternativeInfo info = Describe(id);
    return {info.standing.task, info.spawn_number, info.kind};
  }
  virtual Access Declared(AlternativeId id) const noexcept { return Describe(id).declared; }

  // Where in the user's code its co_await stands: an annotation, which differs between compilers and must not decide
  // anything.
  virtual std::source_location Location(AlternativeId id) const noexcept = 0;

  // Where the alternative that stepped last stands now: the position by which stored schedules name a decision. Before
  // the first step: the main task at "start". Means something between steps only: in Pick, and in Removed(kPicked).
  virtual Standing LastStep() const noexcept = 0;

  // The spawn path as text, "main/0/worker.1", of the task that owns `id`; "clock" for the clock; for the cancellation
  // of a scope a path as if its maker had spawned a task of the name "cancel": "main/0/cancel.0".
  virtual std::string Path(AlternativeId id) const = 0;

  virtual Time now() const noexcept = 0;

 protected:
  ~Executor() = default;
};

class Chooser {
 public:
  virtual ~Chooser() = default;

  virtual void Begin(const Executor& executor) noexcept = 0;
  virtual void Added(AlternativeId id) noexcept = 0;
  virtual void Removed(AlternativeId id, Removal why) noexcept = 0;
  // The step under way, or the one that has just ended and what it set off (a deadline that has passed), touched this.
  // Called as often as it happens, also twice for the same access.
  virtual void Touched(const Access& access) noexcept { static_cast<void>(access); }
  // Whether Touched is to be called; asked once a run, after Begin.
  virtual bool WantsAccesses() const noexcept { return true; }

  // ENSURES: an alternative that was added and not removed, or kStopRun.
  virtual AlternativeId Pick() noexcept = 0;

  // A value below `n` for `label`, drawn by the step under way. 0 is the simplest one. REQUIRES: n >= 2.
  // ENSURES: result < n.
  virtual std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept = 0;

  virtual void End() noexcept {}
};

// What the chooser of a run decides, in order. The run writes it down itself, because a chooser around the chooser
// would cost a virtual call for each of the calls above.
class DecisionLog {
 public:
  virtual ~DecisionLog() = default;
  // Called after Chooser::End, before what is left of the run is torn down.
  virtual void End() noexcept {}

  std::vector<AlternativeId> picks;
  std::vector<std::uint32_t> draws;
};

// The identity of the task with the given path: PathHash("main/0"). Lets a stored schedule name tasks of a run that
// does not exist yet.
TaskId PathHash(const std::string& path) noexcept;

// The clock's "task", under which its steps appear in schedules and traces: PathHash("clock").
TaskId ClockId() noexcept;

}  // namespace hocket

#endif  // HOCKET_CHOOSER_H_
