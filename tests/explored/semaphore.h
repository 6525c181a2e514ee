// Clients of a semaphore, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_SEMAPHORE_H_
#define HOCKET_TESTS_EXPLORED_SEMAPHORE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>

#include "hocket/semaphore.h"
#include "tests/explored/support.h"

namespace hocket::explored {

class SemaphoreReference final : public Reference {
 public:
  SemaphoreReference(int clients, std::size_t initial, std::optional<std::size_t> max)
      : Reference(clients), semaphore(initial, max), value_(initial), max_(max) {}

  std::optional<Ending> Acquire(int client) {
    if (AcquireNow() == Ending::kDone) return Ending::kDone;
    queue_.push_back(client);
    return std::nullopt;
  }
  Ending AcquireNow() {
    if (value_ == 0) return Ending::kWouldBlock;
    --value_;
    return Ending::kDone;
  }
  Ending Release() {
    if (!queue_.empty()) {
      Finish(queue_.front(), Ending::kDone);
      queue_.pop_front();
      return Ending::kDone;
    }
    if (max_ && value_ == *max_) return Ending::kMisuse;
    ++value_;
    return Ending::kDone;
  }

  Ending ReleaseBoth() {
    return DoNow([&] { return Release(); }, [&] { semaphore.Release(); });
  }

  Semaphore semaphore;
  std::size_t tokens_made = 0;  // by releasing what nobody had taken
  std::size_t held = 0;

 private:
  void Remove(int client) override { queue_.erase(std::find(queue_.begin(), queue_.end(), client)); }
  void Compare() override {
    EXPECT_EQ(semaphore.value(), value_);
    EXPECT_EQ(semaphore.waiting(), queue_.size());
  }

  std::size_t value_;
  std::optional<std::size_t> max_;
  std::deque<int> queue_;
};

inline Task<> UseSemaphore(SemaphoreReference& world, int self) {
  for (int round = 0; round < 2; ++round) {
    const std::uint32_t how = Choose(6, "how");
    if (how == 5) {
      if (world.ReleaseBoth() == Ending::kDone) ++world.tokens_made;
    }
    Ending ending;
    if (how == 4) {
      ending = world.DoNow([&] { return world.AcquireNow(); }, [&] { world.semaphore.AcquireNow(); });
    } else {
      ending = co_await world.Do(
          self, [&](bool cancelled) { return cancelled ? std::optional(Ending::kCancelled) : world.Acquire(self); },
          [&]() -> Task<> { co_await world.semaphore.Acquire(); });
    }
    if (ending != Ending::kDone) continue;
    ++world.held;
    for (std::uint32_t left = Choose(3, "work"); left > 0; --left) co_await Checkpoint();
    if (Choose(5, "keep") == 4) continue;
    --world.held;
    // With a maximum, who released what nobody had taken may have used up the room for it.
    if (world.ReleaseBoth() == Ending::kMisuse) --world.tokens_made;
  }
}

inline Task<> SemaphoreProgram() {
  const std::size_t initial = Choose(3, "initial");
  const bool has_max = Choose(2, "maximum") == 1;
  SemaphoreReference world(4, initial, has_max ? std::optional(initial + Choose(2, "room")) : std::nullopt);
  co_await world.RunClients([&](int self) { return UseSemaphore(world, self); },
                            [&] {
                              if (world.ReleaseBoth() == Ending::kDone) ++world.tokens_made;
                            });
  EXPECT_EQ(world.semaphore.waiting(), 0u);
  EXPECT_EQ(world.semaphore.value() + world.held, initial + world.tokens_made);
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_SEMAPHORE_H_
