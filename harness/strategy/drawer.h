// Draws the values that runs ask for: what all sampling strategies have in common.
//
// Each kind of value has a stream of its own, apart from the one that picks: one more drawn value does not move the
// schedule, one more fault point does not move the program's values.
#ifndef HOCKET_HARNESS_STRATEGY_DRAWER_H_
#define HOCKET_HARNESS_STRATEGY_DRAWER_H_

#include <cstdint>

#include "harness/position_tracker.h"
#include "harness/random.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// Values and wakes are uniform. Faults come in clusters: half of the executions have none; of the others, each lets a
// quarter of the labels fail, each time that one is met with a probability of one in four. (Faults that are spread thin
// over all sites hide what takes two at the same site: FoundationDB's BUGGIFY; Groce et al.: Swarm testing, 2012.)
class Drawer {
 public:
  // `seed` is the execution's.
  void StartExecution(std::uint64_t seed) {
    seed_ = seed;
    seeded_ = false;
  }

  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) {
    if (!seeded_) Seed();
    switch (kind) {
      case DrawKind::kValue:
        return values_.Below(n);
      case DrawKind::kWake:
        return wakes_.Below(n);
      case DrawKind::kFault:
        return Fails(label) ? 1 : 0;
    }
    return 0;
  }

 private:
  // Most executions draw nothing.
  void Seed() {
    seeded_ = true;
    values_ = Random(MixSeed(seed_, 1));
    wakes_ = Random(MixSeed(seed_, 2));
    faults_ = Random(MixSeed(seed_, 3));
    faulty_ = faults_.Below(2) == 0;
    labels_ = faults_.Next();
  }
  bool Fails(const char* label) {
    if (!faulty_ || MixSeed(labels_, HashOperation(label)) % 4 != 0) return false;
    return faults_.Below(4) == 0;
  }

  std::uint64_t seed_ = 0;
  bool seeded_ = false;
  Random values_{0};
  Random wakes_{0};
  Random faults_{0};
  bool faulty_ = false;
  std::uint64_t labels_ = 0;  // which of them may fail
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_DRAWER_H_
