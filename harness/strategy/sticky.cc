// Sticky: goes on with the task under way, and with a given probability draws anew among all alternatives instead:
// random preemption, after 1/p steps on average. Swarm: sticky, with a probability that each execution draws for
// itself, because no single one suits both bugs that need long undisturbed stretches and bugs that need many switches.
// (Groce et al.: Swarm testing, 2012, of a program's features.)
//
// Time does not go on by itself: after the clock's step, all are drawn from. tests/strategies/sticky_test.cc
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "harness/ready_set.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

class StickyPicker {
 public:
  void StartExecution(Random picks, std::uint32_t percent) {
    picks_ = RandomAhead(picks);
    percent_ = percent;
    ready_.Clear();
    last_ = kNone;
    goes_on_ = false;
    clock_ = kNone;
  }
  void Added(const NewAlternative& added) {
    const AlternativeId id = added.id();
    if (added.kind() == AlternativeKind::kClock) clock_ = id;
    if (id == last_) goes_on_ = true;
    ready_.Add(id);
  }
  void Removed(AlternativeId id, Removal why) {
    ready_.Remove(id);
    if (why == Removal::kPicked) {
      last_ = id == clock_ ? kNone : id;
      goes_on_ = false;
    } else if (id == last_) {
      goes_on_ = false;
    }
  }
  AlternativeId Pick() {
    if (goes_on_ && picks_.Below(100) >= percent_) return last_;
    return ready_[picks_.Below(ready_.size())];
  }

 private:
  static constexpr AlternativeId kNone = kStopRun;

  RandomAhead picks_{Random(0)};
  std::uint32_t percent_ = 0;
  ReadySet ready_;
  AlternativeId last_ = kNone;  // the task under way; its handle is not given out again before the next step
  bool goes_on_ = false;        // it is an alternative
  AlternativeId clock_ = kNone;
};

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
