#include "harness/strategy/injection.h"

namespace hocket::testing {

void Injection::Forget() {
  offered_.Clear();
  is_offered_.assign(is_offered_.size(), false);
}

// Most executions offer no cancellation.
void Injection::Seed() {
  seeded_ = true;
  random_ = Random(seed_);
  left_ = random_.Below(2) == 0 ? 0 : kMost;
  one_in_ = std::uint32_t{2} << (2 * random_.Below(4));
}

void Injection::Added(AlternativeId id) {
  if (!seeded_) Seed();
  if (id >= is_offered_.size()) is_offered_.resize(id + 1, false);
  is_offered_[id] = true;
  offered_.Add(id);
}

void Injection::Removed(AlternativeId id, Removal why) {
  is_offered_[id] = false;
  offered_.Remove(id);
  if (why == Removal::kPicked && left_ > 0) --left_;
}

std::optional<AlternativeId> Injection::Decide() {
  if (left_ == 0 || random_.Below(one_in_) != 0) return std::nullopt;
  return Any();
}

AlternativeId Injection::Any() { return offered_[random_.Below(offered_.size())]; }

}  // namespace hocket::testing
