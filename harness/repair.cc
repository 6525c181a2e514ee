// Edits move names: a new checkpoint gives the later ones of its task another number, a new sibling gives tasks another
// path, a removed operation takes its position with it. So the search changes the recorded schedule by one thing at a
// time, the likely ones first: positions a few visits on or back, all of an operation or one alone; siblings one on or
// back; a deviation moved to another decision of its task; one less; one more. Then it changes two and more things, as
// drawn from a fixed seed, starting from what it has tried, like a tree that grows from the recorded schedule. Left
// out: an alignment of the exact forms, which would help with many edits at once. Test: tests/repair_test.cc; over the
// gallery, tests/bugs/edits_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "harness/execution.h"
#include "harness/explain.h"
#include "harness/neighbours.h"
#include "harness/random.h"
#include "harness/shrink.h"
#include "hocket/check.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

namespace {

constexpr std::uint64_t kMostExecutions = 600;
constexpr std::uint64_t kMostShrinkExecutions = 300;
constexpr int kShifts[] = {1, -1, 2, -2, 3, -3};
// The tree grows from the newest of what was tried, and from the recorded schedule.
constexpr std::size_t kMostRoots = 24;

// The position some visits on or back; none before the first.
std::optional<Position> Shifted(const Position& at, int shift) {
  const std::int64_t nth = std::int64_t{at.nth} + shift;
  if (nth < 1) return std::nullopt;
  return Position{at.task, at.op, static_cast<std::uint32_t>(nth)};
}

// "main/2/x" with the children of "main" counted on by `shift`: "main/3/x". Nothing for tasks that are no such
// children, or have names.
std::optional<std::string> SiblingsShifted(const std::string& path, const std::string& parent, int shift) {
  if (path.compare(0, parent.size(), parent) != 0 || path.size() <= parent.size() + 1 || path[parent.size()] != '/')
    return std::nullopt;
  const std::size_t begin = parent.size() + 1;
  std::size_t end = begin;
  while (end < path.size() && path[end] >= '0' && path[end] <= '9') ++end;
  if (end == begin || end - begin > 6 || (end < path.size() && path[end] != '/')) return std::nullopt;
  const int number = std::stoi(path.substr(begin, end - begin)) + shift;
  if (number < 0) return std::nullopt;
  return path.substr(0, begin) + std::to_string(number) + path.substr(end);
}

// The parents of the tasks that a schedule names.
std::set<std::string> Parents(const Schedule& schedule) {
  std::set<std::string> parents;
  const auto add = [&](const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      parents.insert(path.substr(0, slash));
  };
  for (const Deviation& deviation : schedule.deviations) {
    add(deviation.at.task);
    add(deviation.run);
  }
  for (const DrawnValue& draw : schedule.draws) add(draw.at.task);
  return parents;
}

bool HasOnePositionTwice(const Schedule& schedule) {
  std::set<Position> known;
  for (const Deviation& deviation : schedule.deviations) {
    if (!known.insert(deviation.at).second) return true;
  }
  known.clear();
  for (const DrawnValue& draw : schedule.draws) {
    if (!known.insert(draw.at).second) return true;
  }
  return false;
}

// The schedules that differ from `plan` in one thing, as described above, given the decisions that it was seen to meet.
// Of long plans and long runs the first ones.
class ChangesOf {
 public:
  ChangesOf(const Schedule& plan, const std::vector<Junction>& junctions)
      : plan_(plan), most_(std::max<std::size_t>(20, 20'000 / (plan.deviations.size() + plan.draws.size() + 20))) {
    ShiftPositions();
    ShiftSiblings();
    for (std::size_t i = 0; i < plan.deviations.size(); ++i) MoveOrRemoveDeviation(i, junctions);
    for (std::size_t i = 0; i < plan.draws.size(); ++i) MoveDraw(i, junctions);
    AddOne(junctions);
  }

  std::vector<Schedule> Take() { return std::move(changes_); }

 private:
  bool full() const { return changes_.size() >= most_; }

  template <class Change>
  void Add(const Change& change) {
    if (full()) return;
    Schedule& changed = changes_.emplace_back(plan_);
    change(changed);
  }

  void ShiftPositions() {
    std::vector<Position> positions;
    for (const Deviation& deviation : plan_.deviations) positions.push_back(deviation.at);
    for (const DrawnValue& draw : plan_.draws) positions.push_back(draw.at);
    const auto shift_where = [&](const auto& applies, int shift) {
      Add([&](Schedule& changed) {
        for (Deviation& deviation : changed.deviations) {
          if (applies(deviation.at)) deviation.at = Shifted(deviation.at, shift).value_or(deviation.at);
        }
        for (DrawnValue& draw : changed.draws) {
          if (applies(draw.at)) draw.at = Shifted(draw.at, shift).value_or(draw.at);
        }
      });
    };
    for (const int shift : kShifts) {
      for (const Position& from : positions) {
        if (full()) return;
        // From there on, of the same operation; and it alone.
        shift_where([&](const Position& at) { return at.task == from.task && at.op == from.op && at.nth >= from.nth; },
                    shift);
        shift_where([&](const Position& at) { return at == from; }, shift);
      }
    }
  }

  void ShiftSiblings() {
    for (const std::string& parent : Parents(plan_)) {
      for (const int shift : {1, -1, 2, -2}) {
        const auto rename = [&](std::string& path) { path = SiblingsShifted(path, parent, shift).value_or(path); };
        Add([&](Schedule& changed) {
          for (Deviation& deviation : changed.deviations) {
            rename(deviation.at.task);
            rename(deviation.run);
          }
          for (DrawnValue& draw : changed.draws) rename(draw.at.task);
        });
      }
    }
  }

  void MoveOrRemoveDeviation(std::size_t index, const std::vector<Junction>& junctions) {
    for (const Junction& junction : junctions) {
      if (full()) return;
      if (junction.is_draw || junction.at.task != plan_.deviations[index].at.task) continue;
      Add([&](Schedule& changed) { changed.deviations[index].at = junction.at; });
    }
    Add([&](Schedule& changed) {
      changed.deviations.erase(changed.deviations.begin() + static_cast<std::ptrdiff_t>(index));
    });
  }

  void MoveDraw(std::size_t index, const std::vector<Junction>& junctions) {
    for (const Junction& junction : junctions) {
      if (full()) return;
      if (!junction.is_draw || junction.at.op != plan_.draws[index].at.op) continue;
      Add([&](Schedule& changed) { changed.draws[index].at = junction.at; });
    }
  }

  void AddOne(const std::vector<Junction>& junctions) {
    for (const Junction& junction : junctions) {
      if (full()) return;
      for (const std::string& other : junction.others) {
        Add([&](Schedule& changed) { changed = WithChoice(plan_, junction, other); });
      }
      if (junction.is_draw) {
        Add([&](Schedule& changed) { changed = WithDraw(plan_, junction, junction.drawn == 0 ? 1 : 0); });
      }
    }
  }

  const Schedule& plan_;
  const std::size_t most_;
  std::vector<Schedule> changes_;
};

class RepairSearch {
 public:
  RepairSearch(Execution& execution, const FailureIdentity& identity, std::uint64_t steps)
      : execution_(execution), identity_(identity), budget_{kMostExecutions, steps} {}

