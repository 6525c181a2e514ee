// Two addresses are tried at once; the first connection wins and cancels the other attempt. That one may have its
// connection too by then, and only wait for its turn: it wins as well, and of the first connection nobody knows any
// more. The fix: who comes second closes what it has.
//
// After aiohappyeyeballs#143 and aiohttp#10506.
#include <optional>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

struct Race {
  Event established[2];
  int opened = 0;
  int closed = 0;
  std::optional<int> winner;
};

Task<> Attempt(Setting& setting, Race& race, CancelScope others, int address) {
  co_await setting.Pad();
  co_await race.established[address].Wait();
  ++race.opened;
  if (race.winner && setting.fixed()) {
    ++race.closed;
    co_return;
  }
  race.winner = address;
  others.Cancel();
}

Task<> Body(Setting& setting) {
  Race race;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("connect"), [&]() -> Task<> {
      co_await WithNursery([&](Nursery& attempts) -> Task<> {
        for (int address = 0; address < 2; ++address) {
          attempts.StartSoon(TaskName("attempt"), Attempt, std::ref(setting), std::ref(race), attempts.cancel_scope(),
                             address);
        }
        co_return;
      });
      if (race.winner) ++race.closed;  // after use
    });
    nursery.StartSoon(TaskName("network"), [&]() -> Task<> {
      for (Event& established : race.established) {
        co_await setting.Pad();
        for (int step = 0; step < 2; ++step) co_await Checkpoint();
        established.Set();
      }
    });
    co_return;
  });
  setting.Observe("winner " + std::to_string(race.winner.value_or(-1)));
  setting.Observe("opened " + std::to_string(race.opened));
  Require(race.opened == race.closed, "a connection has leaked");
}

}  // namespace

Program TwoWinners() {
  return {.name = "two_winners",
          .essence = "the loser of a race has its connection before the cancellation reaches it",
          .source = "aiohappyeyeballs#143, aiohttp#10506",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
