// A barrier gives each party that passes an index of its own: how many have arrived before it. A party that is
// cancelled while it waits is taken out of the count, and the next one to arrive gets an index that somebody else has
// already; no one is the last. The fix: the lowest index that is free.
//
// After cpython gh-155233 (asyncio.Barrier reuses the index of a cancelled task).
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Barrier {
 public:
  Barrier(std::size_t parties, bool fixed) : parties_(parties), fixed_(fixed) {}

  Task<int> Arrive() {
    const int index = NextIndex();
    taken_.insert(index);
    if (taken_.size() == parties_) {
      for (const TaskRef& task : std::exchange(waiting_, {})) Wake(task);
      co_return index;
    }
    const TaskRef task = CurrentTask();
    waiting_.push_back(task);
    co_await Park("Barrier.Arrive", [&] {
      std::erase(waiting_, task);
      taken_.erase(taken_.find(index));
      return Abort::kSucceeded;
    });
    co_return index;
  }

 private:
  int NextIndex() const {
    if (!fixed_) return static_cast<int>(taken_.size());
    int index = 0;
    while (taken_.contains(index)) ++index;
    return index;
  }

  const std::size_t parties_;
  const bool fixed_;
  std::multiset<int> taken_;  // indices, of those who pass together
  std::vector<TaskRef> waiting_;
};

Task<> Body(Setting& setting) {
  Barrier barrier(3, setting.fixed());
  CancelScope scope;
  std::multiset<int> indices;
  bool again = false;
  const auto arrive = [&]() -> Task<> {
    co_await setting.Pad();
    const int index = co_await barrier.Arrive();
    indices.insert(index);
  };
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("impatient"), [&]() -> Task<> {
      const ScopeExit exit = co_await WithScope(scope, arrive);
      again = exit.cancelled_caught;
      if (again) co_await arrive();
    });
    for (int party = 0; party < 2; ++party) {
      nursery.StartSoon(TaskName("party"), [&]() -> Task<> {
        for (int step = 0; step < 3; ++step) co_await Checkpoint();
        co_await arrive();
      });
    }
    co_return;
  });
  setting.Observe(again ? "again" : "at once");
  Require(indices == std::multiset<int>{0, 1, 2}, "two parties have the same index");
}

}  // namespace

Program BarrierIndexReused() {
  return {.name = "barrier_index_reused",
          .essence = "after a cancelled wait two parties of a barrier get the same index",
          .source = "cpython gh-155233",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
