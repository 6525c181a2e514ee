#include "harness/execution.h"

#include <algorithm>
#include <string>
#include <utility>

#include "harness/position_tracker.h"
#include "harness/random.h"
#include "hocket/exception_group.h"

namespace hocket::testing {

namespace {

// Passes everything on to a chooser, and writes down what it decides.
class Recorder final : public Chooser {
 public:
  Recorder(Chooser& inner, Record& record, Expectations* expectations) : inner_(inner), record_(record), expectations_(expectations) {}

  void Begin(const Executor& executor) noexcept override { inner_.Begin(executor); }
  void Added(AlternativeId id) noexcept override { inner_.Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override { inner_.Removed(id, why); }
  void Touched(const Access& access) noexcept override { inner_.Touched(access); }
  AlternativeId Pick() noexcept override {
    const AlternativeId id = inner_.Pick();
    record_.picks.push_back(id);
    record_.hash = MixSeed(record_.hash, id);
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label) noexcept override {
    const std::uint32_t value = inner_.Draw(n, label);
    record_.draws.push_back(value);
    record_.hash = MixSeed(~record_.hash, value);
    return value;
  }
  void End() noexcept override {
    inner_.End();
    if (expectations_ != nullptr) expectations_->End();
  }

 private:
  Chooser& inner_;
  Record& record_;
  Expectations* expectations_;
};

std::uint32_t Identity(const std::string& text) { return static_cast<std::uint32_t>(HashOperation(text) >> 32); }

// The types of the errors in a failure, without their messages, which may hold values that the schedule decides.
void CollectErrorTypes(const Failure& failure, std::vector<std::string>& types) {
  if (failure.is_group()) {
    for (const Failure& member : failure.group().members()) CollectErrorTypes(member, types);
  } else if (!failure.is_cancelled()) {
    const std::string text = failure.ToString();
    types.push_back(text.substr(0, text.find(": ")));
  }
}

std::string Join(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

}  // namespace

const Record& Execution::Run(Chooser& chooser, Observer* observer) {
  record_.picks.clear();
  record_.draws.clear();
  record_.hash = 0;
  record_.failure.reset();
  Recorder recorder(chooser, record_, options_.expectations);
  if (options_.expectations != nullptr) options_.expectations->Begin();
  const RunOutcome outcome = runner_.Run(body_, {.clock = ClockKind::kVirtual,
                                                 .time_passes = options_.time_passes,
                                                 .max_steps = options_.steps_per_execution,
                                                 .chooser = &recorder,
                                                 .observer = observer});
  record_.steps = outcome.steps;
  if (options_.expectations != nullptr) record_.failure = options_.expectations->Failure();
  if (!record_.failure) record_.failure = FailureOf(outcome);
  return record_;
}

std::optional<ExecutionFailure> FailureOf(const RunOutcome& outcome) {
  if (outcome.completed()) return std::nullopt;
  ExecutionFailure failure;
  failure.message = outcome.ToString();
  std::vector<std::string> words;
  switch (outcome.kind) {
    case RunOutcome::Kind::kFailed:
      failure.identity.kind = "exception";
      CollectErrorTypes(outcome.failure, words);
      break;
    case RunOutcome::Kind::kDeadlock:
      failure.identity.kind = "deadlock";
      for (const UnfinishedTask& task : outcome.unfinished) words.push_back(task.operation);
      break;
    case RunOutcome::Kind::kCompleted:
    case RunOutcome::Kind::kCancelled:
    case RunOutcome::Kind::kStepLimit:
      failure.identity.kind = ToString(outcome.kind);
      break;
  }
  failure.identity.id = Identity(Join(std::move(words)));
  return failure;
}

}  // namespace hocket::testing
