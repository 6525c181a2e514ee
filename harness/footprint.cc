#include "harness/footprint.h"

#include <algorithm>

#include "harness/position_tracker.h"
#include "harness/random.h"

namespace hocket::testing {

void Footprint::Follow(Chooser& inner) {
  inner_ = &inner;
  marks_.clear();
  ready_ = 0;
}

void Footprint::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  inner_->Begin(executor);
}

void Footprint::Added(AlternativeId id) noexcept {
  ++ready_;
  inner_->Added(id);
}

void Footprint::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
    const Standing standing = executor_->Describe(id).standing;
    if (!paths_.contains(standing.task)) paths_.emplace(standing.task, executor_->Path(id));
    Append({.task = standing.task, .label = standing.operation, .alternatives = ready_});
  }
  --ready_;
  inner_->Removed(id, why);
}

AlternativeId Footprint::Pick() noexcept { return inner_->Pick(); }

std::uint32_t Footprint::Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept {
  const std::uint32_t value = inner_->Draw(n, label, kind);
  Append({.label = label, .alternatives = n, .value = value, .is_draw = true});
  return value;
}

void Footprint::Append(const Mark& mark) {
  std::uint64_t rolling = marks_.empty() ? 0 : marks_.back().rolling;
  rolling = MixSeed(rolling ^ mark.task, HashOperation(mark.label));
  rolling = MixSeed(rolling, (std::uint64_t{mark.alternatives} << 32) ^ mark.value);
  marks_.push_back(mark);
  marks_.back().rolling = rolling;
}

std::string Footprint::Describe(std::size_t index) const {
  if (index >= marks_.size()) return "it has ended";
  const Mark& mark = marks_[index];
  if (mark.is_draw) {
    return "draws " + std::to_string(mark.value) + " of " + std::to_string(mark.alternatives) + " values as '" +
           mark.label + "'";
  }
  return paths_.at(mark.task) + " goes on from " + mark.label + " as one of " + std::to_string(mark.alternatives);
}

std::optional<std::string> Footprint::Difference(const Footprint& first, const Footprint& again) {
  const auto same = [](const Mark& a, const Mark& b) { return a.rolling == b.rolling; };
  const auto [a, b] =
      std::mismatch(first.marks_.begin(), first.marks_.end(), again.marks_.begin(), again.marks_.end(), same);
  if (a == first.marks_.end() && b == again.marks_.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(a - first.marks_.begin());
  const auto steps_before = std::count_if(first.marks_.begin(), a, [](const Mark& mark) { return !mark.is_draw; });
  return "after " + std::to_string(steps_before) + (steps_before == 1 ? " step" : " steps") +
         ": first: " + first.Describe(index) + "; again: " + again.Describe(index);
}

}  // namespace hocket::testing
