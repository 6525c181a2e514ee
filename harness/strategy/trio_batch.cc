// Trio's own order: all that are ready now, each once, in a drawn order; then all that have become ready since. (Trio's
// run loop, which shuffles so that nobody relies on an order.) No task steps twice while another one waits, so the bugs
// that need that are out of reach; here for comparison with Trio, and to show that.
//
// Time passes between batches in Trio. Here the clock, if it is an alternative, is in half of the batches.
// tests/strategies/trio_batch_test.cc
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/ready_set.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

class TrioBatch final : public Algorithm {
 public:
  std::string Name() const { return "trio batch"; }

  void StartExecution(Random picks) {
    picks_ = picks;
    ready_.Clear();
    batch_.clear();
    alternatives_.assign(alternatives_.size(), {});
  }
  void Added(const NewAlternative& added) {
    const AlternativeId id = added.id();
    if (id >= alternatives_.size()) alternatives_.resize(id + 1);
    alternatives_[id] = {.is_clock = added.kind() == AlternativeKind::kClock};
    ready_.Add(id);
  }
  void Removed(AlternativeId id, Removal) {
    alternatives_[id].in_batch = false;
    ready_.Remove(id);
  }
  AlternativeId Pick() {
    for (;;) {
      while (!batch_.empty()) {
        const AlternativeId id = batch_.back();
        if (alternatives_[id].in_batch) return id;
        batch_.pop_back();
      }
      TakeBatch();
    }
  }

 private:
  struct Alternative {
    bool is_clock = false;
    bool in_batch = false;
  };

  void TakeBatch() {
    for (std::uint32_t i = 0; i < ready_.size(); ++i) {
      const AlternativeId id = ready_[i];
      if (alternatives_[id].is_clock && picks_.Below(2) == 0) continue;
      alternatives_[id].in_batch = true;
      batch_.push_back(id);
    }
    for (std::uint32_t i = static_cast<std::uint32_t>(batch_.size()); i > 1; --i) {
      std::swap(batch_[i - 1], batch_[picks_.Below(i)]);
    }
  }

  Random picks_{0};
  ReadySet ready_;
  std::vector<AlternativeId> batch_;  // what is left of it, the next one last, and some that have been removed
  std::vector<Alternative> alternatives_;
};

}  // namespace

std::unique_ptr<Strategy> MakeTrioBatch(std::uint64_t seed) { return MakeSampler(seed, nullptr, TrioBatch()); }

}  // namespace hocket::testing
