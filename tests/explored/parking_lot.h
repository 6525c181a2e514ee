// Clients of two parking lots, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_PARKING_LOT_H_
#define HOCKET_TESTS_EXPLORED_PARKING_LOT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "hocket/parking_lot.h"
#include "tests/explored/support.h"

namespace hocket::explored {

// Two lots, so that clients can be moved from the one to the other.
class LotReference final : public Reference {
 public:
  explicit LotReference(int clients) : Reference(clients) {}

  std::optional<Ending> Park(int client, std::size_t lot, bool cancelled) {
    if (broken_[lot]) return Ending::kBroken;  // before the cancellation
    if (cancelled) return Ending::kCancelled;
    queues_[lot].push_back(client);
    return std::nullopt;
  }
  std::size_t Unpark(std::size_t lot, std::size_t count) {
    count = std::min(count, queues_[lot].size());
    for (std::size_t i = 0; i < count; ++i) {
      Finish(queues_[lot].front(), Ending::kDone);
      queues_[lot].pop_front();
    }
    return count;
  }
  Ending Repark(std::size_t lot, std::size_t count) {
    for (; count > 0 && !queues_[lot].empty(); --count) {
      const int client = queues_[lot].front();
      queues_[lot].pop_front();
      queues_[1 - lot].push_back(client);
      if (broken_[1 - lot]) Break(1 - lot);
    }
    return Ending::kDone;
  }
  Ending Break(std::size_t lot) {
    broken_[lot] = true;
    for (const int client : queues_[lot]) Finish(client, Ending::kBroken);
    queues_[lot].clear();
    return Ending::kDone;
  }
  Ending AddBreaker(std::size_t lot, int client) {
    breakers_[lot].push_back(client);
    return Ending::kDone;
  }
  Ending RemoveBreaker(std::size_t lot, int client) {
    const auto found = std::find(breakers_[lot].begin(), breakers_[lot].end(), client);
    if (found == breakers_[lot].end()) return Ending::kMisuse;
    breakers_[lot].erase(found);
    return Ending::kDone;
  }
  // The last that a client does.
  void End(int client) {
    Sync();
    for (const std::size_t lot : {0, 1}) {
      if (std::count(breakers_[lot].begin(), breakers_[lot].end(), client) > 0) Break(lot);
    }
  }

  void UnparkBoth(std::size_t lot, std::size_t count) {
    DoNow(
        [&] {
          unparked_ = Unpark(lot, count);
          return Ending::kDone;
        },
        [&] { EXPECT_EQ(lots[lot].Unpark(count), unparked_); });
  }

  std::array<ParkingLot, 2> lots;

 private:
  void Remove(int client) override {
    for (std::deque<int>& queue : queues_) std::erase(queue, client);
  }
  void Compare() override {
    for (const std::size_t lot : {0, 1}) {
      EXPECT_EQ(lots[lot].size(), queues_[lot].size());
      EXPECT_EQ(lots[lot].empty(), queues_[lot].empty());
      EXPECT_EQ(lots[lot].broken(), broken_[lot]);
    }
  }

  std::array<std::deque<int>, 2> queues_;
  std::array<std::vector<int>, 2> breakers_;
  std::array<bool, 2> broken_ = {false, false};
  std::size_t unparked_ = 0;
};

inline Task<> UseLots(LotReference& world, int self) {
  for (int round = 0; round < 3; ++round) {
    const std::size_t lot = Choose(2, "lot");
    const std::uint32_t drawn = Choose(4, "count");
    const std::size_t count = drawn == 3 ? ParkingLot::kAll : drawn;
    ParkingLot& here = world.lots[lot];
    ParkingLot& there = world.lots[1 - lot];
    switch (Choose(14, "how")) {
      case 7:
      case 8:
        world.UnparkBoth(lot, count);
        break;
      case 9:
      case 10:
        world.DoNow([&] { return world.Repark(lot, count); }, [&] { here.Repark(there, count); });
        break;
      case 11:
        world.DoNow([&] { return world.AddBreaker(lot, self); }, [&] { here.AddBreaker(CurrentTask()); });
        break;
      case 12:
        world.DoNow([&] { return world.RemoveBreaker(lot, self); }, [&] { here.RemoveBreaker(CurrentTask()); });
        break;
      case 13:
        if (count == 2) world.DoNow([&] { return world.Break(lot); }, [&] { here.Break(); });
        break;
      default:
        co_await world.Do(
            self, [&](bool cancelled) { return world.Park(self, lot, cancelled); },
            [&]() -> Task<> { co_await here.Park(); });
    }
  }
  world.End(self);
}

inline Task<> ParkingLotProgram() {
  LotReference world(4);
  co_await world.RunClients([&](int self) { return UseLots(world, self); },
                            [&] {
                              for (const std::size_t lot : {0, 1}) world.UnparkBoth(lot, ParkingLot::kAll);
                            });
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_PARKING_LOT_H_
