// A recording: what one execution did in more detail than its trace has, for reports that draw it.
//
// It is made by running the schedule once more with somebody who listens to everything, so that executions that nobody
// looks at pay nothing for it.
//
//     const Recording recording = RecordSchedule(body, found.schedule, options);
//     HtmlReport({.failing = {.schedule = found.schedule, .recording = recording}});
//
// Threads: values; RecordSchedule as Explore.
#ifndef HOCKET_HARNESS_REPORT_RECORDING_H_
#define HOCKET_HARNESS_REPORT_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hocket/observer.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/trace.h"

namespace hocket::testing {

// Who can be chosen: a task by its spawn number, the clock, or the cancellation of a scope from outside.
using Actor = std::uint32_t;
inline constexpr Actor kClockActor = Actor{1} << 31;
inline constexpr Actor kFirstCancelActor = kClockActor + 1;  // plus an index into Recording::cancellations
inline constexpr Actor kNoActor = ~Actor{0};

// One node of a failure; the nodes of a tree stand in a row, each group before its members.
struct FailureNode {
  enum class Kind : std::uint8_t { kError, kCancelled, kGroup };
  Kind kind = Kind::kError;
  std::uint32_t depth = 0;
  std::string text;  // of a group its message

  friend bool operator==(const FailureNode&, const FailureNode&) = default;
};

// Something that a trace does not tell.
struct Note {
  enum class Kind : std::uint8_t {
    kReady,        // `actor` can run now
    kUnready,      // `actor` can no longer run, without having been chosen
    kWake,         // the step under way, or the clock, ended the wait of the task `actor`
    kBase,         // the next step follows a decision in which the base would have chosen `actor`
    kJoin,         // the task `actor` is in the nursery whose scope is `index`
    kEnterScope,   // the task `actor` entered the scope `index`
    kLeaveScope,   // the task `actor` left the scope `index`; `text`: caught a cancellation, or empty
    kCancelScope,  // the scope `index` was cancelled; `text` says why
    kSetScope,     // the shield or the deadline of the scope `index` was set: `scope`
    kSend,         // the task `actor` sent the value `index`: counted over all channels
    kReceive,      // the task `actor` received the value `index`
    kFailure,      // what the event or note before this ended with: `index` into Recording::failures
    kSuffix,       // from here on the execution is run fairly, to see whether it ends: nobody is asked
  };
  Kind kind = Kind::kReady;
  std::size_t before = 0;  // index into Trace::events of what it happened before
  Actor actor = kNoActor;
  std::uint32_t index = 0;
  std::string text;
  ScopeInfo scope;
};

struct RecordedScope {
  ScopeInfo info;  // as it was entered
  std::uint32_t task = 0;
};

struct Recording {
  Trace trace;
  std::vector<std::size_t> marked;  // the steps in `trace` that deviate from the base
  std::vector<Note> notes;          // in the order of what happened
  std::vector<RecordedScope> scopes;
  std::vector<std::vector<FailureNode>> failures;
  std::vector<std::string> cancellations;  // paths of those that could come from outside
};

// Runs `schedule` once more, in this process. REQUIRES: the execution does not end it.
Recording RecordSchedule(const Body& body, const Schedule& schedule, const ExploreOptions& options = {});

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_RECORDING_H_
