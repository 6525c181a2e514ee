#include "tests/search/class_of_schedule.h"

#include <algorithm>

#include "harness/random.h"

namespace hocket::testing {

void ClassOfSchedule::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  steps_of_.clear();
  steps_.clear();
  inner_.Begin(executor);
  inner_wants_ = inner_.WantsAccesses();
}

void ClassOfSchedule::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
    const AlternativeInfo info = executor_->Describe(id);
    Step& step = steps_.emplace_back();
    step.task = info.standing.task;
    step.nth = ++steps_of_[step.task];
    if (memory_ == PlainMemory::kUnknown && info.kind == AlternativeKind::kTask)
      step.accesses.push_back({.kind = AccessKind::kOpaque});
  }
  inner_.Removed(id, why);
}

void ClassOfSchedule::Touched(const Access& access) noexcept {
  // Time that passes because nobody can run is told within the step that was the last to end; it is none of its own.
  const bool time_passes = access.object == ClockId() && access.kind == AccessKind::kWrite;
  if (time_passes && steps_.back().task != ClockId()) {
    Step& jump = steps_.emplace_back();
    jump.task = ClockId();
    jump.nth = ++steps_of_[jump.task];
  }
  if (!steps_.empty()) steps_.back().accesses.push_back(access);
  if (inner_wants_) inner_.Touched(access);
}

std::uint32_t ClassOfSchedule::Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept {
  const std::uint32_t value = inner_.Draw(n, label, kind);
  steps_.back().draws.push_back(value);
  return value;
}

std::uint64_t ClassOfSchedule::Hash() const {
  const auto depends = [](const Step& a, const Step& b) {
    if (a.task == b.task) return true;
    return std::any_of(a.accesses.begin(), a.accesses.end(), [&b](const Access& mine) {
      return std::any_of(b.accesses.begin(), b.accesses.end(),
                         [&mine](const Access& theirs) { return Conflict(mine, theirs); });
    });
  };
  std::vector<std::uint64_t> hashes;
  std::uint64_t all = 0;
  for (const Step& step : steps_) {
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (depends(steps_[i], step)) before += MixSeed(hashes[i], 1);
    }
    std::uint64_t hash = MixSeed(MixSeed(step.task, step.nth), before);
    for (const std::uint32_t value : step.draws) hash = MixSeed(hash, value);
    hashes.push_back(hash);
    all += MixSeed(hash, 2);
  }
  return all;
}

}  // namespace hocket::testing
