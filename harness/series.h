// Series: runs the executions of an exploration in this process, each one after those that it follows from.
//
// A sample of those that pass is run twice: a program that is not the same again cannot be replayed, and says nothing.
#ifndef HOCKET_HARNESS_SERIES_H_
#define HOCKET_HARNESS_SERIES_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "harness/execution.h"
#include "harness/execution_source.h"
#include "harness/footprint.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// With the default strategy if there is none.
ExploreOptions WithStrategy(ExploreOptions options);

class Series final : public ExecutionSource {
 public:
  // REQUIRES: options.strategy. Both outlive the series.
  Series(const Body& body, const ExploreOptions& options);

  // Runs the execution with this index: not before the executions that the strategy learns from, and if it is one of a
  // search, not before the earlier ones of the search. What of them has not been run yet is run silently: they count
  // for nothing, and may fail. If another shard runs the execution, nothing is run. REQUIRES: `index` is above that of
  // all calls before.
  Tally Run(std::uint64_t index);
  // Runs the executions that are learnt from, silently, as far as they lie below `end`.
  void Prepare(std::uint64_t end);

  std::optional<Tally> Next(std::chrono::steady_clock::time_point) override { return Run(next_++); }
  Finding TakeFinding() override { return std::move(finding_); }
  std::string InTurn() const override { return strategy_->Name(); }
  std::optional<Coverage> Covered() const override { return strategy_->Covered(); }
  std::optional<Coverage> End() override { return strategy_->Covered(); }

  const Strategy& strategy() const { return *strategy_; }

 private:
  // The record is valid until the next execution.
  const Record& RunOne(std::uint64_t index, Chooser& chooser);
  void CatchUp(std::uint64_t index);
  bool IsElsewhere(std::uint64_t index);
  void RunSilently(std::uint64_t index);
  bool IsSampled(std::uint64_t index) const;
  // Runs the sampled execution that has just passed once more. What differs.
  std::optional<std::string> DifferenceOfRerun(const Record& first);

  const ExploreOptions& options_;
  const std::unique_ptr<Strategy> strategy_;
  const std::uint64_t profile_;  // below: learnt from
  Execution execution_;
  Footprint first_;
  Footprint again_;
  Finding finding_;
  std::uint64_t next_;
  std::uint64_t profile_run_ = 0;  // below: those that are learnt from have been run
  std::uint64_t search_run_ = 0;   // below: those of the search have been run
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SERIES_H_
