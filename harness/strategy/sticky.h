// Sticky: goes on with the task under way, and with a given probability draws anew among all alternatives instead:
// random preemption, after 1/p steps on average. Swarm: sticky, with a probability that each execution draws for
// itself, because no single one suits both bugs that need long undisturbed stretches and bugs that need many switches.
// (Groce et al.: Swarm testing, 2012, of a program's features.)
//
// Time does not go on by itself: after the clock's step, all are drawn from. tests/strategies/sticky_test.cc
#ifndef HOCKET_HARNESS_STRATEGY_STICKY_H_
#define HOCKET_HARNESS_STRATEGY_STICKY_H_

#include <cstdint>

#include "harness/new_alternative.h"
#include "harness/random.h"
#include "harness/ready_set.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// What both, and the walks that a profile learns from, pick by.
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
    if (goes_on_ && percent_ < 100 && picks_.Below(100) >= percent_) return last_;
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

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_STICKY_H_
