#include "harness/profile.h"

#include <algorithm>

#include "hocket/check.h"

namespace hocket::testing {

namespace {

bool Reads(AccessKind kind) { return kind == AccessKind::kRead || kind == AccessKind::kWait; }
bool TouchesNothing(AccessKind kind) { return kind == AccessKind::kNone || kind == AccessKind::kYield; }

// Rounded, and not nothing.
std::uint32_t Mean(std::uint64_t sum, std::uint64_t count) {
  const std::uint64_t mean = (sum + count / 2) / count;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(mean, 1, 1 << 24));
}

}  // namespace

void Profile::StartExecution(std::uint64_t index) {
  learns_ = index == learnt_ && index < kExecutions;
  HOCKET_CHECK(learns_ || index < learnt_ || learnt_ == kExecutions)
      << "execution " << index << " was started after " << learnt_ << ": the first " << kExecutions
      << " must be run before it, in order (Strategy::ProfileExecutions)";
  if (learnt_ == kExecutions) {
    if (index_.size() > known_ + kMostUnknown) index_.Keep(known_);
    return;
  }
  if (objects_.empty()) {
    objects_.push_back({.changes = true});
    counted_.push_back(0);
  }
  decisions_now_ = 0;
  stepping_ = kNone;
  opaque_ = reported_ = false;
}

void Profile::Added(AlternativeId id, TaskId name, const Access& declared) {
  if (!learns_) return;
  const std::uint32_t task = index_.Of(id, name);
  if (task >= tasks_.size()) {
    tasks_.emplace_back();
    tasks_[task].learnt.parent = stepping_;
  }
  Learner& learner = tasks_[task];
  if (learner.last_seen != learnt_ + 1) {
    learner.last_seen = learnt_ + 1;
    learner.steps_now = 0;
    ++learner.executions;
  }
  if (id >= task_of_.size()) {
    task_of_.resize(id + 1);
    declared_.resize(id + 1);
  }
  task_of_[id] = task;
  declared_[id] = declared;
}

void Profile::Removed(AlternativeId id, Removal why) {
  if (!learns_ || why != Removal::kPicked) return;
  StepEnds();
  stepping_ = task_of_[id];
  ++steps_;
  ++tasks_[stepping_].steps_now;
  ++tasks_[stepping_].steps;
  Touched(declared_[id]);
}

void Profile::ForeignStep() {
  if (!learns_) return;
  StepEnds();
  stepping_ = kNone;
  ++steps_;
}

void Profile::StepEnds() {
  if (opaque_ && !reported_) Note(kUnreported);
  opaque_ = reported_ = false;
}

void Profile::Touched(const Access& access) {
  if (!learns_ || stepping_ == kNone || TouchesNothing(access.kind)) return;
  if (access.kind == AccessKind::kOpaque || access.object == 0) {
    opaque_ = true;
    return;
  }
  reported_ = true;
  const auto [found, is_new] = object_index_.try_emplace(access.object, static_cast<std::uint32_t>(objects_.size()));
  if (is_new) {
    objects_.push_back({.id = access.object});
    counted_.push_back(0);
  }
  if (!Reads(access.kind)) objects_[found->second].changes = true;
  if (counted_[found->second] != steps_) Note(found->second);
}

// The step under way touches `object`.
void Profile::Note(std::uint32_t object) {
  counted_[object] = steps_;
  std::vector<Share>& shares = objects_[object].shares;
  const auto [share, is_new] =
      share_index_.try_emplace(std::uint64_t{object} << 32 | stepping_, static_cast<std::uint32_t>(shares.size()));
  if (is_new) shares.push_back({.task = stepping_});
  ++shares[share->second].events;

  Learner& learner = tasks_[stepping_];
  const std::uint32_t step = learner.steps_now - 1;
  if (step >= kMostSteps || touches_.size() >= kMostTouches) return;
  if (step >= learner.first.size()) learner.first.resize(step + 1, kNone);
  for (std::uint32_t i = learner.first[step]; i != kNone; i = touches_[i].next) {
    if (touches_[i].object == object) return;
  }
  touches_.push_back({object, learner.first[step]});
  learner.first[step] = static_cast<std::uint32_t>(touches_.size() - 1);
}

void Profile::End() {
  if (!learns_) return;
  StepEnds();
  learns_ = false;
  decisions_ = std::max(decisions_, decisions_now_);
  if (++learnt_ == kExecutions) Finish();
}

void Profile::Finish() {
  known_ = static_cast<std::uint32_t>(tasks_.size());
  for (Learner& learner : tasks_) {
    learner.learnt.events = Mean(learner.steps, learner.executions);
    learner.learnt.total = learner.learnt.events;
  }
  // Who was started has a higher number than who started it.
  for (std::uint32_t task = known_; task-- > 0;) {
    Task& learnt = tasks_[task].learnt;
    if (learnt.parent == kNone) continue;
    Learner& parent = tasks_[learnt.parent];
    learnt.from_parent = Mean(std::uint64_t{learnt.total} * tasks_[task].executions, parent.executions);
    parent.learnt.total = std::min<std::uint32_t>(parent.learnt.total + learnt.from_parent, 1 << 30);
  }
  std::uint64_t sum = 0;  // of all objects' weights
  for (Object& object : objects_) {
    std::uint64_t all = 0;
    std::uint64_t most = 0;
    for (Share& share : object.shares) {
      all += share.events;
      most = std::max<std::uint64_t>(most, share.events);
      share.events = Mean(share.events, tasks_[share.task].executions);
    }
    object.weight = object.changes ? all - most : 0;
    sum += object.weight;
  }
  // Most of what is not reported is of no interest where much is.
  Object& unreported = objects_[kUnreported];
  sum -= unreported.weight;
  if (sum > 0) unreported.weight = std::min(unreported.weight, sum);
  sum = 0;
  for (const Object& object : objects_) sums_.push_back(sum += object.weight);
}

std::uint32_t Profile::DrawObject(std::uint64_t random) const {
  const std::uint64_t total = sums_.empty() ? 0 : sums_.back();
  if (total == 0) return kNone;
  const std::uint64_t place = ((random >> 32) * total) >> 32;
  return static_cast<std::uint32_t>(std::upper_bound(sums_.begin(), sums_.end(), place) - sums_.begin());
}

}  // namespace hocket::testing
