#include "harness/detectors/monitor_board.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "harness/detectors/detectors.h"
#include "harness/detectors/identity.h"
#include "hocket/check.h"
#include "hocket/task_snapshot.h"
#include "hocket/testing/monitor.h"

namespace hocket::testing {

Monitor::Monitor(std::string name) : place_(0) {
  if (MonitorBoard* board = MonitorBoard::Current()) place_ = board->Add(std::move(name));
}

void Monitor::Hot(std::string state) {
  if (MonitorBoard* board = MonitorBoard::Current()) board->Hot(place_, std::move(state));
}

void Monitor::Cold() {
  if (MonitorBoard* board = MonitorBoard::Current()) board->Cold(place_);
}

MonitorBoard::MonitorBoard(const ExploreOptions& options)
    : unfair_steps_(UnfairSteps(options)),
      hot_steps_(options.detectors.hot_steps.value_or(std::numeric_limits<std::uint64_t>::max())) {}

void MonitorBoard::Begin() noexcept {
  entries_.clear();
  too_long_.reset();
  current_ = this;
}

std::size_t MonitorBoard::Add(std::string name) {
  entries_.push_back({std::move(name), {}, std::nullopt});
  return entries_.size() - 1;
}

void MonitorBoard::Hot(std::size_t place, std::string state) {
  HOCKET_CHECK(place < entries_.size()) << "a monitor belongs to the execution that made it: make it in the body";
  Entry& entry = entries_[place];
  entry.state = std::move(state);
  if (!entry.hot_since) entry.hot_since = CurrentStatistics().steps;
}

void MonitorBoard::Cold(std::size_t place) {
  HOCKET_CHECK(place < entries_.size()) << "a monitor belongs to the execution that made it: make it in the body";
  Entry& entry = entries_[place];
  if (!entry.hot_since) return;
  if (!too_long_ && StaysHot(entry, CurrentStatistics().steps)) too_long_ = FailureOf(entry, "stayed hot for too long");
  entry.hot_since.reset();
}

// Steps before the fair ones do not count: nobody promises that they are fair.
bool MonitorBoard::StaysHot(const Entry& entry, std::uint64_t steps) const {
  const std::uint64_t since = std::max(*entry.hot_since, unfair_steps_);
  return steps > since && steps - since > hot_steps_;
}

ExecutionFailure MonitorBoard::FailureOf(const Entry& entry, const std::string& how) {
  ExecutionFailure failure;
  failure.identity = {"liveness", IdentityOf({entry.name})};
  failure.message = "liveness: '" + entry.name + "' " + how + ": hot since step " + std::to_string(*entry.hot_since) +
                    (entry.state.empty() ? "" : ", in the state '" + entry.state + "'");
  return failure;
}

std::optional<ExecutionFailure> MonitorBoard::Failure(const RunOutcome& outcome) const {
  if (too_long_) return too_long_;
  const bool endless = outcome.kind == RunOutcome::Kind::kStepLimit;
  if (!endless && !outcome.completed()) return std::nullopt;
  for (const Entry& entry : entries_) {
    if (!entry.hot_since) continue;
    if (outcome.completed()) return FailureOf(entry, "is still hot when the run ends");
    // Hot since before the fair steps began, or for as long as the bound says.
    if (*entry.hot_since > unfair_steps_ && !StaysHot(entry, outcome.steps)) continue;
    ExecutionFailure failure = FailureOf(entry, "stays hot under a fair schedule");
    failure.message += outcome.ToString().substr(std::string(ToString(outcome.kind)).size());
    return failure;
  }
  return std::nullopt;
}

std::string MonitorBoard::HotLines() const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (entry.hot_since)
      text += "\n  hot: " + FailureOf(entry, "is owed").message.substr(std::string("liveness: ").size());
  }
  return text;
}

}  // namespace hocket::testing
