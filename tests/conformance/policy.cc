#include "tests/conformance/policy.h"

#include <algorithm>
#include <utility>

namespace hocket::conformance {

namespace {

// splitmix64, as in the oracle.
std::uint64_t NextRandom(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

Policy::Policy(const nlohmann::json& sched, bool batch, Listener listener)
    : batch_(batch),
      listener_(std::move(listener)),
      kind_(sched.value("kind", "fifo")),
      state_(sched.value("seed", std::uint64_t{0})),
      picks_(sched.value("picks", std::vector<std::uint64_t>())) {}

std::size_t Policy::Decide(std::size_t n) {
  if (n == 1) return 0;
  const std::size_t number = decisions_++;
  if (kind_ == "lifo") return n - 1;
  if (kind_ == "seed") return NextRandom(state_) % n;
  if (kind_ == "list" && number < picks_.size()) return picks_[number] % n;
  return 0;
}

void Policy::Added(AlternativeId id) noexcept {
  const Ready ready{executor_->Describe(id).spawn_number, id};
  const auto place = std::upper_bound(ready_.begin(), ready_.end(), ready,
                                      [](const Ready& a, const Ready& b) { return a.spawn_number < b.spawn_number; });
  ready_.insert(place, ready);
}

void Policy::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
    // Nobody asks for a pick when only one task is ready, but it is a choice in the trace.
    Plan();
    plan_.erase(plan_.begin());
  }
  std::erase_if(ready_, [id](const Ready& ready) { return ready.id == id; });
}

AlternativeId Policy::Pick() noexcept {
  Plan();
  return plan_.front().id;
}

void Policy::Plan() {
  if (!plan_.empty()) return;
  Choice choice;
  std::vector<Ready> pool = ready_;
  for (const Ready& ready : pool) choice.of.push_back(ready.spawn_number);
  do {
    const auto next = pool.begin() + static_cast<std::ptrdiff_t>(Decide(pool.size()));
    plan_.push_back(*next);
    choice.order.push_back(next->spawn_number);
    pool.erase(next);
  } while (batch_ && !pool.empty());
  listener_(choice);
}

}  // namespace hocket::conformance
