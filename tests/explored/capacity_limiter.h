// Clients of a capacity limiter, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_CAPACITY_LIMITER_H_
#define HOCKET_TESTS_EXPLORED_CAPACITY_LIMITER_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "hocket/capacity_limiter.h"
#include "tests/explored/support.h"

namespace hocket::explored {

// Who borrows: the client itself, or a number.
struct Borrower {
  bool is_task;
  std::uint64_t id;
  friend auto operator<=>(const Borrower&, const Borrower&) = default;
};

class LimiterReference final : public Reference {
 public:
  LimiterReference(int clients, std::size_t total) : Reference(clients), limiter(total), total_(total) {}

  std::optional<Ending> Acquire(int client, Borrower borrower) {
    const Ending ending = AcquireNow(borrower);
    if (ending != Ending::kWouldBlock) return ending;
    queue_.emplace_back(client, borrower);
    return std::nullopt;
  }
  Ending AcquireNow(Borrower borrower) {
    if (borrowers_.count(borrower) > 0) return Ending::kMisuse;
    if (borrowers_.size() >= total_ || !queue_.empty()) return Ending::kWouldBlock;
    borrowers_.insert(borrower);
    return Ending::kDone;
  }
  Ending Release(Borrower borrower) {
    if (borrowers_.erase(borrower) == 0) return Ending::kMisuse;
    GiveOut();
    return Ending::kDone;
  }
  Ending SetTotal(std::size_t total) {
    total_ = total;
    GiveOut();
    return Ending::kDone;
  }

  Ending ReleaseBoth(Borrower borrower) {
    return DoNow([&] { return Release(borrower); },
                 [&] { borrower.is_task ? limiter.Release() : limiter.ReleaseOnBehalfOf(borrower.id); });
  }
  Ending SetTotalBoth(std::size_t total) {
    return DoNow([&] { return SetTotal(total); }, [&] { limiter.set_total(total); });
  }

  CapacityLimiter limiter;

 private:
  void GiveOut() {
    while (!queue_.empty() && borrowers_.size() < total_) {
      const auto [client, borrower] = queue_.front();
      queue_.pop_front();
      // Two may wait for the same borrower; the second one is too late.
      Finish(client, borrowers_.insert(borrower).second ? Ending::kDone : Ending::kMisuse);
    }
  }
  void Remove(int client) override {
    queue_.erase(std::find_if(queue_.begin(), queue_.end(), [&](const auto& entry) { return entry.first == client; }));
  }
  void Compare() override {
    EXPECT_EQ(limiter.borrowed(), borrowers_.size());
    EXPECT_EQ(limiter.waiting(), queue_.size());
    EXPECT_EQ(limiter.total(), total_);
  }

  std::size_t total_;
  std::set<Borrower> borrowers_;
  std::deque<std::pair<int, Borrower>> queue_;
};

inline Task<> UseLimiter(LimiterReference& world, int self) {
  for (int round = 0; round < 2; ++round) {
    // A number may be one that somebody else uses too; the clients themselves have numbers from 0 on.
    const std::uint32_t number = Choose(4, "number");
    const Borrower borrower{number < 2, number < 2 ? static_cast<std::uint64_t>(self) : number - 2};
    Ending ending;
    switch (Choose(8, "how")) {
      case 5:
        ending = world.DoNow(
            [&] { return world.AcquireNow(borrower); },
            [&] { borrower.is_task ? world.limiter.AcquireNow() : world.limiter.AcquireOnBehalfOfNow(borrower.id); });
        break;
      case 6:
        world.SetTotalBoth(Choose(4, "total"));
        continue;
      case 7:
        world.ReleaseBoth(borrower);  // what it has not got, or what another one has
        continue;
      default:
        ending = co_await world.Do(
            self,
            [&](bool cancelled) {
              return cancelled ? std::optional(Ending::kCancelled) : world.Acquire(self, borrower);
            },
            [&]() -> Task<> {
              if (borrower.is_task) {
                co_await world.limiter.Acquire();
              } else {
                co_await world.limiter.AcquireOnBehalfOf(borrower.id);
              }
            });
    }
    if (ending != Ending::kDone) continue;
    for (std::uint32_t left = Choose(3, "work"); left > 0; --left) co_await Checkpoint();
    if (Choose(5, "keep") != 4) world.ReleaseBoth(borrower);
  }
}

inline Task<> CapacityLimiterProgram() {
  LimiterReference world(4, Choose(3, "initial"));
  co_await world.RunClients([&](int self) { return UseLimiter(world, self); }, [&] { world.SetTotalBoth(9); });
  EXPECT_EQ(world.limiter.waiting(), 0u);
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_CAPACITY_LIMITER_H_
