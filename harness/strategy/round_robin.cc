// Round robin: each alternative one step in turn, in the order of spawning and the clock last; what becomes ready when
// its turn is over waits for the next round. What an operating system's scheduler comes near to, and what most tests
// without a harness see. tests/strategies/round_robin_test.cc
#include <memory>
#include <string>
#include <vector>

#include "harness/indexed_heap.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

class RoundRobin final : public Algorithm {
 public:
  std::string Name() const { return "round robin"; }

  void StartExecution(Random) {
    turns_.Clear();
    now_ = 0;
  }
  void Added(const NewAlternative& added) {
    const std::uint64_t turn = (now_ & ~kPlace) | added.spawn_number();
    turns_.Add(added.id(), ~(turn > now_ ? turn : turn + kPlace + 1));
  }
  void Removed(AlternativeId id, Removal why) {
    if (why == Removal::kPicked) now_ = ~turns_.KeyOf(id);
    turns_.Remove(id);
  }
  AlternativeId Pick() { return turns_.Top(); }

 private:
  static constexpr std::uint64_t kPlace = 0xffffffff;  // a turn's part that is not the number of its round

  IndexedHeap turns_;      // by the complement of their turn, so that the next one is on top
  std::uint64_t now_ = 0;  // the turn that was taken last
};

}  // namespace

std::unique_ptr<Strategy> MakeRoundRobin(std::uint64_t seed) { return MakeSampler(seed, nullptr, RoundRobin()); }

}  // namespace hocket::testing
