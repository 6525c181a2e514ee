// Clients of an event, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_EVENT_H_
#define HOCKET_TESTS_EXPLORED_EVENT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "hocket/event.h"
#include "tests/explored/support.h"

namespace hocket::explored {

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

inline Task<> UseEvent(EventReference& world, int self) {
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

inline Task<> EventProgram() {
  EventReference world(4);
  co_await world.RunClients([&](int self) { return UseEvent(world, self); },
                            [&] { world.DoNow([&] { return world.Set(); }, [&] { world.event.Set(); }); });
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_EVENT_H_
