// Clients of a channel, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_CHANNEL_H_
#define HOCKET_TESTS_EXPLORED_CHANNEL_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "hocket/channel.h"
#include "tests/explored/support.h"

namespace hocket::explored {

class ChannelReference final : public Reference {
 public:
  // With two ends of each kind.
  ChannelReference(int clients, std::size_t capacity)
      : Reference(clients),
        received(static_cast<std::size_t>(clients)),
        capacity_(capacity),
        sender_open_(2, true),
        receiver_open_(2, true) {
    auto [sender, receiver] = OpenChannel<int>(capacity);
    senders.push_back(sender.Clone());
    senders.push_back(std::move(sender));
    receivers.push_back(std::move(receiver));
    receivers.push_back(receivers[0].Clone());
  }

  std::optional<Ending> Send(int client, std::size_t end, int value) {
    const Ending ending = SendNow(end, value);
    if (ending != Ending::kWouldBlock) return ending;
    waiting_senders_.push_back({client, end, value});
    return std::nullopt;
  }
  Ending SendNow(std::size_t end, int value) {
    if (!sender_open_[end]) return Ending::kClosed;
    if (Open(receiver_open_) == 0) return Ending::kBroken;
    if (!waiting_receivers_.empty()) {
      const int receiver = waiting_receivers_.front().client;
      waiting_receivers_.pop_front();
      received[static_cast<std::size_t>(receiver)] = value;
      Finish(receiver, Ending::kDone);
    } else if (buffer_.size() < capacity_) {
      buffer_.push_back(value);
    } else {
      return Ending::kWouldBlock;
    }
    return Ending::kDone;
  }

  std::optional<Ending> Receive(int client, std::size_t end) {
    const Ending ending = ReceiveNow(client, end);
    if (ending != Ending::kWouldBlock) return ending;
    waiting_receivers_.push_back({client, end, 0});
    return std::nullopt;
  }
  Ending ReceiveNow(int client, std::size_t end) {
    if (!receiver_open_[end]) return Ending::kClosed;
    if (!waiting_senders_.empty()) {
      buffer_.push_back(waiting_senders_.front().value);
      Finish(waiting_senders_.front().client, Ending::kDone);
      waiting_senders_.pop_front();
    }
    if (buffer_.empty()) return Open(sender_open_) == 0 ? Ending::kEndOfChannel : Ending::kWouldBlock;
    received[static_cast<std::size_t>(client)] = buffer_.front();
    buffer_.pop_front();
    return Ending::kDone;
  }

  Ending CloseSender(std::size_t end) {
    if (!sender_open_[end]) return Ending::kDone;
    sender_open_[end] = false;
    Fail(waiting_senders_, end, Ending::kClosed);
    if (Open(sender_open_) == 0) Fail(waiting_receivers_, std::nullopt, Ending::kEndOfChannel);
    return Ending::kDone;
  }
  Ending CloseReceiver(std::size_t end) {
    if (!receiver_open_[end]) return Ending::kDone;
    receiver_open_[end] = false;
    Fail(waiting_receivers_, end, Ending::kClosed);
    if (Open(receiver_open_) == 0) {
      buffer_.clear();
      Fail(waiting_senders_, std::nullopt, Ending::kBroken);
    }
    return Ending::kDone;
  }

  Ending CloneSender(std::size_t end) {
    if (!sender_open_[end]) return Ending::kClosed;
    sender_open_.push_back(true);
    return Ending::kDone;
  }
  Ending CloneReceiver(std::size_t end) {
    if (!receiver_open_[end]) return Ending::kClosed;
    receiver_open_.push_back(true);
    return Ending::kDone;
  }

  void CloseSenderBoth(std::size_t end) {
    DoNow([&] { return CloseSender(end); }, [&] { senders[end].Close(); });
  }
  void CloseReceiverBoth(std::size_t end) {
    DoNow([&] { return CloseReceiver(end); }, [&] { receivers[end].Close(); });
  }
  // Closes one more end; the senders first. When all are closed, nobody waits.
  void CloseOne() {
    for (std::size_t end = 0; end < senders.size(); ++end) {
      if (sender_open_[end]) return CloseSenderBoth(end);
    }
    for (std::size_t end = 0; end < receivers.size(); ++end) {
      if (receiver_open_[end]) return CloseReceiverBoth(end);
    }
  }

