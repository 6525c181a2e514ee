// The wait-for graph as a drawing: an arrow from each task that waits to each task that can end its wait.
//
//     std::ofstream("deadlock.dot") << FormatWaitGraph(outcome.unfinished, GraphFormat::kDot);
//
//     dot -Tsvg deadlock.dot > deadlock.svg
//
// Arrows carry the operation that is waited in. Tasks and arrows on a cycle are red and thick, so that the cycle is
// also seen without colour; a task that waits for nobody who is known has a dashed arrow to a question mark.
//
// Names are data: whatever tasks are called, the text stays well-formed. Threads: any.
#ifndef HOCKET_WAIT_GRAPH_H_
#define HOCKET_WAIT_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hocket/task_snapshot.h"

namespace hocket {

enum class GraphFormat : std::uint8_t {
  kDot,      // of Graphviz
  kMermaid,  // a flowchart, as Markdown viewers draw it
};

std::string FormatWaitGraph(const std::vector<TaskSnapshot>& tasks, GraphFormat format);

}  // namespace hocket

#endif  // HOCKET_WAIT_GRAPH_H_
