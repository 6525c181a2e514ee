#include "tests/conformance/policy.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hocket::conformance {

Policy::Policy(const nlohmann::json& spec, bool batch, Emit emit)
    : batch_(batch),
      emit_(std::move(emit)),
      kind_(spec.value("kind", "fifo")),
      state_(spec.value("seed", std::uint64_t{0})) {
  if (kind_ != "fifo" && kind_ != "lifo" && kind_ != "seed" && kind_ != "list") {
    throw std::invalid_argument("sched.kind: expected fifo, lifo, seed or list, found '" + kind_ + "'");
  }
  if (spec.contains("picks")) picks_ = spec.at("picks").get<std::vector<std::uint64_t>>();
}

std::size_t Policy::Decide(std::size_t n) {
  if (n == 1) return 0;
  ++used_;
  if (kind_ == "fifo") return 0;
  if (kind_ == "lifo") return n - 1;
  if (kind_ == "list")
    return static_cast<std::size_t>(used_) <= picks_.size() ? picks_[static_cast<std::size_t>(used_) - 1] % n : 0;
  state_ += 0x9E3779B97F4A7C15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (z ^ (z >> 31)) % n;
}

void Policy::Added(AlternativeId id) noexcept {
  const Ready ready{executor_->Describe(id).spawn_number, id};
  const auto place = std::upper_bound(ready_.begin(), ready_.end(), ready,
                                      [](const Ready& a, const Ready& b) { return a.spawn_number < b.spawn_number; });
  ready_.insert(place, ready);
}

void Policy::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
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
    const std::size_t index = Decide(pool.size());
    plan_.push_back(pool[index]);
    choice.order.push_back(pool[index].spawn_number);
    pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(index));
  } while (batch_ && !pool.empty());
  emit_(choice);
}

}  // namespace hocket::conformance
