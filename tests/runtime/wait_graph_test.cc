#include "hocket/wait_graph.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

TaskSnapshot Waiting(std::uint32_t number, const std::string& path, const std::string& operation,
                     std::vector<std::uint32_t> held_by) {
  TaskSnapshot task;
  task.path = path;
  task.spawn_number = number;
  task.operation = operation;
  task.held_by = std::move(held_by);
  return task;
}

// Two tasks in a circle, one that waits for nobody who is known, and one that could run.
std::vector<TaskSnapshot> FourTasks() {
  std::vector<TaskSnapshot> tasks = {
      Waiting(0, "main", "Nursery.Exit", {1, 2}), Waiting(1, "main/a.0", "Lock.Acquire", {2}),
      Waiting(2, "main/b.0", "Lock.Acquire", {1}), Waiting(3, "main/c.0", "Event.Wait", {}),
      Waiting(4, "main/d.0", "Checkpoint", {})};
  tasks[4].ready = true;
  return tasks;
}

TEST(WaitGraph, IsWrittenForGraphviz) {
  EXPECT_EQ("\n" + FormatWaitGraph(FourTasks(), GraphFormat::kDot), R"(
digraph waits {
  node [shape=box];
  t0 [label="main\nwaits in Nursery.Exit"];
  t1 [label="main/a.0\nwaits in Lock.Acquire", color=red, penwidth=2];
  t2 [label="main/b.0\nwaits in Lock.Acquire", color=red, penwidth=2];
  t3 [label="main/c.0\nwaits in Event.Wait"];
  t4 [label="main/d.0\nready at Checkpoint"];
  t0 -> t1 [label="Nursery.Exit"];
  t0 -> t2 [label="Nursery.Exit"];
  t1 -> t2 [label="Lock.Acquire", color=red, penwidth=2];
  t2 -> t1 [label="Lock.Acquire", color=red, penwidth=2];
  t3_unknown [label="?", shape=plaintext];
  t3 -> t3_unknown [label="Event.Wait", style=dashed];
}
)");
}

TEST(WaitGraph, IsWrittenForMermaid) {
  EXPECT_EQ("\n" + FormatWaitGraph(FourTasks(), GraphFormat::kMermaid), R"(
flowchart LR
  t0["main<br/>waits in Nursery.Exit"]
  t1["main/a.0<br/>waits in Lock.Acquire"]:::cycle
  t2["main/b.0<br/>waits in Lock.Acquire"]:::cycle
  t3["main/c.0<br/>waits in Event.Wait"]
  t4["main/d.0<br/>ready at Checkpoint"]
  t0 -->|"Nursery.Exit"| t1
  t0 -->|"Nursery.Exit"| t2
  t1 -->|"Lock.Acquire"| t2
  t2 -->|"Lock.Acquire"| t1
  t3 -.->|"Event.Wait"| t3_unknown(("?"))
  classDef cycle stroke:red,stroke-width:3px
  linkStyle 2 stroke:red,stroke-width:3px
  linkStyle 3 stroke:red,stroke-width:3px
)");
}

TEST(WaitGraph, QuotesNames) {
  const std::vector<TaskSnapshot> tasks = {Waiting(0, "a\"];b\\\n<i>", "Event.Wait", {0})};
  const std::string dot = FormatWaitGraph(tasks, GraphFormat::kDot);
  EXPECT_NE(dot.find(R"(t0 [label="a\"];b\\ <i>\nwaits in Event.Wait", color=red, penwidth=2];)"), std::string::npos)
      << dot;
  const std::string mermaid = FormatWaitGraph(tasks, GraphFormat::kMermaid);
  EXPECT_NE(mermaid.find(R"(t0["a#34;#93;#59;b#92; #60;i#62;<br/>waits in Event.Wait"]:::cycle)"), std::string::npos)
      << mermaid;
}

TEST(WaitGraph, SaysWhereTasksWait) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    Event never;
    co_await Shielded([&]() -> Task<> { co_await never.Wait(); });
  });
  const std::string dot = FormatWaitGraph(outcome.unfinished, GraphFormat::kDot);
  EXPECT_NE(dot.find(R"(t0 [label="main\nwaits in Event.Wait\nwait_graph_test.cc:)"), std::string::npos) << dot;
}

}  // namespace
}  // namespace hocket
