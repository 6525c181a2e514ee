#include "hocket/task_snapshot.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "runtime/scheduler.h"

namespace hocket {

// Depth first along "is held by"; an edge back into the path closes a cycle. No recursion: chains may be long.
std::vector<WaitCycle> FindWaitCycles(const std::vector<TaskSnapshot>& tasks) {
  std::unordered_map<std::uint32_t, const TaskSnapshot*> by_number;
  for (const TaskSnapshot& task : tasks) by_number.emplace(task.spawn_number, &task);

  struct Visit {
    const TaskSnapshot* task;
    std::size_t next_holder = 0;
  };
  std::set<WaitCycle> cycles;
  std::set<std::uint32_t> done;
  for (const TaskSnapshot& start : tasks) {
    std::vector<Visit> path;
    std::unordered_map<std::uint32_t, std::size_t> depth;  // of the tasks on the path
    const auto enter = [&](const TaskSnapshot* task) {
      depth.emplace(task->spawn_number, path.size());
      path.push_back({task});
    };
    if (done.count(start.spawn_number) == 0) enter(&start);
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.next_holder == visit.task->held_by.size()) {
        done.insert(visit.task->spawn_number);
        depth.erase(visit.task->spawn_number);
        path.pop_back();
        continue;
      }
      const std::uint32_t holder = visit.task->held_by[visit.next_holder++];
      if (const auto on_path = depth.find(holder); on_path != depth.end()) {
        WaitCycle cycle;
        for (std::size_t i = on_path->second; i < path.size(); ++i) cycle.push_back(path[i].task->spawn_number);
        std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
        cycles.insert(std::move(cycle));
      } else if (const auto found = by_number.find(holder); found != by_number.end() && done.count(holder) == 0) {
        enter(found->second);
      }
    }
  }
  return {cycles.begin(), cycles.end()};
}

std::vector<TaskSnapshot> SnapshotTasks() {
  internal::Scheduler::Current().Touch({.kind = AccessKind::kOpaque});  // it looks at everything
  return internal::Scheduler::Current().Snapshots();
}

RunStatistics CurrentStatistics() {
  internal::Scheduler::Current().Touch({.kind = AccessKind::kOpaque});
  return internal::Scheduler::Current().Statistics();
}

}  // namespace hocket
