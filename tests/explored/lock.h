// Clients of a lock, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_LOCK_H_
#define HOCKET_TESTS_EXPLORED_LOCK_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "hocket/lock.h"
#include "tests/explored/support.h"

namespace hocket::explored {

class LockReference final : public Reference {
 public:
  explicit LockReference(int clients) : Reference(clients) {}

  std::optional<Ending> Acquire(int client) {
    if (owner_ == client) return Ending::kMisuse;
    if (broken_) return Ending::kBroken;
    if (!owner_) return Take(client);
    queue_.push_back(client);
    return std::nullopt;
  }
  Ending AcquireNow(int client) {
    if (owner_ == client) return Ending::kMisuse;
    return owner_ ? Ending::kWouldBlock : Take(client);
  }
  Ending Release(int client) {
    if (owner_ != client) return Ending::kMisuse;
    owner_.reset();
    if (!queue_.empty()) {
      Finish(queue_.front(), Take(queue_.front()));
      queue_.pop_front();
    }
    return Ending::kDone;
  }
  // The owner ends.
  void Break() {
    Sync();
    broken_ = true;
    for (const int client : queue_) Finish(client, Ending::kBroken);
    queue_.clear();
  }

  Lock lock;
  int inside = 0;  // how many clients think that they are alone
  bool broken() const { return broken_; }

 private:
  Ending Take(int client) {
    owner_ = client;
    return Ending::kDone;
  }
  void Remove(int client) override { queue_.erase(std::find(queue_.begin(), queue_.end(), client)); }
  void Compare() override {
    EXPECT_EQ(lock.locked(), owner_.has_value());
    EXPECT_EQ(lock.owner(), owner_ ? task(*owner_) : TaskRef());
    EXPECT_EQ(lock.waiting(), queue_.size());
  }

  std::optional<int> owner_;
  std::deque<int> queue_;
  bool broken_ = false;
};

inline Task<> UseLock(LockReference& world, int self) {
  for (int round = 0; round < 2; ++round) {
    Ending ending;
    switch (Choose(4, "how")) {
      case 1:
        ending = world.DoNow([&] { return world.AcquireNow(self); }, [&] { world.lock.AcquireNow(); });
        break;
      case 2:
        world.DoNow([&] { return world.Release(self); }, [&] { world.lock.Release(); });
        [[fallthrough]];
      default:
        ending = co_await world.Do(
            self, [&](bool cancelled) { return cancelled ? std::optional(Ending::kCancelled) : world.Acquire(self); },
            [&]() -> Task<> { co_await world.lock.Acquire(); });
    }
    if (ending != Ending::kDone) continue;
    EXPECT_EQ(++world.inside, 1);
    for (std::uint32_t left = Choose(3, "work"); left > 0; --left) co_await Checkpoint();
    if (Choose(4, "again") == 3) {
      co_await world.Do(
          self, [&](bool cancelled) { return cancelled ? std::optional(Ending::kCancelled) : world.Acquire(self); },
          [&]() -> Task<> { co_await world.lock.Acquire(); });
    }
    EXPECT_EQ(world.inside, 1);
    if (round == 1 && Choose(6, "keep") == 5) {
      world.Break();
      co_return;
    }
    --world.inside;
    world.DoNow([&] { return world.Release(self); }, [&] { world.lock.Release(); });
  }
}

inline Task<> LockProgram() {
  AllowLeftBehind();  // clients end while they hold it
  LockReference world(3);
  co_await world.RunClients([&](int self) { return UseLock(world, self); }, [] {});
  EXPECT_EQ(world.lock.waiting(), 0u);
  EXPECT_EQ(world.lock.locked(), world.broken());
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_LOCK_H_
