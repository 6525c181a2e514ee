#include "harness/detectors/fair_suffix.h"

#include "harness/position_tracker.h"

namespace hocket::testing {

void FairSuffix::Begin(const Executor& executor) noexcept {
  taken_over_ = true;
  executor_ = &executor;
  order_.Begin(executor);
  random_ = Random(0);
  clock_ = kNone;
  until_jump_ = 0;
  index_.clear();
  turns_ = {};
}

void FairSuffix::Added(AlternativeId id) noexcept {
  order_.Added(id);
  if (executor_->Owner(id).kind == AlternativeKind::kClock) clock_ = id;
}

void FairSuffix::Removed(AlternativeId id, Removal why) noexcept {
  order_.Removed(id, why);
  if (id == clock_) {
    clock_ = kNone;
    if (why != Removal::kPicked) return;
    const std::uint64_t jump = ++turns_.jumps;
    until_jump_ = (jump & (~jump + 1)) * order_.size();
    return;
  }
  if (why != Removal::kPicked) return;
  if (until_jump_ > 0) --until_jump_;
  const Standing standing = executor_->Describe(id).standing;
  const auto next = static_cast<std::uint32_t>(turns_.places.size());
  const auto [place, is_new] = index_.try_emplace({standing.task, HashOperation(standing.operation)}, next);
  if (is_new) {
    turns_.places.push_back(
        {standing.task, executor_->Path(id), standing.operation, executor_->Location(id), /*works=*/false});
  }
  turns_.turns.push_back(place->second);
}

void FairSuffix::Touched(const Access& access) noexcept {
  const bool looks = access.kind == AccessKind::kNone || access.kind == AccessKind::kRead ||
                     access.kind == AccessKind::kYield || access.kind == AccessKind::kWait;
  if (!looks && !turns_.turns.empty()) turns_.places[turns_.turns.back()].works = true;
}

AlternativeId FairSuffix::Pick() noexcept { return clock_ != kNone && until_jump_ == 0 ? clock_ : order_.First(); }

std::uint32_t FairSuffix::Draw(std::uint32_t n, const char*, DrawKind kind) noexcept {
  return kind == DrawKind::kValue ? random_.Below(n) : 0;
}

}  // namespace hocket::testing
