// syncthing5795: closing a connection waits until its dispatcher has ended, and the dispatcher closes the connection
// itself when it gets a message that it does not like. Unless somebody else has closed it before, it waits for itself.
// The fix: the dispatcher has it closed by another task.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct Connection {
  explicit Connection(SendChannel<int> inbox_in) : inbox(std::move(inbox_in)) {}
  SendChannel<int> inbox;
  Event dispatcher_ended;
  bool closed = false;
  int messages = 0;
};

Task<> Close(Setting& setting, Connection& connection) {
  co_await setting.Pad();
  co_await Checkpoint();
  if (connection.closed) co_return;
  connection.closed = true;
  connection.inbox.Close();
  co_await connection.dispatcher_ended.Wait();
}

Task<> Dispatch(Setting& setting, Connection& connection, ReceiveChannel<int> inbox, Nursery nursery) {
  for (;;) {
    co_await setting.Pad();
    const std::optional<int> message = co_await inbox.ReceiveOrEnd();
    if (!message) break;
    ++connection.messages;
    if (setting.fixed()) {
      nursery.StartSoon(TaskName("close"), Close, std::ref(setting), std::ref(connection));
    } else {
      co_await Close(setting, connection);
    }
  }
  connection.dispatcher_ended.Set();
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(1);
  Connection connection(std::move(send));
  connection.inbox.SendNow(1);  // the message that the dispatcher does not like
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("dispatch"), Dispatch, std::ref(setting), std::ref(connection), std::move(receive),
                      nursery);
    nursery.StartSoon(TaskName("close"), Close, std::ref(setting), std::ref(connection));
    co_return;
  });
  setting.Observe(std::to_string(connection.messages));
}

}  // namespace

Program Syncthing5795() {
  return {.name = "syncthing5795",
          .essence = "a loop waits for its own end",
          .source = "github.com/syncthing/syncthing/pull/5795; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
