#include "harness/execution.h"

#include <bit>
#include <string>
#include <utility>

#include "harness/death_report.h"
#include "harness/detectors/hang_watch.h"
#include "harness/detectors/identity.h"
#include "harness/random.h"
#include "hocket/exception_group.h"

namespace hocket::testing {

namespace {

// The types of the errors in a failure, without their messages, which may hold values that the schedule decides.
void CollectErrorTypes(const Failure& failure, std::vector<std::string>& types) {
  std::vector<Failure> pending{failure};  // groups may nest deeper than the stack is
  while (!pending.empty()) {
    const Failure next = std::move(pending.back());
    pending.pop_back();
    if (next.is_group()) {
      const ExceptionGroup group = next.group();
      pending.insert(pending.end(), group.members().begin(), group.members().end());
    } else if (!next.is_cancelled()) {
      const std::string text = next.ToString();
      types.push_back(text.substr(0, text.find(": ")));
    }
  }
}

}  // namespace

void Execution::RunHere(Chooser& chooser, Observer* observer, Record& record) {
  log_.picks.clear();
  log_.draws.clear();
  record.failure.reset();
  if (options_.expectations != nullptr) options_.expectations->Begin();
  run_options_.chooser = &chooser;
  if (observer != nullptr && breakpoint_.Wanted()) {
    breakpoint_.PassOnTo(observer);
    observer = &breakpoint_;
  }
  run_options_.observer = observer;
  detectors_.Begin(run_options_);
  DeathReport::SetDecisions(&log_);
  RunOutcome outcome = runner_.Run(body_, run_options_);
  DeathReport::SetDecisions(nullptr);
  record.steps = outcome.steps;
  record.stopped = outcome.kind == RunOutcome::Kind::kStopped;
  record.picks.swap(log_.picks);
  record.draws.swap(log_.draws);
  if (options_.expectations != nullptr) record.failure = options_.expectations->Failure();
  if (!record.failure) record.failure = detectors_.FailureOf(outcome);
  if (record.failure) record.failure->unfinished = std::move(outcome.unfinished);
}

const Record& Execution::Run(Chooser& chooser, Observer* observer) {
  if (!options_.isolate) {
    RunHere(chooser, observer, record_);
  } else {
    if (isolation_ == nullptr) isolation_ = std::make_unique<Isolation>();
    // One that is to die of a hang is ended by the isolation.
    HangWatch* const watch = HangWatch::DeadlyLimit() > Duration::zero() ? nullptr : HangWatch::Current();
    if (watch != nullptr) watch->ExecutionBegins(nullptr, /*alone=*/false);
    const auto run = [this](Chooser& caller, Observer* listener, Record& record) { RunHere(caller, listener, record); };
    isolation_->Run(chooser, observer, silent_, run, record_);
    if (watch != nullptr) watch->ExecutionEnds();
  }
  std::uint64_t hash = 0;
  for (const AlternativeId pick : record_.picks) hash = (std::rotl(hash, 5) ^ pick) * 0x9e3779b97f4a7c15u;
  hash = ~hash;
  for (const std::uint32_t value : record_.draws) hash = (std::rotl(hash, 5) ^ value) * 0x9e3779b97f4a7c15u;
  record_.hash = MixSeed(hash, record_.picks.size());
  return record_;
}

std::optional<ExecutionFailure> FailureOf(const RunOutcome& outcome) {
  if (outcome.kind == RunOutcome::Kind::kStopped) return std::nullopt;
  if (outcome.completed() && outcome.never_awaited.empty()) return std::nullopt;
  ExecutionFailure failure;
  failure.message = outcome.ToString();
  if (outcome.completed()) {
    failure.message = "a task was made and never awaited, so that it did not run" +
                      failure.message.substr(std::string(ToString(outcome.kind)).size());
    failure.identity = {"never-awaited", IdentityOf({})};
    failure.file = outcome.never_awaited.front().file_name();
    failure.line = static_cast<int>(outcome.never_awaited.front().line());
    return failure;
  }
  std::vector<std::string> words;
  switch (outcome.kind) {
    case RunOutcome::Kind::kFailed:
      failure.identity.kind = "exception";
      CollectErrorTypes(outcome.failure, words);
      break;
    case RunOutcome::Kind::kDeadlock:
      failure.identity.kind = "deadlock";
      for (const TaskSnapshot& task : outcome.unfinished) words.push_back(task.operation);
      break;
    case RunOutcome::Kind::kCompleted:
    case RunOutcome::Kind::kCancelled:
    case RunOutcome::Kind::kStepLimit:
    case RunOutcome::Kind::kStopped:
      failure.identity.kind = ToString(outcome.kind);
      break;
  }
  failure.identity.id = IdentityOf(std::move(words));
  return failure;
}

}  // namespace hocket::testing
