// lost_wakeup: a task looks whether a gate is open and lies down to wait in the next step. If the gate is opened in
// between, nobody is woken, and the task waits for ever. The fix: look again in the step that lies down.
#include <utility>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct Gate {
  bool open = false;
  TaskRef waiter;
};

Task<> Pass(Setting& setting, Gate& gate) {
  co_await setting.Pad();
  co_await Checkpoint();
  if (gate.open) co_return;
  co_await setting.Pad();
  co_await Checkpoint();
  if (setting.fixed() && gate.open) co_return;
  gate.waiter = CurrentTask();
  co_await Park("Gate.Pass", [&] {
    gate.waiter = TaskRef();
    return Abort::kSucceeded;
  });
}

Task<> Open(Setting& setting, Gate& gate) {
  co_await setting.Pad();
  co_await Checkpoint();
  gate.open = true;
  if (gate.waiter) Wake(std::exchange(gate.waiter, TaskRef()));
}

Task<> Body(Setting& setting) {
  Gate gate;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("open"), Open, std::ref(setting), std::ref(gate));
    nursery.StartSoon(TaskName("pass"), Pass, std::ref(setting), std::ref(gate));
    co_return;
  });
  setting.Observe("passed");
}

}  // namespace

Program LostWakeup() {
  return {.name = "lost_wakeup",
          .essence = "a condition changes between the look and the wait",
          .source = "the lost wake-up problem",
          .body = Body};
}

}  // namespace hocket::bugs
