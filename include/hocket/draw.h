// Values that a program leaves open: a fault or not, one of several replies. In a test they are decisions of the
// schedule, recorded, replayed and shrunk like any other; in production they are 0.
#ifndef HOCKET_DRAW_H_
#define HOCKET_DRAW_H_

#include <cstdint>

namespace hocket {

// One of the values 0 .. n-1. 0 is the ordinary one, towards which shrinking goes. `label` names the choice in
// schedules: a string that outlives the run. Not a checkpoint. REQUIRES: n >= 1; called by a task.
std::uint32_t Choose(std::uint32_t n, const char* label);

}  // namespace hocket

#endif  // HOCKET_DRAW_H_
