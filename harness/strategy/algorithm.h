// What a sampling strategy picks by.
#ifndef HOCKET_HARNESS_STRATEGY_ALGORITHM_H_
#define HOCKET_HARNESS_STRATEGY_ALGORITHM_H_

#include <string>

#include "harness/new_alternative.h"
#include "harness/random.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// What an algorithm consists of, with what most of them need not say. It is called as a Chooser is, but for:
//   - cancellations, which it does not see: they are no alternatives to it. A step that cancels is a ForeignStep.
//   - Pick, which is called only if there are two alternatives or more without those.
struct Algorithm {
  // An execution begins, whose picks are drawn from `picks`.
  void StartExecution(Random picks);
  void Added(const NewAlternative& added);
  void Removed(AlternativeId id, Removal why);
  AlternativeId Pick();
  std::string Name() const;

  void ForeignStep() {}
  void Touched(const Access&) {}
  static constexpr bool kWantsAccesses = false;  // whether Touched is to be called
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_ALGORITHM_H_
