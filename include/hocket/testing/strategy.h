// Strategy: what answers a run's decisions, one execution after another.
//
// A strategy is a Chooser (hocket/chooser.h) that is told which execution begins. What it answers must be a pure
// function of its parameters, the execution's index and the run's calls: no address, clock or hash order, or replay is
// a lie.
//
//     class Newest final : public Strategy {  // always the alternative that was added last
//      public:
//       std::string Name() const override { return "newest"; }
//       void StartExecution(std::uint64_t) override { ready_.clear(); }
//       void Begin(const Executor&) noexcept override {}
//       void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
//       void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
//       AlternativeId Pick() noexcept override { return ready_.back(); }
//       std::uint32_t Draw(std::uint32_t, const char*) noexcept override { return 0; }
//
//      private:
//       std::vector<AlternativeId> ready_;
//     };
#ifndef HOCKET_TESTING_STRATEGY_H_
#define HOCKET_TESTING_STRATEGY_H_

#include <cstdint>
#include <memory>
#include <string>

#include "hocket/chooser.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

class Strategy : public Chooser {
 public:
  // One word or two for reports: "random walk".
  virtual std::string Name() const = 0;

  // The execution with this index (from 0) begins. Called before Chooser::Begin.
  virtual void StartExecution(std::uint64_t index) = 0;
};

// Always the base's choice, and 0 for every drawn value.
std::unique_ptr<Strategy> MakeBaseStrategy(Base base);

// Each alternative with the same probability, at each decision anew. Values are drawn from a stream of their own, so
// that one more drawn value does not move the schedule.
std::unique_ptr<Strategy> MakeRandomWalk(std::uint64_t seed);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_STRATEGY_H_
