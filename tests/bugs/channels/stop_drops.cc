// stop_drops: a consumer looks whether it is to stop before it receives, and leaves what is still in the channel. The
// fix: it goes on until the channel has ended, which the producer says by closing it.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kItems = 2;

struct State {
  bool stop = false;
  int consumed = 0;
};

Task<> Produce(Setting& setting, State& state, SendChannel<int> items) {
  for (int item = 0; item < kItems; ++item) {
    co_await setting.Pad();
    co_await items.Send(item);
  }
  co_await setting.Pad();
  co_await Checkpoint();
  state.stop = true;
}

Task<> Consume(Setting& setting, State& state, ReceiveChannel<int> items) {
  while (setting.fixed() || !state.stop) {
    co_await setting.Pad();
    const std::optional<int> item = co_await items.ReceiveOrEnd();
    if (!item) co_return;
    ++state.consumed;
  }
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [send, receive] = OpenChannel<int>(kItems);
    nursery.StartSoon(TaskName("produce"), Produce, std::ref(setting), std::ref(state), std::move(send));
    nursery.StartSoon(TaskName("consume"), Consume, std::ref(setting), std::ref(state), std::move(receive));
    co_return;
  });
  setting.Observe(std::to_string(state.consumed));
  Require(state.consumed == kItems, "an item was left in the channel");
}

}  // namespace

Program StopDrops() {
  return {.name = "stop_drops",
          .essence = "a stop comes before what was sent earlier",
          .source = "shutdown through a flag beside a queue",
          .body = Body};
}

}  // namespace hocket::bugs
