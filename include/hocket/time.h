// Time as a run sees it: integer nanoseconds since the run began.
//
// Integers, because virtual time must be exact: with binary floating point `base + (deadline - base)` may miss a
// deadline by one unit in the last place. One type for the virtual and the system clock, so that the same program runs
// on both.
#ifndef HOCKET_TIME_H_
#define HOCKET_TIME_H_

#include <chrono>

namespace hocket {

// A length of time. std::chrono literals work: `Sleep(5s)`.
using Duration = std::chrono::nanoseconds;

// The clock of the current run. It has no now(): ask hocket::Now(), which belongs to the run.
struct RunClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<RunClock, Duration>;
  static constexpr bool is_steady = true;
};

// A point in time of a run. Time{} is its beginning.
using Time = RunClock::time_point;

// "No deadline": later than every point in time.
inline constexpr Time kForever = Time::max();

// The present of the current run. It moves only while the run waits or between two steps, never during a step of a
// virtual clock's run. REQUIRES: called inside a run.
Time Now();

}  // namespace hocket

#endif  // HOCKET_TIME_H_
