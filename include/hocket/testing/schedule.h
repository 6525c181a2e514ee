#ifndef HOCKET_TESTING_SCHEDULE_H_
#define HOCKET_TESTING_SCHEDULE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace hocket::testing {

// A schedule says which alternative a run chooses at each decision. The types
// here are plain values; docs/schedule_format.md defines how they are written.
//
//   absl::StatusOr<Schedule> schedule =
//       ParseToken("h1:base=stay:at=main/0,Checkpoint,1,main/1");
//   if (!schedule.ok()) return schedule.status();
//   schedule->deviations[0].run;     // "main/1"
//   FormatScheduleFile(*schedule);   // "hocket-schedule 1\nbase stay\nat ..."
//
// Tasks and operations are named (spawn path, label), never numbered, so that a
// schedule outlives small edits of the program. Nothing here knows which names
// a program has: that a name fits no task shows when the schedule is replayed.
//
// Threads: values without shared state; the functions are pure and may be
// called from any thread.

// What is chosen where no deviation says otherwise.
enum class Base {
  kStay,   // The running task runs on until it blocks.
  kFifo,   // The task that has been ready longest.
  kSpawn,  // The first in spawn order.
};

// As schedules spell it: "stay". Lifetime: static.
const char* ToString(Base base) noexcept;

// A place in a run: `task` is at `op` for the `nth` time, counted from 1. It
// names at most one moment of a run, and does not move when other tasks do.
struct Position {
  std::string task;
  std::string op;
  std::uint32_t nth = 1;

  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// Where the task that stepped last stands at `at`, the task `run` goes on
// instead of the one that the base would choose.
struct Deviation {
  Position at;
  std::string run;

  friend bool operator==(const Deviation&, const Deviation&) = default;
};

// The value drawn at `at`, whose `op` is the label that it was drawn under.
// Values that no DrawnValue lists are 0.
struct DrawnValue {
  Position at;
  std::uint32_t value = 0;

  friend bool operator==(const DrawnValue&, const DrawnValue&) = default;
};

// One decision of a recorded run: of `alternatives`, `task` at `op` was chosen.
struct Decision {
  std::uint32_t alternatives = 2;
  std::string task;
  std::string op;

  friend bool operator==(const Decision&, const Decision&) = default;
};

// What a run ended in: a kind such as "expect" or "deadlock", and a number that
// tells failures of one kind apart.
struct FailureIdentity {
  std::string kind;
  std::uint32_t id = 0;

  friend bool operator==(const FailureIdentity&, const FailureIdentity&) = default;
};

// How a recorded run is recognised.
struct TraceSummary {
  std::uint64_t decisions = 0;
  std::uint64_t hash = 0;

  friend bool operator==(const TraceSummary&, const TraceSummary&) = default;
};

// The most decisions that `Schedule::exact` may have and still be read back.
inline constexpr std::size_t kMaxDecisions = std::size_t{1} << 20;

// Everything that a replay needs to know, and what it should see.
//
// A schedule is *well-formed* if
//   - `failure->kind` consists of a-z and '-', and is not empty;
//   - every `nth` is at least 1;
//   - no two deviations have the same position, nor have two draws;
//   - every decision has at least 2 alternatives;
//   - `exact` has at most kMaxDecisions decisions, whose names take at most
//     256 MiB, and if it is not empty and there is a `trace`, as many as the
//     trace says.
// All other strings may hold any bytes. The parsers return well-formed
// schedules only.
struct Schedule {
  std::string test;  // GoogleTest's full name, or empty.
  std::optional<FailureIdentity> failure;
  std::vector<std::string> input;  // Engine and its words, or empty.
  Base base = Base::kStay;
  std::vector<Deviation> deviations;  // Their order means nothing.
  std::vector<DrawnValue> draws;      // Likewise.
  std::optional<TraceSummary> trace;
  std::vector<Decision> exact;  // Every decision in order, or empty.

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// What `schedule` decides, without what was recorded with it: its base,
// deviations and drawn values alone.
Schedule PlanOf(const Schedule& schedule);

// Reads a schedule file, or the token spelling. Whatever the bytes are, the
// result is a well-formed schedule or an InvalidArgument error with the place,
// what was expected there and what was found:
//   "line 4, column 6: expected a base (stay, fifo or spawn), found 'stya'"
//   "token, character 9: expected a base (stay, fifo or spawn), found 'stya'"
// No schedule has two tokens, or two files that differ in more than comments
// and blank lines: a text that FormatToken or FormatScheduleFile would not have
// written is an error.
absl::StatusOr<Schedule> ParseScheduleFile(const std::string& text);
absl::StatusOr<Schedule> ParseToken(const std::string& token);

// Writes a schedule. If it is well-formed, parsing the result gives an equal
// one; if not, parsing the result gives an error that says what is wrong.
// Formatting itself cannot fail, because a report about a failed run must not.
// A token needs no quotes in a POSIX shell.
std::string FormatScheduleFile(const Schedule& schedule);
std::string FormatToken(const Schedule& schedule);

// The token, or, when that has more than `max_chars` characters, the token of
// the schedule without `exact`. Nothing else is ever left out, because the rest
// is what replays; so the result may still be longer than `max_chars`.
std::string FormatTokenWithin(const Schedule& schedule, std::size_t max_chars);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_SCHEDULE_H_
