// fan_in_close: two producers send into one channel, and each closes it when it is through. The one who is faster
// closes it before the other one. The fix: each closes an end of its own.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kItems = 2;

Task<> Produce(Setting& setting, SendChannel<int>& shared) {
  SendChannel<int> own = shared.Clone();
  SendChannel<int>& items = setting.fixed() ? own : shared;
  for (int item = 0; item < kItems; ++item) {
    co_await setting.Pad();
    co_await items.Send(item);
  }
  co_await setting.Pad();
  items.Close();
}

Task<> Body(Setting& setting) {
  int received = 0;
  auto [send, receive] = OpenChannel<int>(kUnbounded);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int producer = 0; producer < 2; ++producer) {
      nursery.StartSoon(TaskName("produce"), Produce, std::ref(setting), std::ref(send));
    }
    co_return;
  });
  send.Close();
  for (;;) {
    const std::optional<int> item = co_await receive.ReceiveOrEnd();
    if (!item) break;
    ++received;
  }
  setting.Observe(std::to_string(received));
  Require(received == 2 * kItems, "an item is missing");
}

}  // namespace

Program FanInClose() {
  return {.name = "fan_in_close",
          .essence = "the first of two producers closes the channel of both",
          .source = "Go's panic of a send on a closed channel",
          .body = Body};
}

}  // namespace hocket::bugs
