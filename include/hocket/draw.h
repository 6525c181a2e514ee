// What a program leaves open: one of several replies, a fault or not. In a test these are decisions of the schedule,
// recorded, replayed and shrunk like any other; in production nothing happens.
#ifndef HOCKET_DRAW_H_
#define HOCKET_DRAW_H_

#include <cstdint>

namespace hocket {

// One of the values 0 .. n-1. 0 is the ordinary one, towards which shrinking goes. `label` names the choice in
// schedules: a string that outlives the run. Not a checkpoint. REQUIRES: n >= 1; called by a task.
std::uint32_t Choose(std::uint32_t n, const char* label);

// One of two values. False is the ordinary one.
bool Coin(const char* label);

// A fault point: "may this fail here?" In production never. In a test the schedule says, and drawn faults come in
// clusters: an execution makes some labels fail and leaves the others alone.
//
//     if (Fault("disk.write")) throw std::runtime_error("no space left");
//
// REQUIRES: called by a task.
bool Fault(const char* label);

}  // namespace hocket

#endif  // HOCKET_DRAW_H_
