// Trace: what happened in one execution, as a value.
//
// The same decisions give the same trace in every build: compilers, optimisation, sanitizers and address space layout
// may differ. Source locations do differ between compilers; they are annotations, kept for reports and left out of
// comparison and hash.
#ifndef HOCKET_TESTING_TRACE_H_
#define HOCKET_TESTING_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hocket/time.h"

namespace hocket::testing {

// One thing that happened. Events stand in the order in which they happened.
struct TraceEvent {
  enum class Kind : std::uint8_t {
    kSpawn,    // `task` was started by the step under way
    kStep,     // `task` began a step; `alternatives` could have (1: nobody was asked)
    kPark,     // the step ended, and `task` stands at `text`, an operation ("Event.Wait")
    kCancel,   // a cancellation ended the wait that `task` is in
    kExit,     // `task` ended; `text` says how: empty for a value, otherwise its failure in one line or as a tree
    kJump,     // virtual time jumped to `time`; `alternatives` as for a step
    kDraw,     // the step under way drew `value` under the label `text`
    kOutside,  // a scope was cancelled from outside: `text` is its path; `alternatives` as for a step
  };

  Kind kind = Kind::kStep;
  std::uint32_t task = 0;          // spawn number: index into Trace::tasks
  std::uint32_t alternatives = 0;  // of the decision before a step or jump
  std::uint32_t value = 0;
  std::string text;
  Time time;         // of the run, when it happened
  std::string file;  // annotation of kPark: where the co_await stands
  std::uint32_t line = 0;

  // Without the annotations.
  friend bool operator==(const TraceEvent& a, const TraceEvent& b) {
    return a.kind == b.kind && a.task == b.task && a.alternatives == b.alternatives && a.value == b.value &&
           a.text == b.text && a.time == b.time;
  }
};

// At most kMostEvents events, the last ones; of a longer execution the others are only counted and hashed.
struct Trace {
  static constexpr std::size_t kMostEvents = std::size_t{1} << 18;

  std::vector<std::string> tasks;  // spawn paths by spawn number: "main", "main/0"
  std::vector<std::string>
      functions;  // annotation by spawn number: the task's function as far as it is known, "Transfer"
  std::vector<TraceEvent> events;
  std::uint64_t earlier_events = 0;  // that came before those
  std::uint64_t earlier_steps = 0;   // of them, steps, jumps and cancellations from outside
  std::uint64_t earlier_hash = 0;    // of what == compares of them

  friend bool operator==(const Trace& a, const Trace& b) {
    return a.tasks == b.tasks && a.events == b.events && a.earlier_events == b.earlier_events &&
           a.earlier_hash == b.earlier_hash;
  }
  // A fixed function of what == compares.
  std::uint64_t Hash() const;
};

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_TRACE_H_
