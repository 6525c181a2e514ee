#include "hocket/event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "hocket/testing/strategy.h"
#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

class EventReference final : public Reference {
 public:
  explicit EventReference(int clients) : Reference(clients) {}

  std::optional<Ending> Wait(int client, bool cancelled) {
    if (is_set_) return Ending::kCheckpoint;
    if (cancelled) return Ending::kCancelled;
    waiting_.push_back(client);
    return std::nullopt;
  }
  Ending Set() {
    is_set_ = true;
    for (const int client : waiting_) Finish(client, Ending::kDone);
    waiting_.clear();
    return Ending::kDone;
  }

  Event event;

 private:
  void Remove(int client) override { waiting_.erase(std::find(waiting_.begin(), waiting_.end(), client)); }
  void Compare() override { EXPECT_EQ(event.is_set(), is_set_); }

  std::deque<int> waiting_;
  bool is_set_ = false;
};

Task<> UseEvent(EventReference& world, int self) {
  for (int round = 0; round < 3; ++round) {
    if (Choose(4, "how") == 3) {
      co_await Checkpoint();
      world.DoNow([&] { return world.Set(); }, [&] { world.event.Set(); });
    } else {
      co_await world.Do(
          self, [&](bool cancelled) { return world.Wait(self, cancelled); },
          [&]() -> Task<> { co_await world.event.Wait(); });
    }
  }
}

HOCKET_TEST(EventExplored, DoesWhatTheReferenceDoes) {  // S30, S61, S65
  EventReference world(4);
  co_await world.RunClients([&](int self) { return UseEvent(world, self); },
                            [&] { world.DoNow([&] { return world.Set(); }, [&] { world.event.Set(); }); });
}

TEST(EventExplored, WaitingForASetEventIsASchedulePoint) {  // S65
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    Event event;
    event.Set();
    co_await event.Wait();
  }));
}

TEST(EventExplored, MakesWaitersReadyInTheOrderInWhichTheyCame) {
  std::vector<int> order;
  const auto program = [&]() -> Task<> {
    order.clear();
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int number = 0; number < 3; ++number) {
        nursery.StartSoon([&event, &order, number]() -> Task<> {
          co_await event.Wait();
          order.push_back(number);
        });
      }
      co_await Settle();
      event.Set();
    });
  };
  testing::Explore(program, {.executions = 1, .strategy = [](std::uint64_t) {
                               return testing::MakeBaseStrategy(testing::Base::kFifo);
                             }});
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

}  // namespace
}  // namespace hocket::explored
