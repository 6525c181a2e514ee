#include "harness/strategy/replay.h"

#include <utility>

namespace hocket::testing {

Replay::Replay(const Schedule& schedule) : schedule_(schedule), order_(schedule.base) {
  for (std::size_t i = 0; i < schedule_.deviations.size(); ++i) {
    deviations_.emplace(KeyOf(schedule_.deviations[i].at), Use{i});
    targets_.push_back(PathHash(schedule_.deviations[i].run));
  }
  for (std::size_t i = 0; i < schedule_.draws.size(); ++i) draws_.emplace(KeyOf(schedule_.draws[i].at), Use{i});
}

void Replay::StartExecution(std::uint64_t) {
  for (auto& [key, use] : deviations_) use.applied = false;
  for (auto& [key, use] : draws_) use.applied = false;
  decisions_ = 0;
  left_ = deviations_.size() + draws_.size();
  injected_ = switches_ = 0;
  stepped_last_ = 0;
  divergence_.reset();
}

void Replay::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  order_.Begin(executor);
  positions_.Begin(executor);
}

void Replay::Added(AlternativeId id) noexcept { order_.Added(id); }

void Replay::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
    positions_.StepBegins(id);
    const TaskId steps = executor_->Describe(id).standing.task;
    if (stepped_last_ != 0 && steps != stepped_last_) ++switches_;
    stepped_last_ = steps;
  }
  order_.Removed(id, why);
}

AlternativeId Replay::Pick() noexcept {
  AlternativeId chosen = order_.First();
  const auto found = deviations_.find(positions_.Last());
  if (found != deviations_.end()) {
    const std::size_t index = found->second.index;
    --left_;
    bool runnable = false;
    for (std::uint32_t i = 0; i < order_.size() && !runnable; ++i) {
      runnable = executor_->Owner(order_.At(i)).task == targets_[index];
      if (runnable) chosen = order_.At(i);
    }
    found->second.applied = runnable;
    if (runnable && executor_->Describe(chosen).kind == AlternativeKind::kCancel) ++injected_;
    if (!runnable) NoteDivergence("run " + schedule_.deviations[index].run, Alternatives());
  }
  if (decisions_ < schedule_.exact.size()) {
    const Decision& recorded = schedule_.exact[decisions_];
    const std::string path = executor_->Path(chosen);
    if (recorded.alternatives != order_.size() || recorded.task != path ||
        recorded.op != executor_->Describe(chosen).standing.operation) {
      NoteDivergence(
          "one of " + std::to_string(recorded.alternatives) + " alternatives, " + recorded.task + " at " + recorded.op,
          Alternatives() + ", of which " + DescribeAlternative(chosen) + " is chosen");
    }
  } else if (!schedule_.exact.empty()) {
    NoteDivergence("no further decision", Alternatives());
  }
  ++decisions_;
  return chosen;
}

std::uint32_t Replay::Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept {
  const auto found = draws_.find(positions_.NextDraw(label));
  if (found == draws_.end()) return 0;
  const std::uint32_t value = schedule_.draws[found->second.index].value;
  --left_;
  found->second.applied = value < n;
  if (value >= n) {
    NoteDivergence("the value " + std::to_string(value) + " drawn as '" + label + "'",
                   "only values below " + std::to_string(n));
    return 0;
  }
  if (kind == DrawKind::kFault && value != 0) ++injected_;
  return value;
}

std::vector<Deviation> Replay::AppliedDeviations() const {
  std::vector<Deviation> applied;
  for (const Deviation& deviation : schedule_.deviations) {
    if (deviations_.at(KeyOf(deviation.at)).applied) applied.push_back(deviation);
  }
  return applied;
}

std::vector<DrawnValue> Replay::AppliedDraws() const {
  std::vector<DrawnValue> applied;
  for (const DrawnValue& draw : schedule_.draws) {
    if (draws_.at(KeyOf(draw.at)).applied) applied.push_back(draw);
  }
  return applied;
}

std::optional<std::string> Replay::Divergence() const {
  if (divergence_) return divergence_;
  if (decisions_ < schedule_.exact.size()) {
    const Decision& recorded = schedule_.exact[decisions_];
    return "decision " + std::to_string(decisions_ + 1) + ": recorded: " + recorded.task + " at " + recorded.op +
           ", one of " + std::to_string(recorded.alternatives) + " alternatives; now: the run ends after " +
           std::to_string(decisions_) + " decisions";
  }
  for (const Deviation& deviation : schedule_.deviations) {
    if (deviations_.at(KeyOf(deviation.at)).applied) continue;
    return "after decision " + std::to_string(decisions_) + ": recorded: a decision where " + deviation.at.task +
           " stands at " + deviation.at.op + " for time " + std::to_string(deviation.at.nth) +
           "; now: there is no such decision";
  }
  for (const DrawnValue& draw : schedule_.draws) {
    if (draws_.at(KeyOf(draw.at)).applied) continue;
    return "after decision " + std::to_string(decisions_) + ": recorded: " + draw.at.task + " draws '" + draw.at.op +
           "' for time " + std::to_string(draw.at.nth) + "; now: it does not";
  }
  return std::nullopt;
}

void Replay::NoteDivergence(const std::string& recorded, const std::string& now) {
  if (divergence_) return;
  divergence_ = "decision " + std::to_string(decisions_ + 1) + ": recorded: " + recorded + "; now: " + now;
}

std::string Replay::DescribeAlternative(AlternativeId id) const {
  return executor_->Path(id) + " at " + executor_->Describe(id).standing.operation;
}

std::string Replay::Alternatives() const {
  std::string text = std::to_string(order_.size()) + " alternatives (";
  for (std::uint32_t i = 0; i < order_.size(); ++i) text += (i == 0 ? "" : ", ") + DescribeAlternative(order_.At(i));
  return text + ")";
}

}  // namespace hocket::testing
