// What all operations have in common that either succeed at once or wait: above all the way that the references of the
// primitives do not go, where a pending cancellation goes away before it has arrived, because a shield was put up.
#ifndef HOCKET_TESTS_EXPLORED_ATTEMPT_H_
#define HOCKET_TESTS_EXPLORED_ATTEMPT_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "hocket/channel.h"
#include "hocket/semaphore.h"
#include "tests/explored/support.h"

namespace hocket::explored {

// What a client is in: a scope that may be cancelled, and inside a scope whose shield goes up and down.
struct Client {
  std::optional<CancelScope> outer;
  std::optional<CancelScope> inner;
  bool shield_went_up = false;
  bool shield_went_down = false;
  bool waits = false;
  bool ended = false;

  bool cancelled() const { return outer && outer->cancel_called(); }
  bool shielded() const { return inner && inner->shield(); }
};

struct World {
  Semaphore semaphore{1};
  std::size_t held = 0;
  std::size_t made = 0;
  std::vector<Client> clients = std::vector<Client>(3);
};

inline Task<> Operate(World& world, ReceiveChannel<int>& ended, bool fails) {
  if (fails) {
    co_await ended.Receive();
  } else {
    co_await world.semaphore.Acquire();
  }
}

inline Task<> UseShield(World& world, Client& self) {
  auto [sender, receiver] = OpenChannel<int>(1);
  sender.Close();
  for (int round = 0; round < 2; ++round) {
    const bool fails = Choose(4, "fails") == 3;
    CancelScope outer;
    CancelScope inner;
    Ending ending = Ending::kOther;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithScope(inner, [&]() -> Task<> {
        self.outer = outer;
        self.inner = inner;
        if (Choose(2, "late") == 1) co_await ShieldedCheckpoint();
        const bool was_cancelled = self.cancelled();
        const bool was_shielded = self.shielded();
        self.shield_went_up = self.shield_went_down = false;
        self.waits = true;
        const Outcome<> outcome = co_await Capture(Operate(world, receiver, fails));
        self.waits = false;
        ending = EndingOf(outcome.failure());
        const bool was_visible = was_cancelled && !was_shielded;
        if (ending == Ending::kCancelled) {
          EXPECT_TRUE(self.cancelled());
          EXPECT_TRUE(!was_shielded || self.shield_went_down);
        } else {
          EXPECT_EQ(ending, fails ? Ending::kEndOfChannel : Ending::kDone);
          EXPECT_TRUE(!was_visible || self.shield_went_up);
        }
        if (fails && !was_visible) {
          EXPECT_EQ(ending, Ending::kEndOfChannel);
        }
        self.inner.reset();
        self.outer.reset();
      });
    });
    if (ending != Ending::kDone) continue;
    ++world.held;
    if (Choose(2, "work") == 1) co_await Checkpoint();
    if (Choose(4, "keep") == 3) continue;
    --world.held;
    world.semaphore.Release();
  }
}

inline Task<> Flicker(World& world) {
  for (std::uint32_t left = Choose(8, "changes"); left > 0; --left) {
    co_await Checkpoint();
    Client& client = world.clients[Choose(3, "client")];
    if (!client.inner) continue;
    if (Choose(3, "cancel") == 2) {
      client.outer->Cancel();
    } else {
      const bool shield = !client.inner->shield();
      (shield ? client.shield_went_up : client.shield_went_down) = true;
      client.inner->set_shield(shield);
    }
  }
}

inline Task<> AttemptProgram() {
  World world;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (Client& client : world.clients) {
      nursery.StartSoon([&]() -> Task<> {
        co_await UseShield(world, client);
        client.ended = true;
      });
    }
    nursery.StartSoon([&]() -> Task<> { co_await Flicker(world); });
    for (int round = 0; round < 20; ++round) {
      co_await Settle();
      std::size_t waiting = 0;
      for (const Client& client : world.clients) {
        if (client.ended) continue;
        ++waiting;
        EXPECT_TRUE(client.waits);
        EXPECT_TRUE(!client.cancelled() || client.shielded());
      }
      EXPECT_EQ(world.semaphore.waiting(), waiting);
      if (waiting == 0) break;
      EXPECT_EQ(world.semaphore.value(), 0u);
      ++world.made;
      world.semaphore.Release();
    }
  });
  EXPECT_EQ(world.semaphore.value() + world.held, 1 + world.made);
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_ATTEMPT_H_