  // Each value arrives once.
  void Keep(int value) { EXPECT_TRUE(kept_.insert(value).second) << value << " has come twice"; }

  std::vector<SendChannel<int>> senders;  // the ends move when one is added
  std::vector<ReceiveChannel<int>> receivers;
  std::vector<int> received;  // by client: what its last receive gives

 private:
  struct Waiter {
    int client;
    std::size_t end;
    int value;
  };

  static std::size_t Open(const std::vector<bool>& ends) {
    return static_cast<std::size_t>(std::count(ends.begin(), ends.end(), true));
  }
  void Fail(std::deque<Waiter>& waiters, std::optional<std::size_t> end, Ending ending) {
    for (const Waiter& waiter : waiters) {
      if (!end || waiter.end == *end) Finish(waiter.client, ending);
    }
    std::erase_if(waiters, [&](const Waiter& waiter) { return !end || waiter.end == *end; });
  }
  void Remove(int client) override {
    std::erase_if(waiting_senders_, [&](const Waiter& waiter) { return waiter.client == client; });
    std::erase_if(waiting_receivers_, [&](const Waiter& waiter) { return waiter.client == client; });
  }
  void Compare() override {
    const ChannelStatistics statistics = senders[0].Statistics();
    EXPECT_EQ(statistics.buffered, buffer_.size());
    EXPECT_EQ(statistics.senders, Open(sender_open_));
    EXPECT_EQ(statistics.receivers, Open(receiver_open_));
    EXPECT_EQ(statistics.waiting_to_send, waiting_senders_.size());
    EXPECT_EQ(statistics.waiting_to_receive, waiting_receivers_.size());
  }

  std::size_t capacity_;
  std::vector<bool> sender_open_;
  std::vector<bool> receiver_open_;
  std::deque<int> buffer_;
  std::deque<Waiter> waiting_senders_;
  std::deque<Waiter> waiting_receivers_;
  std::set<int> kept_;
};

inline Task<> UseChannel(ChannelReference& world, int self) {
  for (int round = 0; round < 3; ++round) {
    const std::uint32_t how = Choose(14, "how");
    const bool sends = how % 2 == 0;
    const std::size_t end =
        Choose(static_cast<std::uint32_t>(sends ? world.senders.size() : world.receivers.size()), "end");
    const int value = 10 * (self + 1) + round;
    int& received = world.received[static_cast<std::size_t>(self)];
    switch (how) {
      case 6:
        world.DoNow([&] { return world.SendNow(end, value); }, [&] { world.senders[end].SendNow(value); });
        break;
      case 7: {
        int given = 0;
        if (world.DoNow([&] { return world.ReceiveNow(self, end); },
                        [&] { given = world.receivers[end].ReceiveNow(); }) == Ending::kDone) {
          EXPECT_EQ(given, received);
          world.Keep(given);
        }
        break;
      }
      case 8:
        world.CloseSenderBoth(end);
        break;
      case 9:
        world.CloseReceiverBoth(end);
        break;
      case 10:
        world.DoNow([&] { return world.CloneSender(end); },
                    [&] { world.senders.push_back(world.senders[end].Clone()); });
        break;
      case 11:
        world.DoNow([&] { return world.CloneReceiver(end); },
                    [&] { world.receivers.push_back(world.receivers[end].Clone()); });
        break;
      default:
        if (sends) {
          co_await world.Do(
              self,
              [&](bool cancelled) {
                return cancelled ? std::optional(Ending::kCancelled) : world.Send(self, end, value);
              },
              [&]() -> Task<> { co_await world.senders[end].Send(value); });
        } else {
          int given = 0;
          const Ending ending = co_await world.Do(
              self,
              [&](bool cancelled) { return cancelled ? std::optional(Ending::kCancelled) : world.Receive(self, end); },
              [&]() -> Task<> { given = co_await world.receivers[end].Receive(); });
          if (ending == Ending::kDone) {
            EXPECT_EQ(given, received);
            world.Keep(given);
          }
        }
    }
  }
}

inline Task<> UseChannels(std::size_t capacity) {
  ChannelReference world(4, capacity);
  co_await world.RunClients([&](int self) { return UseChannel(world, self); }, [&] { world.CloseOne(); });
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_CHANNEL_H_
