// Random walk: uniform over the alternatives at each decision. Cheap and hard to fool, but binomial: a task that must
// take k steps while another one stalls does so with probability 2^-k. (Thomson, Donaldson, Betts: Concurrency testing
// using controlled schedulers, 2016, "Rand".)
#include <memory>

#include "harness/random.h"
#include "harness/ready_set.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

namespace {

class RandomWalk final : public Strategy {
 public:
  explicit RandomWalk(std::uint64_t seed) : seed_(seed), picks_(0), draws_(0) {}

  std::string Name() const override { return "random walk"; }
  void StartExecution(std::uint64_t index) override {
    ready_.Clear();
    const std::uint64_t seed = MixSeed(seed_, index);
    picks_ = Random(MixSeed(seed, 0));
    next_ = picks_.Next();
    draws_ = Random(MixSeed(seed, 1));
  }
  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override { ready_.Add(id); }
  void Removed(AlternativeId id, Removal) noexcept override { ready_.Remove(id); }
  AlternativeId Pick() noexcept override {
    const AlternativeId id = ready_[Random::Scale(next_, ready_.size())];
    next_ = picks_.Next();  // ahead of time: nothing waits for it, while everything waits for a pick
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char*) noexcept override { return draws_.Below(n); }

 private:
  std::uint64_t seed_;
  Random picks_;
  std::uint64_t next_ = 0;  // of picks_
  Random draws_;
  ReadySet ready_;
};

}  // namespace

std::unique_ptr<Strategy> MakeRandomWalk(std::uint64_t seed) { return std::make_unique<RandomWalk>(seed); }

}  // namespace hocket::testing
