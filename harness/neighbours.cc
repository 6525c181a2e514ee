#include "harness/neighbours.h"

#include <algorithm>

#include "harness/base_order.h"
#include "harness/position_tracker.h"
#include "harness/strategy/replay.h"

namespace hocket::testing {

namespace {

// Follows a schedule and writes down what it passes by. Tests: tests/minimal_pair_test.cc, tests/repair_test.cc.
class Surveyor final : public Chooser {
 public:
  Surveyor(const Schedule& schedule, std::vector<Junction>& junctions)
      : replay_(schedule), order_(schedule.base), junctions_(junctions) {
    replay_.StartExecution(0);
  }

  void Begin(const Executor& executor) noexcept override {
    executor_ = &executor;
    last_path_ = "main";
    replay_.Begin(executor);
    order_.Begin(executor);
    positions_.Begin(executor);
  }
  void Added(AlternativeId id) noexcept override {
    replay_.Added(id);
    order_.Added(id);
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    replay_.Removed(id, why);
    order_.Removed(id, why);
    if (why != Removal::kPicked) return;
    positions_.StepBegins(id);
    last_path_ = executor_->Path(id);
  }
  bool WantsAccesses() const noexcept override { return false; }
  AlternativeId Pick() noexcept override {
    const std::uint32_t nth = positions_.Last().nth;
    Junction& junction = junctions_.emplace_back();
    junction.at = {last_path_, positions_.last_operation(), nth};
    junction.base_choice = executor_->Path(order_.First());
    const AlternativeId chosen = replay_.Pick();
    const std::string path = executor_->Path(chosen);
    order_.CopyTo(alternatives_);
    for (const AlternativeId id : alternatives_) {
      std::string other = executor_->Path(id);
      if (other == path || std::find(junction.others.begin(), junction.others.end(), other) != junction.others.end())
        continue;
      junction.others.push_back(std::move(other));
    }
    return chosen;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    const std::uint32_t nth = positions_.NextDraw(label).nth;
    Junction& junction = junctions_.emplace_back();
    junction.at = {last_path_, label, nth};
    junction.is_draw = true;
    junction.values = n;
    junction.drawn = replay_.Draw(n, label, kind);
    return junction.drawn;
  }

 private:
  Replay replay_;
  BaseOrder order_;
  PositionTracker positions_;
  const Executor* executor_ = nullptr;
  std::string last_path_;
  std::vector<AlternativeId> alternatives_;
  std::vector<Junction>& junctions_;
};

}  // namespace

Survey RunSurvey(Execution& execution, const Schedule& schedule) {
  Survey survey;
  Surveyor surveyor(schedule, survey.junctions);
  const Record& record = execution.Run(surveyor);
  survey.failure = record.failure;
  survey.steps = record.steps;
  return survey;
}

Schedule WithChoice(const Schedule& schedule, const Junction& junction, const std::string& other) {
  Schedule neighbour = schedule;
  std::erase_if(neighbour.deviations, [&](const Deviation& deviation) { return deviation.at == junction.at; });
  if (other != junction.base_choice) neighbour.deviations.push_back({junction.at, other});
  return neighbour;
}

Schedule WithDraw(const Schedule& schedule, const Junction& junction, std::uint32_t value) {
  Schedule neighbour = schedule;
  std::erase_if(neighbour.draws, [&](const DrawnValue& draw) { return draw.at == junction.at; });
  if (value != 0) neighbour.draws.push_back({junction.at, value});
  return neighbour;
}

}  // namespace hocket::testing
