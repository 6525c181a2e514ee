// queue: a producer announces an element before it has written it, so that a consumer can take a place that is still
// empty. The fix: write first, then announce.
#include <array>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kItems = 2;

struct State {
  std::array<int, kItems> items{};
  int announced = 0;
  int taken = 0;
};

Task<> Enqueue(Setting& setting, State& state) {
  for (int& item : state.items) {
    int& first = setting.fixed() ? item : state.announced;
    int& second = setting.fixed() ? state.announced : item;
    co_await setting.Pad();
    co_await Checkpoint();
    ++first;
    co_await setting.Pad();
    co_await Checkpoint();
    ++second;
  }
}

Task<> Dequeue(Setting& setting, State& state) {
  for (const int& item : state.items) {
    co_await setting.Pad();
    co_await Checkpoint();
    if (state.taken == state.announced) co_return;
    co_await setting.Pad();
    co_await Checkpoint();
    Require(item == 1, "an element was taken before it was there");
    ++state.taken;
  }
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("enqueue"), Enqueue, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("dequeue"), Dequeue, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.taken));
}

}  // namespace

Program Queue() {
  return {.name = "queue",
          .essence = "an element is announced before it is written",
          .source = "SCTBench, queue",
          .body = Body};
}

}  // namespace hocket::bugs
