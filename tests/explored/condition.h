// Clients of a condition, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_CONDITION_H_
#define HOCKET_TESTS_EXPLORED_CONDITION_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>

#include "hocket/condition.h"
#include "hocket/lock.h"
#include "tests/explored/support.h"

namespace hocket::explored {

// One thing the reference cannot know: when a cancelled waiter, on its way out, has come to acquire the lock again.
// Such clients are `leaving_`; where they stand in the line for the lock shows when they get it.
class ConditionReference final : public Reference {
 public:
  explicit ConditionReference(int clients) : Reference(clients) {}

  std::optional<Ending> Acquire(int client) {
    if (owner_ == client) return Ending::kMisuse;
    if (owner_) {
      lock_queue_.push_back({client, false});
      return std::nullopt;
    }
    owner_ = client;
    return Ending::kDone;
  }
  Ending Release(int client) {
    if (owner_ != client) return Ending::kMisuse;
    owner_.reset();
    handed_over_ = true;
    return Ending::kDone;
  }
  std::optional<Ending> Wait(int client, bool cancelled) {
    if (Release(client) == Ending::kMisuse) return Ending::kMisuse;
    if (cancelled) {
      leaving_.insert(client);
      return Ending::kCancelled;
    }
    waiting_.push_back(client);
    return std::nullopt;
  }
  Ending Notify(int client, std::size_t count) {
    if (owner_ != client) return Ending::kMisuse;
    for (; count > 0 && !waiting_.empty(); --count) MoveFirst();
    return Ending::kDone;
  }
  // Somebody else takes the free lock, notifies all and releases.
  Ending NotifyFromOutside() {
    EXPECT_FALSE(owner_);
    while (!waiting_.empty()) MoveFirst();
    handed_over_ = true;
    return Ending::kDone;
  }

  bool Owns(int client) const { return owner_ == client && lock.owner() == CurrentTask(); }

  Lock lock;
  Condition condition{lock};
  int inside = 0;

 private:
  struct Waiter {
    int client;
    bool notified;  // by the condition; otherwise it acquires
  };

  // Notifies the first waiter.
  void MoveFirst() {
    lock_queue_.push_back({waiting_.front(), true});
    waiting_.pop_front();
  }

  void Remove(int client) override {
    const auto queued =
        std::find_if(lock_queue_.begin(), lock_queue_.end(), [&](const Waiter& each) { return each.client == client; });
    if (queued == lock_queue_.end()) {
      std::erase(waiting_, client);
      leaving_.insert(client);
      return;
    }
    const bool notified = queued->notified;
    lock_queue_.erase(queued);
    if (!notified) return;
    leaving_.insert(client);
    if (!waiting_.empty()) MoveFirst();  // the notification passes on
  }

  // Who has got the lock? The first in line, or somebody who leaves.
  void Adopt(bool all) override {
    if (owner_) return;
    int real = -1;
    for (int client = 0; client < size(); ++client) {
      if (lock.owner() && lock.owner() == task(client)) real = client;
    }
    if (real < 0) {
      EXPECT_TRUE(!handed_over_ || lock_queue_.empty()) << "the lock was given to nobody";
      handed_over_ = false;
    } else if (handed_over_ && !lock_queue_.empty() && lock_queue_.front().client == real) {
      Finish(real, Ending::kDone);
      lock_queue_.pop_front();
      owner_ = real;
    } else if (leaving_.erase(real) > 0) {
      owner_ = real;
    } else if (all) {
      ADD_FAILURE() << "the lock was given to client " << real << ", whose turn it was not";
    }
    if (owner_) handed_over_ = false;
  }

  void Compare() override {
    EXPECT_EQ(lock.locked(), owner_.has_value());
    EXPECT_EQ(lock.owner(), owner_ ? task(*owner_) : TaskRef());
    EXPECT_EQ(condition.waiting(), waiting_.size());
    EXPECT_GE(lock.waiting(), lock_queue_.size());
    EXPECT_LE(lock.waiting(), lock_queue_.size() + leaving_.size());
  }

  std::optional<int> owner_;
  bool handed_over_ = false;  // the lock was released, and to whom it went has not been seen yet
  std::deque<Waiter> lock_queue_;
  std::deque<int> waiting_;
  std::set<int> leaving_;
};

inline Task<> UseCondition(ConditionReference& world, int self) {
  for (int round = 0; round < 2; ++round) {
    const bool without_lock = Choose(8, "without the lock") == 7;
    if (!without_lock) {
      const Ending ending = co_await world.Do(
          self, [&](bool cancelled) { return cancelled ? std::optional(Ending::kCancelled) : world.Acquire(self); },
          [&]() -> Task<> { co_await world.lock.Acquire(); });
      if (ending != Ending::kDone) continue;
    }
    for (std::uint32_t left = Choose(3, "steps"); left > 0; --left) {
      if (!without_lock) {
        EXPECT_TRUE(world.Owns(self));
        EXPECT_EQ(++world.inside, 1);
        if (Choose(2, "work") == 1) co_await Checkpoint();
        EXPECT_EQ(world.inside--, 1);
      }
      switch (const std::uint32_t how = Choose(5, "how")) {
        case 3:
        case 4: {
          const std::size_t count = how == 3 ? 1 : 2;
          world.DoNow([&] { return world.Notify(self, count); }, [&] { world.condition.Notify(count); });
          break;
        }
        default:
          co_await world.Do(
              self, [&](bool cancelled) { return world.Wait(self, cancelled); },
              [&]() -> Task<> { co_await world.condition.Wait(); });
          EXPECT_EQ(world.Owns(self), !without_lock);
      }
    }
    if (!without_lock) world.DoNow([&] { return world.Release(self); }, [&] { world.lock.Release(); });
  }
}

inline Task<> ConditionProgram() {
  ConditionReference world(4);
  co_await world.RunClients([&](int self) { return UseCondition(world, self); },
                            [&] {
                              world.DoNow([&] { return world.NotifyFromOutside(); },
                                          [&] {
                                            world.lock.AcquireNow();
                                            world.condition.NotifyAll();
                                            world.lock.Release();
                                          });
                            });
  EXPECT_FALSE(world.lock.locked());
  EXPECT_EQ(world.lock.waiting(), 0u);
  EXPECT_EQ(world.condition.waiting(), 0u);
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_CONDITION_H_
