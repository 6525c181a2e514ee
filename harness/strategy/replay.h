// Replays a stored schedule: a base, and the deviations from it by name.
#ifndef HOCKET_HARNESS_STRATEGY_REPLAY_H_
#define HOCKET_HARNESS_STRATEGY_REPLAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "harness/base_order.h"
#include "harness/position_tracker.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// Goes on by the base where the program no longer fits the schedule, and remembers the first place where that was so.
class Replay final : public Strategy {
 public:
  explicit Replay(const Schedule& schedule);

  std::string Name() const override { return "replay"; }
  void StartExecution(std::uint64_t index) override;
  void Begin(const Executor& executor) noexcept override;
  bool WantsAccesses() const noexcept override { return false; }
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;

  // How many of the schedule's deviations and drawn values have not been met yet.
  std::size_t left() const { return left_; }

  // Of the schedule's deviations and draws, those that the execution met and could follow, in their order.
  std::vector<Deviation> AppliedDeviations() const;
  std::vector<DrawnValue> AppliedDraws() const;
  // How many of those were cancellations from outside and faults.
  std::uint64_t injected() const { return injected_; }
  // How many steps were another task's than the step before.
  std::uint64_t switches() const { return switches_; }

  // Where the program and the schedule part, in words: at which decision, what was recorded and what is there now. None
  // if they do not. REQUIRES: the execution has ended.
  std::optional<std::string> Divergence() const;

 private:
  void NoteDivergence(const std::string& recorded, const std::string& now);
  std::string Alternatives() const;
  std::string DescribeAlternative(AlternativeId id) const;

  struct Use {
    std::size_t index;  // in the schedule
    bool applied = false;
  };

  Schedule schedule_;
  absl::flat_hash_map<PositionKey, Use> deviations_;
  absl::flat_hash_map<PositionKey, Use> draws_;
  std::vector<TaskId> targets_;  // of the deviations
  const Executor* executor_ = nullptr;
  BaseOrder order_;
  PositionTracker positions_;
  std::uint64_t decisions_ = 0;
  std::size_t left_ = 0;
  std::uint64_t injected_ = 0;
  std::uint64_t switches_ = 0;
  TaskId stepped_last_ = 0;
  std::optional<std::string> divergence_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_REPLAY_H_
