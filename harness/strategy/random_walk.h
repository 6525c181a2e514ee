// Random walk: uniform over the alternatives at each decision. Cheap and hard to fool, but binomial: a task that must
// take k steps while another one stalls does so with probability 2^-k. (Thomson, Donaldson, Betts: Concurrency testing
// using controlled schedulers, 2016, "Rand".) tests/strategies/random_walk_test.cc
#ifndef HOCKET_HARNESS_STRATEGY_RANDOM_WALK_H_
#define HOCKET_HARNESS_STRATEGY_RANDOM_WALK_H_

#include <cstdint>
#include <string>

#include "harness/random.h"
#include "harness/ready_set.h"
#include "harness/strategy/algorithm.h"
#include "hocket/chooser.h"

namespace hocket::testing {

class RandomWalkPicker final : public Algorithm {
 public:
  std::string Name() const { return "random walk"; }
  void StartExecution(Random picks) {
    ready_.Clear();
    picks_ = picks;
    next_ = picks_.Next();
  }
  void Added(AlternativeId id, const AlternativeInfo&) { ready_.Add(id); }
  void Removed(AlternativeId id, Removal) { ready_.Remove(id); }
  AlternativeId Pick() {
    const AlternativeId id = ready_[Random::Scale(next_, ready_.size())];
    next_ = picks_.Next();  // ahead of time: nothing waits for it, while everything waits for a pick
    return id;
  }

 private:
  Random picks_{0};
  std::uint64_t next_ = 0;  // of picks_
  ReadySet ready_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_RANDOM_WALK_H_
