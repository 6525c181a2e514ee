// A trace as text: a column (lane) a task, a row a step.
//
//     in bank_test.cc:
//          main                   main/0 Transfer  main/1 Audit
//       1  starts main/0, main/1
//          waits Nursery.Exit :9
//       2  |                      Checkpoint :3    |
//     > 3  |                      |                Checkpoint :8
//       4  |                      |                ends
//       5  |                      ends
//       6  ends
//     > runs here instead of what the base schedule would run
//
// A cell says what the task did and where its step ended; `|` stands for a task that exists and does not step. Time
// that passes is a row across the lanes. More than eight steps of one task in which nothing else happens are folded,
// and so are rows that come again and again in the same order; of more than 400 rows that are left then, the middle is
// left out, but for the marked ones. Tasks that have no room side by side become a list: the same rows, each with the
// name of its task.
//
// What cannot happen: a character that is not printable ASCII (they are shown as `?`), a space at the end of a line, a
// row longer than the width as long as that has room for the margin and two columns of 12 characters.
#ifndef HOCKET_TESTING_LANES_H_
#define HOCKET_TESTING_LANES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "hocket/testing/trace.h"

namespace hocket::testing {

struct LaneOptions {
  std::size_t width = 100;  // columns of the terminal
  bool colour = false;      // ANSI: marked rows bold, jumps dim
  std::vector<std::size_t>
      marked;  // indices into Trace::events of the steps and jumps at which the schedule deviates from its base
};

// Lines, each with its end. REQUIRES: the tasks that the events name are in `trace.tasks`. Threads: any.
std::string RenderLanes(const Trace& trace, const LaneOptions& options);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_LANES_H_
