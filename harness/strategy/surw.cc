// Selectively uniform random walk: draws one object for each execution, and makes all orders of the steps that touch it
// equally likely; all other steps are free, each with a random priority of its own. (Zhao, Wolff, Mathur, Roychoudhury:
// Selectively uniform concurrency testing, ASPLOS 2025, section 4.) Bugs are about the order of few events, and drown
// among the others in a walk that is uniform over all.
//
// The task that touches the object next, the intended one, is drawn ahead of time, in proportion to the number of such
// steps that each task still has, with those of the tasks that it has yet to start. The other tasks wait where they
// would touch the object. If nobody else can run, the intended one waits for one of those, and another one is drawn.
// The paper draws it when the first of them comes up; the probabilities are the same.
//
// What a step will touch is what it declares, and what the profile has seen this step of this task touch. Objects are
// drawn by how often tasks other than the main user touch them. What is not reported counts as one object: of the steps
// that may touch anything and report nothing, those of a drawn half of the tasks are selected. If no two tasks touch
// the same, it is all steps of a drawn half of the tasks. Left out: the paper's choice of several variables at once.
// tests/strategies/surw_test.cc
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/indexed_heap.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"
#include "harness/weighted_set.h"

namespace hocket::testing {

namespace {

class Surw final : public Algorithm {
 public:
  explicit Surw(std::shared_ptr<Profile> profile) : profile_(std::move(profile)) {}

  std::string Name() const { return "surw"; }

  void StartExecution(Random picks) {
    random_ = RandomAhead(picks);
    free_.Clear();
    waiting_.Clear();
    to_come_.Clear();
    ++execution_;
    stepping_ = intended_ = kNone;
    intends_ = false;
    DrawObject();
  }

  void Added(const NewAlternative& added) {
    const AlternativeId id = added.id();
    if (id >= alternatives_.size()) alternatives_.resize(id + 1);
    Alternative& alternative = alternatives_[id];
    if (alternative.name != added.task() || alternative.execution != execution_) [[unlikely]]
      Meet(alternative, id, added.task());
    Task& state = tasks_[alternative.task];
    alternative.selected = IsSelected(alternative.task, state, added);
    alternative.priority = random_.Next();
    if (alternative.selected) state.pending = id;
    alternative.waits = alternative.selected && alternative.task != intended_;
    if (alternative.waits) {
      waiting_.Set(id, std::max<std::uint64_t>(to_come_[alternative.task], 1));
    } else {
      free_.Add(id, alternative.priority);
    }
  }

  void Removed(AlternativeId id, Removal why) {
    const Alternative& alternative = alternatives_[id];
    if (alternative.waits) {
      waiting_.Set(id, 0);
    } else {
      free_.Remove(id);
    }
    Task& state = tasks_[alternative.task];
    if (alternative.selected) state.pending = kNone;
    if (why != Removal::kPicked) return;
    stepping_ = alternative.task;
    ++state.steps;
    touched_ = false;
    if (alternative.selected) ObjectTouched();
  }

  void ForeignStep() { stepping_ = kNone; }

  static constexpr bool kWantsAccesses = true;
  void Touched(const Access& access) {
    if (access.object == id_ && id_ != 0 && access.kind != AccessKind::kYield && stepping_ != kNone) ObjectTouched();
  }

  AlternativeId Pick() {
    if (!intends_) Intend();
    return free_.size() > 0 ? free_.Top() : waiting_.Draw(random_.Next());
  }

 private:
  static constexpr std::uint32_t kNone = Profile::kNone;

  struct Task {
    std::uint64_t execution = 0;    // to which the rest belongs
    std::uint32_t to_come = 0;      // when it starts: selected steps of it and of those that it will start
    std::uint32_t steps = 0;        // that it has taken
    AlternativeId pending = kNone;  // the selected step that it can take next
    bool selected = false;          // it is in the drawn half
    bool seen = false;
  };
  struct Alternative {
    TaskId name = 0;              // its task's
    std::uint64_t execution = 0;  // to which the task belongs
    std::uint64_t priority = 0;
    std::uint32_t task = 0;
    bool selected = false;
    bool waits = false;  // in waiting_, otherwise in free_
  };

  void Meet(Alternative& alternative, AlternativeId id, TaskId name) {
    const std::uint32_t task = profile_->TaskOf(id, name);
    Task& state = StateOf(task);
    alternative.name = name;
    alternative.execution = execution_;
    alternative.task = task;
    if (state.seen) return;
    state.seen = true;
    Started(task, state);
  }

  Task& StateOf(std::uint32_t task) {
    if (task >= tasks_.size()) tasks_.resize(task + 1);
    if (tasks_[task].execution != execution_) tasks_[task] = {.execution = execution_};
    return tasks_[task];
  }

