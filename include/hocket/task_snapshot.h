// Looking at a run: every task, what it waits for, who holds that, and where.
//
// Threads: the run's.
#ifndef HOCKET_TASK_SNAPSHOT_H_
#define HOCKET_TASK_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "hocket/time.h"

namespace hocket {

// A cancel scope that a task has entered and not left, or a nursery, which has one.
struct ScopeSnapshot {
  bool nursery = false;
  bool cancelled = false;    // itself, not only by a scope around it
  std::string reason;        // why, if it is: CancelReason in a line
  bool shield = false;       // keeps cancellations of the scopes around it out
  Time deadline = kForever;  // its own

  friend bool operator==(const ScopeSnapshot&, const ScopeSnapshot&) = default;
};

// A task that has not ended, as it was at one moment.
struct TaskSnapshot {
  // The spawn path; from "#<spawn number>" on in runs without chooser and observer, which keep no paths.
  std::string path;
  std::uint32_t spawn_number = 0;
  std::optional<std::uint32_t> parent;  // the spawn number of the task whose nursery it is in; none for the main task
  std::size_t nursery = 0;              // which of the parent's scopes that nursery is
  std::string operation;                // what it stands at: "Event.Wait", "Checkpoint"
  bool ready = false;                   // it could run
  bool cancelled = false;               // a cancel point would unwind it
  Time deadline = kForever;             // the earliest that applies to it
  std::vector<std::uint32_t> held_by;   // spawn numbers of the tasks that can end its wait: the owner of the lock, the
                                        // tasks of the nursery. None if it is not known who could.
  std::vector<ScopeSnapshot> scopes;    // that it has entered, outermost first
  std::vector<std::source_location> where;  // the await chain, innermost first; not of a task in the middle of a step

  // Without `where`, which is an annotation.
  friend bool operator==(const TaskSnapshot& a, const TaskSnapshot& b) {
    return a.path == b.path && a.spawn_number == b.spawn_number && a.parent == b.parent && a.nursery == b.nursery &&
           a.operation == b.operation && a.ready == b.ready && a.cancelled == b.cancelled && a.deadline == b.deadline &&
           a.held_by == b.held_by && a.scopes == b.scopes;
  }
};

// Tasks that wait for each other in a circle, by spawn number: each one is held by the next, the last by the first.
using WaitCycle = std::vector<std::uint32_t>;

// One cycle for each task that closes one. Begins with the smallest spawn number.
std::vector<WaitCycle> FindWaitCycles(const std::vector<TaskSnapshot>& tasks);

// All tasks of the current run in spawn order. REQUIRES: called inside a run.
std::vector<TaskSnapshot> SnapshotTasks();

// Numbers about a run.
struct RunStatistics {
  std::size_t tasks_living = 0;
  std::size_t tasks_ready = 0;
  std::uint64_t steps = 0;
  Time next_deadline = kForever;  // at which something will happen, if nothing happens before
  std::size_t posts_pending = 0;
};

// REQUIRES: called inside a run.
RunStatistics CurrentStatistics();

}  // namespace hocket

#endif  // HOCKET_TASK_SNAPSHOT_H_
