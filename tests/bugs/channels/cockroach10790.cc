// cockroach10790: a helper feeds one channel after the other, and returns early when it is told to stop. Whoever
// receives from all of them in turn waits for ever for the ones that it has left out. The fix: it closes them.
#include <array>
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kChannels = 3;

struct State {
  std::vector<SendChannel<int>> senders;
  std::vector<ReceiveChannel<int>> receivers;
  bool stop = false;
  int received = 0;
};

Task<> Feed(Setting& setting, State& state) {
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    co_await setting.Pad();
    co_await Checkpoint();
    if (state.stop) {
      if (setting.fixed()) state.senders.clear();
      co_return;
    }
    co_await state.senders[channel].Send(1);
  }
}

Task<> Collect(Setting& setting, State& state) {
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    co_await setting.Pad();
    const std::optional<int> value = co_await state.receivers[channel].ReceiveOrEnd();
    if (!value) co_return;
    ++state.received;
  }
}

Task<> StopSometime(State& state) {
  co_await Sleep(1s);
  state.stop = true;
}

Task<> Body(Setting& setting) {
  State state;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    auto [send, receive] = OpenChannel<int>(0);
    state.senders.push_back(std::move(send));
    state.receivers.push_back(std::move(receive));
  }
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("feed"), Feed, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("collect"), Collect, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("stop"), StopSometime, std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.received));
}

}  // namespace

Program Cockroach10790() {
  return {.name = "cockroach10790",
          .essence = "a helper that is stopped leaves its receivers waiting",
          .source = "github.com/cockroachdb/cockroach/pull/10790; GoBench",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
