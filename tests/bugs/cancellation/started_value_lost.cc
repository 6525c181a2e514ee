// A server task opens a socket, finishes a handshake that must not be cut off, and hands the socket to its parent with
// Started. If the parent is cancelled during the handshake, it never gets the socket, and the server believes that it
// is not its own any more. The fix: the socket stays the server's; the parent only uses it.
//
// After trio#2544 (started() when the caller of start() has been cancelled).
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Network {
 public:
  int Open() { return ++opened_; }
  void Close(int) { ++closed_; }
  int opened() const { return opened_; }
  int closed() const { return closed_; }

 private:
  int opened_ = 0;
  int closed_ = 0;
};

class Socket {
 public:
  Socket(Network& network, int id) : network_(network), id_(id) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (owned_) network_.Close(id_);
  }
  int id() const { return id_; }
  void GiveAway() { owned_ = false; }

 private:
  Network& network_;
  const int id_;
  bool owned_ = true;
};

Task<> Serve(Setting& setting, Network& network, Event& stop, TaskStatus<int> status) {
  Socket socket(network, network.Open());
  co_await Shielded([&]() -> Task<> {
    co_await setting.Pad();
    co_await Checkpoint();
  });
  status.Started(socket.id());
  if (!setting.fixed()) socket.GiveAway();
  co_await stop.Wait();
}

Task<> Body(Setting& setting) {
  Network network;
  CancelScope scope;
  Event stop;
  bool used = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 5; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("parent"), [&, nursery]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await setting.Pad();
        const int id = co_await nursery.Start<int>(Serve, std::ref(setting), std::ref(network), std::ref(stop));
        if (setting.fixed()) {
          used = true;
        } else {
          const Socket socket(network, id);
          used = true;
        }
      });
      stop.Set();
    });
    co_return;
  });
  setting.Observe(used ? "used" : "cancelled");
  setting.Observe("opened " + std::to_string(network.opened()));
  Require(network.opened() == network.closed(), "a socket has leaked");
}

}  // namespace

Program StartedValueLost() {
  return {.name = "started_value_lost",
          .essence = "what a task hands over as it starts is lost if its parent has been cancelled meanwhile",
          .source = "trio#2544",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
