// Probabilistic concurrency testing: every task has a random priority, the highest one runs, and at a few random
// decisions the one that would run becomes the lowest. A bug that depends on d orderings shows with a probability of at
// least 1/(n k^(d-1)) in n tasks and k decisions. (Burckhardt, Kothari, Musuvathi, Nagarakatti: A randomized scheduler
// with probabilistic guarantees of finding bugs, ASPLOS 2010, section 3.)
//
// "At most d": the number of changes is drawn from 0 to d-1 for each execution, so that bugs that need fewer orderings
// keep their better odds (as Coyote and shuttle do); the bound for exactly d becomes 1/(d n k^(d-1)). k is the highest
// number of decisions that the profile has seen, or one that is assumed.
//
// What the paper leaves open is fairness: a task that waits for others by checkpoints alone would spin for ever. One
// that has yielded (AccessKind::kYield) many times in a row becomes the lowest; a few yields say nothing. And an
// execution that takes far more decisions than the profile's goes on as a random walk. The clock is a task like others.
// tests/strategies/pct_test.cc
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/indexed_heap.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"
#include "harness/task_index.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

class Pct final : public Algorithm {
 public:
  // `decisions`: how many an execution has, if that is not to be learnt.
  Pct(std::uint32_t depth, std::shared_ptr<Profile> profile, std::optional<std::uint64_t> decisions = std::nullopt)
      : depth_(depth), profile_(std::move(profile)), decisions_assumed_(decisions) {}

  std::string Name() const { return "pct " + std::to_string(depth_); }

  void StartExecution(Random picks) {
    random_ = picks;
    ready_.Clear();
    if (index_.size() > kMostTasks) index_.Keep(0);
    ++execution_;
    decisions_ = 0;
    next_lowest_ = kHighest - 1;
    yielder_ = kNone;
    const std::uint64_t horizon = std::max<std::uint64_t>(decisions_assumed_.value_or(profile_->decisions()), 1);
    far_ = 8 * horizon + 64;
    changes_.clear();
    for (std::uint32_t left = random_.Below(depth_); left > 0; --left) {
      changes_.push_back(random_.Below(static_cast<std::uint32_t>(std::min<std::uint64_t>(horizon, 1u << 31))));
    }
    std::sort(changes_.begin(), changes_.end(), std::greater<>());
  }

  void Added(const NewAlternative& added) {
    const AlternativeId id = added.id();
    if (id >= alternatives_.size()) alternatives_.resize(id + 1);
    Alternative& alternative = alternatives_[id];
    if (alternative.name != added.task() || alternative.execution != execution_) [[unlikely]]
      Meet(alternative, id, added.task());
    alternative.yields = added.declared().kind == AccessKind::kYield;
    ready_.Add(id, tasks_[alternative.task].priority);
  }

  void Removed(AlternativeId id, Removal why) {
    ready_.Remove(id);
    if (why != Removal::kPicked) return;
    const Alternative& alternative = alternatives_[id];
    if (!alternative.yields) {
      yielder_ = kNone;
    } else if (yielder_ != alternative.task) {
      yielder_ = alternative.task;
      yields_ = 1;
    } else if (++yields_ == kSpins) {
      tasks_[yielder_].priority = next_lowest_--;
      yielder_ = kNone;
    }
  }

  AlternativeId Pick() {
    if (++decisions_ > far_) return ready_.At(random_.Below(ready_.size()));
    while (!changes_.empty() && changes_.back() < decisions_) {
      changes_.pop_back();
      const AlternativeId id = ready_.Top();
      ready_.Change(id, tasks_[alternatives_[id].task].priority = next_lowest_--);
    }
    return ready_.Top();
  }

 private:
  static constexpr std::uint32_t kNone = Profile::kNone;
  static constexpr std::uint64_t kHighest = std::uint64_t{1} << 63;  // and above: of tasks that have never been lowered
  static constexpr std::uint32_t kSpins = 32;
  static constexpr std::uint32_t kMostTasks = 1 << 14;  // that are remembered

  struct Task {
    std::uint64_t execution = 0;  // to which the priority belongs
    std::uint64_t priority = 0;
  };
  struct alignas(32) Alternative {
    TaskId name = 0;              // its task's
    std::uint64_t execution = 0;  // to which the task belongs
    std::uint32_t task = 0;
    bool yields = false;
  };

  void Meet(Alternative& alternative, AlternativeId id, TaskId name) {
    const std::uint32_t task = index_.Of(id, name);
    if (task >= tasks_.size()) tasks_.resize(task + 1);
    if (tasks_[task].execution != execution_) tasks_[task] = {execution_, random_.Next() | kHighest};
    alternative.name = name;
    alternative.execution = execution_;
    alternative.task = task;
  }

  std::uint32_t depth_;
  std::shared_ptr<Profile> profile_;
  std::optional<std::uint64_t> decisions_assumed_;
  Random random_{0};
  IndexedHeap ready_;  // by their tasks' priorities
  TaskIndex index_;
  std::vector<Task> tasks_;
  std::vector<Alternative> alternatives_;
  std::uint64_t execution_ = 0;  // counts them
  std::uint64_t decisions_ = 0;
  std::uint64_t far_ = 0;               // decisions after which the profile tells nothing
  std::vector<std::uint64_t> changes_;  // decisions at which a priority changes, counted from 0, the next one last
  std::uint64_t next_lowest_ = 0;
  std::uint32_t yielder_ = kNone;  // who has stepped last, by a yield
  std::uint32_t yields_ = 0;       // of its, in a row
};

}  // namespace

std::unique_ptr<Strategy> MakePct(std::uint64_t seed, std::uint32_t depth) {
  HOCKET_CHECK(depth >= 1) << "a depth of 0: a bug depends on one ordering at least";
  const auto profile = std::make_shared<Profile>();
  return MakeSampler(seed, profile, Pct(depth, profile));
}

std::unique_ptr<Strategy> MakePctOfLength(std::uint64_t seed, std::uint32_t depth, std::uint64_t decisions) {
  HOCKET_CHECK(depth >= 1) << "a depth of 0: a bug depends on one ordering at least";
  return MakeSampler(seed, nullptr, Pct(depth, std::make_shared<Profile>(), decisions));
}

}  // namespace hocket::testing
