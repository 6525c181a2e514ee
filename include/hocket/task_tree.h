// The task tree as text: who is in whose nursery, in which cancel scopes, what each task waits for, who holds that, and
// where in the program it waits.
//
//     a cycle: main/ab.0 waits for main/ba.0 waits for main/ab.0
//     main waits in Nursery.Exit for main/ab.0, main/ba.0
//       bank.cc:40
//       in a nursery, deadline in 5s:
//         main/ab.0 waits in Lock.Acquire for main/ba.0
//           bank.cc:12
//         main/ba.0 waits in Lock.Acquire for main/ab.0
//           bank.cc:12
//
// Below a task stand the co_awaits that it is in, innermost first and without those of this library, then its scopes,
// outermost first, with what of this is true: cancelled (by what), shielded, the deadline. Many tasks of one nursery
// that stand in the same way are shown by the first few.
//
// What cannot happen: a decision of a schedule that depends on any of this, or is moved by it. Nothing here counts as
// an access of the step under way.
#ifndef HOCKET_TASK_TREE_H_
#define HOCKET_TASK_TREE_H_

#include <string>
#include <vector>

#include "hocket/task_snapshot.h"
#include "hocket/time.h"

namespace hocket {

// Lines, each with its end, the tasks that are in nobody's nursery at the margin. `now`: what deadlines are counted
// from. Threads: any.
std::string FormatTaskTree(const std::vector<TaskSnapshot>& tasks, Time now);

// The tree of the run that this thread is in, or a line that says that there is none. Called by a task, a hook of an
// instrument, a posted function.
std::string TaskTree();

// Writes it to standard error. Also for debuggers: `call hocket::DumpTaskTree()`.
void DumpTaskTree();

}  // namespace hocket

#endif  // HOCKET_TASK_TREE_H_
