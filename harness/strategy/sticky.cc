#include "harness/strategy/sticky.h"

#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

class Sticky final : public Algorithm {
 public:
  explicit Sticky(std::uint32_t percent) : percent_(percent) {}
  std::string Name() const { return "sticky " + std::to_string(percent_) + " %"; }
  void StartExecution(Random picks) { picker_.StartExecution(picks, percent_); }
  void Added(const NewAlternative& added) { picker_.Added(added); }
  void Removed(AlternativeId id, Removal why) { picker_.Removed(id, why); }
  AlternativeId Pick() { return picker_.Pick(); }

 private:
  std::uint32_t percent_;
  StickyPicker picker_;
};

class Swarm final : public Algorithm {
 public:
  std::string Name() const { return "swarm"; }
  void StartExecution(Random picks) {
    constexpr std::uint32_t kPercents[] = {2, 5, 10, 25, 50, 100};
    const std::uint32_t percent = kPercents[picks.Below(std::size(kPercents))];
    picker_.StartExecution(picks, percent);
  }
  void Added(const NewAlternative& added) { picker_.Added(added); }
  void Removed(AlternativeId id, Removal why) { picker_.Removed(id, why); }
  AlternativeId Pick() { return picker_.Pick(); }

 private:
  StickyPicker picker_;
};

}  // namespace

std::unique_ptr<Strategy> MakeSticky(std::uint64_t seed, std::uint32_t percent) {
  HOCKET_CHECK(percent <= 100) << "a probability of " << percent << " percent: give it from 0 to 100";
  return MakeSampler(seed, nullptr, Sticky(percent));
}

std::unique_ptr<Strategy> MakeSwarm(std::uint64_t seed, std::shared_ptr<Profile> profile) {
  return MakeSampler(seed, std::move(profile), Swarm());
}

}  // namespace hocket::testing
