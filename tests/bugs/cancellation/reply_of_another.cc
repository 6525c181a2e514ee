// Commands share a connection, one at a time: send a request, read the reply. A command that is cancelled between the
// two leaves its reply unread, and the next command takes that for its own; from then on every reply is one off. The
// fix: know how many replies are unread, and drop those first.
//
// After redis-py#2624 and #2665.
#include <optional>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Connection {
 public:
  Connection(Setting& setting, SendChannel<int>& requests, ReceiveChannel<int>& replies)
      : setting_(setting), requests_(requests), replies_(replies) {}

  Task<int> Command(int request) {
    co_await lock_.Acquire();
    const LockGuard guard(lock_);
    while (setting_.fixed() && unread_ > 0) {
      co_await replies_.Receive();
      --unread_;
    }
    co_await setting_.Pad();
    co_await requests_.Send(request);
    ++unread_;
    co_await setting_.Pad();
    const int reply = co_await replies_.Receive();
    --unread_;
    co_return reply;
  }

 private:
  Setting& setting_;
  SendChannel<int>& requests_;
  ReceiveChannel<int>& replies_;
  Lock lock_;
  int unread_ = 0;
};

Task<> Serve(Setting& setting, ReceiveChannel<int>& requests, SendChannel<int>& replies) {
  while (const std::optional<int> request = co_await requests.ReceiveOrEnd()) {
    co_await setting.Pad();
    co_await replies.Send(10 * *request);
  }
}

Task<> Body(Setting& setting) {
  auto [request_sender, request_receiver] = OpenChannel<int>(1);
  auto [reply_sender, reply_receiver] = OpenChannel<int>(1);
  SendChannel<int>& to_server = request_sender;
  ReceiveChannel<int>& at_server = request_receiver;
  SendChannel<int>& to_client = reply_sender;
  ReceiveChannel<int>& at_client = reply_receiver;
  Connection connection(setting, to_server, at_client);
  CancelScope scope;
  int first = 0;
  int second = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("server"), Serve, std::ref(setting), std::ref(at_server), std::ref(to_client));
    co_await WithNursery([&](Nursery& clients) -> Task<> {
      clients.StartSoon(TaskName("canceller"), [&]() -> Task<> {
        co_await setting.Pad();
        for (int step = 0; step < 6; ++step) co_await Checkpoint();
        scope.Cancel();
      });
      clients.StartSoon(TaskName("first"), [&]() -> Task<> {
        co_await WithScope(scope, [&]() -> Task<> {
          co_await setting.Pad();
          first = co_await connection.Command(1);
        });
      });
      clients.StartSoon(TaskName("second"), [&]() -> Task<> {
        co_await setting.Pad();
        second = co_await connection.Command(2);
      });
      co_return;
    });
    to_server.Close();
  });
  setting.Observe("first " + std::to_string(first));
  setting.Observe("second " + std::to_string(second));
  Require(first == 0 || first == 10, "the first command has another one's reply");
  Require(second == 20, "the second command has another one's reply");
}

}  // namespace

Program ReplyOfAnother() {
  return {.name = "reply_of_another",
          .essence = "a command that is cancelled before its reply leaves it to the next one",
          .source = "redis-py#2624, redis-py#2665",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
