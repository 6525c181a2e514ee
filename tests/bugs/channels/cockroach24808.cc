// cockroach24808: a compactor's Start sends it the first suggestion before it receives any, which is fine as long as
// the channel's one place is free. If somebody else has made a suggestion before, Start waits for itself. The fix: a
// suggestion that finds the place taken is dropped.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct State {
  SendChannel<int> send;
  ReceiveChannel<int> receive;
  int compactions = 0;
};

void Suggest(State& state) {
  try {
    state.send.SendNow(0);
  } catch (const WouldBlock&) {
  }
}

Task<> Start(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await Checkpoint();
  if (setting.fixed()) {
    Suggest(state);
  } else {
    co_await state.send.Send(0);
  }
  co_await setting.Pad();
  co_await state.receive.Receive();
  ++state.compactions;
}

Task<> MakeSuggestion(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await Checkpoint();
  Suggest(state);
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(1);
  State state{std::move(send), std::move(receive)};
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("start"), Start, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("suggest"), MakeSuggestion, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.compactions));
}

}  // namespace

Program Cockroach24808() {
  return {.name = "cockroach24808",
          .essence = "who is to receive waits for room to send",
          .source = "github.com/cockroachdb/cockroach/pull/24808; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
