#include "harness/detectors/detectors.h"

#include <algorithm>
#include <string>

#include "harness/detectors/hang_watch.h"
#include "harness/detectors/identity.h"
#include "harness/detectors/livelock.h"
#include "harness/execution.h"

namespace hocket::testing {

namespace {

ExecutionFailure LeftBehindFailure(const RunOutcome& outcome) {
  ExecutionFailure failure;
  failure.identity = {"left-behind", IdentityOf({})};
  failure.message = "something was destroyed while it was in use" +
                    outcome.ToString().substr(std::string(ToString(outcome.kind)).size());
  const std::source_location& where = outcome.left_behind.front().where;
  failure.file = where.file_name();
  failure.line = static_cast<int>(where.line());
  return failure;
}

}  // namespace

std::uint64_t UnfairSteps(const ExploreOptions& options) {
  const std::uint64_t steps = options.steps_per_execution;
  return steps - std::min(options.detectors.fair_steps.value_or(steps / 2), steps);
}

Detectors::Detectors(const ExploreOptions& options)
    : options_(options), monitors_(options), cancellations_(options.detectors) {}

void Detectors::Begin(RunOptions& run) {
  fair_suffix_.Reset();
  monitors_.Begin();
  run.suffix = &fair_suffix_;
  run.suffix_after = UnfairSteps(options_);
  run.note_permits = options_.detectors.permits;
  if (HangWatch* watch = HangWatch::Current())
    run.observer = watch->ExecutionBegins(run.observer, /*alone=*/options_.executions == 1);
  if (cancellations_.enabled()) {
    cancellations_.Begin(run.observer);
    run.observer = &cancellations_;
  }
}

void Detectors::End() noexcept {
  monitors_.End();
  if (HangWatch* watch = HangWatch::Current()) watch->ExecutionEnds();
}

// What says more about the cause comes first.
std::optional<ExecutionFailure> Detectors::FailureOf(const RunOutcome& outcome) const {
  if (outcome.kind == RunOutcome::Kind::kStopped) return std::nullopt;
  const bool endless = outcome.kind == RunOutcome::Kind::kStepLimit;
  if (outcome.completed() || endless) {
    if (const auto& failure = cancellations_.Failure()) return failure;
    if (auto failure = monitors_.Failure(outcome)) return failure;
    if (endless && fair_suffix_.taken_over()) {
      if (auto failure = FindLivelock(fair_suffix_.turns(), outcome)) return failure;
    }
  }
  std::optional<ExecutionFailure> failure = testing::FailureOf(outcome);
  if (!failure && !outcome.left_behind.empty()) failure = LeftBehindFailure(outcome);
  if (failure && outcome.kind == RunOutcome::Kind::kDeadlock) failure->message += monitors_.HotLines();
  return failure;
}

}  // namespace hocket::testing
