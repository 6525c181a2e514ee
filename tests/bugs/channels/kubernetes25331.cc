// kubernetes25331: a watch looks whether it has been stopped, and then sends an event. If the stop comes in between,
// nobody receives any more, and the watch waits for ever. The fix: the stop reaches the send, too.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kEvents = 2;

struct Watch {
  SendChannel<int> send;
  ReceiveChannel<int> receive;
  CancelScope stop;
  int received = 0;
};

Task<> SendEvents(Setting& setting, Watch& watch) {
  for (int event = 0; event < kEvents; ++event) {
    co_await setting.Pad();
    if (watch.stop.cancel_called()) co_return;
    co_await watch.send.Send(event);
  }
}

Task<> Run(Setting& setting, Watch& watch) {
  if (setting.fixed()) {
    co_await WithScope(watch.stop, [&]() -> Task<> { co_await SendEvents(setting, watch); });
  } else {
    co_await SendEvents(setting, watch);
  }
}

Task<> ReceiveOneAndStop(Setting& setting, Watch& watch) {
  co_await setting.Pad();
  co_await watch.receive.Receive();
  ++watch.received;
  co_await setting.Pad();
  watch.stop.Cancel();
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(0);
  Watch watch{std::move(send), std::move(receive), CancelScope()};
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("receive"), ReceiveOneAndStop, std::ref(setting), std::ref(watch));
    nursery.StartSoon(TaskName("watch"), Run, std::ref(setting), std::ref(watch));
    co_return;
  });
  setting.Observe(std::to_string(watch.received));
}

}  // namespace

Program Kubernetes25331() {
  return {.name = "kubernetes25331",
          .essence = "a stop does not reach a send that waits",
          .source = "github.com/kubernetes/kubernetes/pull/25331; GoBench",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
