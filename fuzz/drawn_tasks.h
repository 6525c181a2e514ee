// Small programs of the runtime as inputs: what the targets of the harness run.
#ifndef HOCKET_FUZZ_DRAWN_TASKS_H_
#define HOCKET_FUZZ_DRAWN_TASKS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hocket/task.h"

namespace hocket::testing {

// What a task does, step by step.
struct Action {
  enum class Kind : std::uint8_t {
    kAdd,           // adds to the counter
    kReadAndWrite,  // reads the counter, and writes it a step later
    kCheckpoint,
    kDraw,              // adds a drawn value below `number`
    kFault,             // adds if a fault point fails
    kSleep,             // for `number` milliseconds, then doubles the counter
    kSet,               // the event
    kWait,              // for the event, `number` milliseconds at most
    kCancelledAnywhere  // a sleep that the schedule may cancel at any time
  };
  Kind kind = Kind::kAdd;
  std::uint32_t number = 0;
};

struct TaskList {
  std::vector<std::vector<Action>> tasks;
  std::size_t idle_tasks = 0;  // that only add, so that there are many alternatives
  // The program fails if the counter modulo 16 ends there, and otherwise if it ends 8 from there; 16: never.
  std::uint32_t fails_on = 16;
};

// At most `most_tasks` tasks beside the idle ones.
TaskList DrawTasks(std::size_t most_tasks, bool has_idle_tasks);

// The program: throws if it fails. Lifetime: `list` outlives the run.
Task<> RunTasks(const TaskList& list);

}  // namespace hocket::testing

#endif  // HOCKET_FUZZ_DRAWN_TASKS_H_
