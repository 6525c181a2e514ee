// Random walk: uniform over the alternatives at each decision. Cheap and hard to fool, but binomial: a task that must
// take k steps while another one stalls does so with probability 2^-k. (Thomson, Donaldson, Betts: Concurrency testing
// using controlled schedulers, 2016, "Rand".) tests/strategies/random_walk_test.cc
#include <cstdint>
#include <memory>
#include <string>

#include "harness/random.h"
#include "harness/ready_set.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

class RandomWalk final : public Algorithm {
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

}  // namespace

std::unique_ptr<Strategy> MakeRandomWalk(std::uint64_t seed) { return MakeSampler(seed, nullptr, RandomWalk()); }

}  // namespace hocket::testing
