#include "fuzz/drawn_tasks.h"

#include <chrono>
#include <functional>
#include <limits>
#include <stdexcept>

#include "hocket/hocket.h"
#include "hocket/testing/cancellation.h"
#include "hocket/testing/draw_input.h"

namespace hocket::testing {

namespace {

using Kind = Action::Kind;

Task<> Act(const std::vector<Action>& actions, std::uint32_t& counter, Event& event) {
  for (const Action& action : actions) {
    const std::chrono::milliseconds time(action.number);
    switch (action.kind) {
      case Kind::kAdd:
        ++counter;
        break;
      case Kind::kReadAndWrite: {
        const std::uint32_t read = counter;
        co_await Checkpoint();
        counter = read + 2;
        break;
      }
      case Kind::kCheckpoint:
        co_await Checkpoint();
        break;
      case Kind::kDraw:
        counter += Choose(action.number, "draw");
        break;
      case Kind::kFault:
        if (Fault("fault")) counter += 3;
        break;
      case Kind::kSleep:
        co_await Sleep(time);
        counter *= 2;
        break;
      case Kind::kSet:
        event.Set();
        break;
      case Kind::kWait:
        co_await MoveOnAfter(time, [&]() -> Task<> {
          co_await event.Wait();
          ++counter;
        });
        break;
      case Kind::kCancelledAnywhere:
        co_await CancelAnywhere([&]() -> Task<> {
          co_await Sleep(time);
          counter += 5;
        });
        break;
    }
  }
}

}  // namespace

TaskList DrawTasks(std::size_t most_tasks, bool has_idle_tasks) {
  TaskList list;
  for (std::size_t left = DrawBetween<std::size_t>(0, most_tasks, "tasks"); left > 0; --left) {
    std::vector<Action> actions;
    for (std::size_t size = DrawBetween<std::size_t>(0, 6, "actions"); size > 0; --size) {
      Action action{static_cast<Kind>(DrawWeighted({3, 3, 4, 3, 1, 2, 1, 2, 1}, "action"))};
      if (action.kind == Kind::kDraw) {
        action.number = DrawFrom({2u, 5u, 256u, 257u, 65'537u, std::numeric_limits<std::uint32_t>::max()}, "values");
      } else {
        action.number = Choose(3, "time");
      }
      actions.push_back(action);
    }
    list.tasks.push_back(std::move(actions));
  }
  if (has_idle_tasks) list.idle_tasks = DrawFrom<std::size_t>({0, 0, 0, 0, 0, 0, 70, 300}, "idle tasks");
  list.fails_on = Choose(17, "fails on");
  return list;
}

Task<> RunTasks(const TaskList& list) {
  std::uint32_t counter = 0;
  Event event;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (const std::vector<Action>& actions : list.tasks) {
      nursery.StartSoon(Act, std::cref(actions), std::ref(counter), std::ref(event));
    }
    for (std::size_t left = list.idle_tasks; left > 0; --left) {
      nursery.StartSoon([&counter]() -> Task<> {
        ++counter;
        co_return;
      });
    }
    co_return;
  });
  if (list.fails_on == 16) co_return;
  if (counter % 16 == list.fails_on) throw std::runtime_error("the counter is where it must not be");
  if (counter % 16 == (list.fails_on + 8) % 16) throw std::logic_error("the counter is where nobody expects it");
}

}  // namespace hocket::testing
