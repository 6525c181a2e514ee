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
    picks_ = RandomAhead(picks);
  }
  void Added(const NewAlternative& added) { ready_.Add(added.id()); }
  void Removed(AlternativeId id, Removal) { ready_.Remove(id); }
  AlternativeId Pick() { return ready_[picks_.Below(ready_.size())]; }

 private:
  RandomAhead picks_{Random(0)};
  ReadySet ready_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_RANDOM_WALK_H_