  void DrawObject() {
    object_ = profile_->DrawObject(random_.Next());
    id_ = 0;
    if (object_ != kNone) {
      const Profile::Object& object = profile_->objects()[object_];
      id_ = object.id;
      candidates_ = object.shares;
    } else {
      candidates_.clear();
      for (std::uint32_t task = 0; task < profile_->known_tasks(); ++task) {
        candidates_.push_back({task, profile_->task(task).events});
      }
    }
    if (id_ == 0) DrawHalf();
    for (const Profile::Share& share : candidates_) Select(share.task, share.events);
  }

  // Leaves a drawn half of the candidates; all of them if that would be less than two, between which there is no order.
  void DrawHalf() {
    half_.clear();
    for (const Profile::Share& share : candidates_) {
      if (random_.Below(2) == 0) half_.push_back(share);
    }
    if (half_.size() >= 2) candidates_.swap(half_);
  }

  // Its steps, and who starts it knows of them.
  void Select(std::uint32_t task, std::uint32_t steps) {
    StateOf(task).selected = true;
    for (; task != kNone; task = profile_->task(task).parent) StateOf(task).to_come += steps;
  }

  // The steps of a task that starts are its own from now on, and were its parent's before.
  void Started(std::uint32_t task, const Task& state) {
    to_come_.Set(task, state.to_come);
    if (stepping_ == kNone) return;
    const std::uint64_t before = to_come_[stepping_];
    const std::uint64_t moved = std::min<std::uint64_t>(before, state.to_come);
    to_come_.Set(stepping_, before - moved);
    if (intended_ == stepping_ && moved > 0 && ((random_.Next() >> 32) * before) >> 32 < moved) SetIntended(task);
  }

  bool IsSelected(std::uint32_t task, const Task& state, const NewAlternative& added) const {
    if (object_ == kNone) return state.selected;
    if (object_ == Profile::kUnreported) {
      return state.selected &&
             (profile_->Knows(task, state.steps) ? profile_->Touches(task, state.steps, Profile::kUnreported)
                                                 : added.declared().kind == AccessKind::kOpaque);
    }
    return profile_->Touches(task, state.steps, object_) || added.declared().object == id_;
  }

  // By the step under way.
  void ObjectTouched() {
    if (touched_) return;
    touched_ = true;
    const std::uint64_t before = to_come_[stepping_];
    if (before > 0) to_come_.Set(stepping_, before - 1);
    SetIntended(kNone);
    intends_ = false;
  }

  void Intend() {
    intends_ = true;
    SetIntended(to_come_.total() > 0 ? to_come_.Draw(random_.Next()) : kNone);
  }

  void SetIntended(std::uint32_t task) {
    if (task == intended_) return;
    if (intended_ != kNone) MovePending(intended_, true);
    intended_ = task;
    if (intended_ != kNone) MovePending(intended_, false);
  }

  // Between the steps that wait and those that may run.
  void MovePending(std::uint32_t task, bool waits) {
    const AlternativeId id = tasks_[task].pending;
    if (id == kNone || alternatives_[id].waits == waits) return;
    alternatives_[id].waits = waits;
    if (waits) {
      free_.Remove(id);
      waiting_.Set(id, std::max<std::uint64_t>(to_come_[task], 1));
    } else {
      waiting_.Set(id, 0);
      free_.Add(id, alternatives_[id].priority);
    }
  }

  std::shared_ptr<Profile> profile_;
  RandomAhead random_{Random(0)};
  std::uint32_t object_ = kNone;  // whose steps are selected; kNone: all steps of the selected tasks
  ObjectId id_ = 0;               // its
  IndexedHeap free_;              // alternatives that may run, by priority
  WeightedSet waiting_;           // alternatives that would touch the object before the intended task does
  WeightedSet to_come_;           // tasks that have started, by the number of selected steps that are to come from them
  std::vector<Profile::Share> candidates_;  // of which some are selected
  std::vector<Profile::Share> half_;
  std::vector<Task> tasks_;
  std::vector<Alternative> alternatives_;
  std::uint64_t execution_ = 0;  // counts them
  std::uint32_t stepping_ = kNone;
  bool touched_ = false;            // the step under way has touched the object
  std::uint32_t intended_ = kNone;  // who touches it next
  bool intends_ = false;            // it has been drawn
};

}  // namespace

std::unique_ptr<Strategy> MakeSurw(std::uint64_t seed, std::shared_ptr<Profile> profile) {
  return MakeSampler(seed, profile, Surw(profile));
}

}  // namespace hocket::testing
