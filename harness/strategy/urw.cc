// Uniform random walk: picks a task with a probability in proportion to the number of steps that are still to come from
// it and from those that it has yet to start, which makes all interleavings equally likely where the numbers are right
// and nobody waits. (Zhao, Wolff, Mathur, Roychoudhury: Selectively uniform concurrency testing, ASPLOS 2025,
// section 3.)
//
// The numbers are the profile's averages. Branches, waits and tasks that were never seen make them wrong, and the walk
// less uniform; none goes below 1, so that nothing becomes impossible. The clock counts as a task with as many steps as
// there were jumps. tests/strategies/urw_test.cc
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"
#include "harness/weighted_set.h"

namespace hocket::testing {

namespace {

class Urw final : public Algorithm {
 public:
  explicit Urw(std::shared_ptr<Profile> profile) : profile_(std::move(profile)) {}

  std::string Name() const { return "urw"; }

  void StartExecution(Random picks) {
    random_ = RandomAhead(picks);
    ready_.Clear();
    ++execution_;
    stepping_ = Profile::kNone;
    leaves_ = kStopRun;
  }

  void Added(const NewAlternative& added) {
    const AlternativeId id = added.id();
    if (id >= alternatives_.size()) alternatives_.resize(id + 1);
    Alternative& alternative = alternatives_[id];
    if (alternative.name != added.task() || alternative.execution != execution_) [[unlikely]]
      Meet(alternative, id, added.task());
    if (leaves_ == id) leaves_ = kStopRun;
    ready_.Set(id, tasks_[alternative.task].to_come);
  }

  void Removed(AlternativeId id, Removal why) {
    if (why != Removal::kPicked) {
      ready_.Set(id, 0);
      return;
    }
    Leave();
    leaves_ = id;
    ready_.TakeOne(id);
    stepping_ = alternatives_[id].task;
    Take(tasks_[stepping_], 1);
  }

  void ForeignStep() { stepping_ = Profile::kNone; }

  AlternativeId Pick() {
    Leave();
    return ready_.Draw(random_.Next());
  }

 private:
  struct Task {
    std::uint64_t execution = 0;  // to which the rest belongs
    std::uint32_t to_come = 0;    // steps of it and of those that it has yet to start
  };

  struct alignas(32) Alternative {
    TaskId name = 0;              // its task's
    std::uint64_t execution = 0;  // to which the task belongs
    std::uint32_t task = 0;
  };

  void Meet(Alternative& alternative, AlternativeId id, TaskId name) {
    const std::uint32_t task = profile_->TaskOf(id, name);
    if (task >= tasks_.size()) tasks_.resize(task + 1);
    Task& state = tasks_[task];
    if (state.execution != execution_) {
      const Profile::Task& learnt = profile_->task(task);
      state = {execution_, learnt.total};
      if (stepping_ != Profile::kNone) Take(tasks_[stepping_], learnt.from_parent);
    }
    alternative = {name, execution_, task};
  }

  // A task that steps leaves when the next one is picked: most often it can go on by then, with the weight that it has
  // got when its step began, which nothing has to wait for.
  void Leave() {
    if (leaves_ != kStopRun) ready_.Set(leaves_, 0);
    leaves_ = kStopRun;
  }

  static void Take(Task& task, std::uint32_t steps) { task.to_come = std::max(task.to_come, steps + 1) - steps; }

  std::shared_ptr<Profile> profile_;
  RandomAhead random_{Random(0)};
  WeightedSet ready_;                // alternatives
  AlternativeId leaves_ = kStopRun;  // one that is still among them, but has been picked
  std::vector<Task> tasks_;
  std::vector<Alternative> alternatives_;
  std::uint64_t execution_ = 0;  // counts them
  std::uint32_t stepping_ = Profile::kNone;
};

}  // namespace

std::unique_ptr<Strategy> MakeUrw(std::uint64_t seed, std::shared_ptr<Profile> profile) {
  return MakeSampler(seed, profile, Urw(profile));
}

}  // namespace hocket::testing
