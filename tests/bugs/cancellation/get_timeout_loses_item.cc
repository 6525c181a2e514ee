// A consumer takes an item from a channel and acknowledges it, all within a timeout. Time may be over after the item
// has been received and before the acknowledgement is through: then the item is in a frame that is being destroyed. The
// fix: what has been received must leave the timeout at once; acknowledge outside.
//
// After python/asyncio#343 (wait_for around Queue.get loses items) and tokio's notes on cancel safety.
#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

using std::chrono_literals::operator""ms;

Task<> Acknowledge(Setting& setting) {
  co_await setting.Pad();
  co_await Checkpoint();
}

Task<std::optional<int>> ReceiveForAWhile(Setting& setting, ReceiveChannel<int>& items) {
  std::optional<int> item = co_await MoveOnAfter(5ms, [&]() -> Task<int> {
    const int received = co_await items.Receive();
    if (!setting.fixed()) co_await Acknowledge(setting);
    co_return received;
  });
  if (item && setting.fixed()) co_await Acknowledge(setting);
  co_return item;
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(2);
  SendChannel<int>& sender = send;
  ReceiveChannel<int>& receiver = receive;
  std::size_t received = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("producer"), [&]() -> Task<> {
      for (int item = 0; item < 2; ++item) {
        co_await setting.Pad();
        co_await sender.Send(item);
      }
    });
    nursery.StartSoon(TaskName("consumer"), [&]() -> Task<> {
      for (int attempt = 0; attempt < 2; ++attempt) {
        co_await setting.Pad();
        const std::optional<int> item = co_await ReceiveForAWhile(setting, receiver);
        if (item) ++received;
      }
    });
    co_return;
  });
  const std::size_t left = receiver.Statistics().buffered;
  setting.Observe("received " + std::to_string(received));
  setting.Observe("left " + std::to_string(left));
  Require(received + left == 2, "an item is lost");
}

}  // namespace

Program GetTimeoutLosesItem() {
  return {.name = "get_timeout_loses_item",
          .essence = "a timeout strikes after the item has been received, and takes it along",
          .source = "python/asyncio#343",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