  // The plan near `recorded` that fails as recorded.
  std::optional<Schedule> Run(const Schedule& recorded) {
    if (Try(recorded)) return recorded;
    const std::vector<Schedule> nearest = roots_[0];
    for (const Schedule& changed : nearest) {
      if (budget_.executions <= kMostExecutions / 2) break;
      if (Try(changed)) return changed;
    }
    Random random(MixSeed(1, 0));
    while (!budget_.spent()) {
      const std::size_t newest = std::min(roots_.size(), kMostRoots);
      const std::uint32_t back = random.Below(static_cast<std::uint32_t>(newest) + 1);
      const std::vector<Schedule>& root = back == newest ? roots_[0] : roots_[roots_.size() - 1 - back];
      if (root.empty()) {
        if (roots_.size() == 1) return std::nullopt;
        budget_.Spend(1);  // a root from which nothing grows
        continue;
      }
      const Schedule changed = root[random.Below(static_cast<std::uint32_t>(root.size()))];
      if (Try(changed)) return changed;
    }
    return std::nullopt;
  }

  // Those that were tried, each once.
  std::uint64_t executions() const { return tried_.size(); }

 private:
  // Whether it fails as recorded.
  bool Try(const Schedule& plan) {
    if (budget_.spent() || HasOnePositionTwice(plan)) return false;
    if (!tried_.insert(FormatToken(plan)).second) {
      // Few schedules are near: each repeated draw counts, or the search would not end.
      if (!roots_.empty() && ++repeats_ % 8 == 0) budget_.Spend(1);
      return false;
    }
    Survey survey = RunSurvey(execution_, plan);
    budget_.Spend(survey.steps);
    if (survey.failure && survey.failure->identity == identity_) return true;
    roots_.push_back(ChangesOf(plan, survey.junctions).Take());
    if (roots_.size() > kMostRoots + 1) roots_.erase(roots_.begin() + 1);
    return false;
  }

  Execution& execution_;
  const FailureIdentity& identity_;
  ShrinkBudget budget_;
  std::uint64_t repeats_ = 0;
  // The changes of what was tried: of the recorded schedule, and of the newest ones.
  std::vector<std::vector<Schedule>> roots_;
  absl::flat_hash_set<std::string> tried_;
};

}  // namespace

bool NeedsRepair(const ReplayResult& result, const Schedule& recorded) {
  if (!recorded.failure) return false;
  if (!result.failure) return true;
  return result.divergence && !(result.failure->identity == *recorded.failure);
}

RepairResult RepairSchedule(const Body& body, const Schedule& recorded, const ExploreOptions& options) {
  HOCKET_CHECK(recorded.failure) << "a schedule that did not fail has no failure to look for";
  Execution execution(body, options);
  RepairSearch search(execution, *recorded.failure, options.shrink_steps);
  const std::optional<Schedule> near = search.Run(PlanOf(recorded));
  RepairResult result;
  result.executions = search.executions();
  if (!near) return result;
  const Described described = RunDescribed(execution, *near);
  if (!described.failure) return result;  // the program depends on something else than its schedule
  ShrinkBudget budget{std::min(kMostShrinkExecutions, options.shrink_executions), options.shrink_steps};
  const Schedule smallest = Smallest(execution, described.description, *described.failure, budget);
  result.replay = ResultOf(RunDescribed(execution, smallest), smallest.base, options.test);
  return result;
}

}  // namespace hocket::testing
