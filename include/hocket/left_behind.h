// What a run leaves behind: primitives that are destroyed in a state that nobody can have meant.
//
//     Task<> Update(Lock& lock) {
//       co_await lock.Acquire();
//       if (nothing_to_do) co_return;  // the lock stays taken
//       ...
//
// When a primitive is destroyed, it is looked at. Always noted, in RunOutcome::left_behind: a Lock that somebody holds;
// tasks that still wait in an Event, a Lock, or whatever has a ParkingLot inside. Noted if RunOptions::note_permits or
// ExpectNothingLeftBehind asks for it, because programs may mean it: a Semaphore that has not as many tokens as it
// began with (one that counts signals ends anywhere), a CapacityLimiter with borrowers, values in the buffer of a
// channel whose last receiver closes.
//
// What cannot happen: a note about a primitive that goes because of an exception, a cancellation or the end of a run
// that is given up, since on these ways nobody could put anything back. Not seen: primitives that outlive the run.
#ifndef HOCKET_LEFT_BEHIND_H_
#define HOCKET_LEFT_BEHIND_H_

#include <source_location>
#include <string>

namespace hocket {

struct LeftBehind {
  std::string what;            // "a Lock is held by main/0"
  std::source_location where;  // where the primitive was made; of a waiting task: where it waits. An annotation
};

// From now on, the current run notes permits and values that are left behind. An explored test that says so fails on
// them. REQUIRES: called inside a run.
void ExpectNothingLeftBehind();

// From now on, the current run notes nothing: for tests of what happens to those whom somebody has left in the lurch.
// REQUIRES: called inside a run.
void AllowLeftBehind();

}  // namespace hocket

#endif  // HOCKET_LEFT_BEHIND_H_
