// Decides when a scope is cancelled from outside (AlternativeKind::kCancel), apart from who runs.
//
// As ordinary alternatives, cancellations would be chosen as often as tasks, so that every scope would be cancelled
// before anything has happened in it. Here half of the executions cancel nothing, and each of the others draws how
// eager it is: at each decision that could cancel something, it does with a probability of 1/2, 1/8, 1/32 or 1/128,
// which reaches long executions as well as short ones. tests/strategies/injection_test.cc
#ifndef HOCKET_HARNESS_STRATEGY_INJECTION_H_
#define HOCKET_HARNESS_STRATEGY_INJECTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/random.h"
#include "harness/ready_set.h"
#include "hocket/chooser.h"

namespace hocket::testing {

class Injection {
 public:
  static constexpr std::uint32_t kMost = 3;  // an execution's

  void StartExecution(std::uint64_t seed) {
    seed_ = seed;
    seeded_ = false;
    if (any()) Forget();
  }

  // The cancellations among the alternatives.
  void Added(AlternativeId id);
  void Removed(AlternativeId id, Removal why);
  // Whether `id` is one of them.
  bool Has(AlternativeId id) const { return offered_.size() > 0 && id < is_offered_.size() && is_offered_[id]; }
  bool any() const { return offered_.size() > 0; }

  // What is cancelled now, if anything. REQUIRES: any().
  std::optional<AlternativeId> Decide();
  // One of them, where nothing else can run. REQUIRES: any().
  AlternativeId Any();

 private:
  void Forget();
  void Seed();

  std::uint64_t seed_ = 0;
  bool seeded_ = false;
  Random random_{0};
  std::uint32_t one_in_ = 0;  // decisions; 0: none
  std::uint32_t left_ = 0;
  ReadySet offered_;
  std::vector<bool> is_offered_;  // by id
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_INJECTION_H_
