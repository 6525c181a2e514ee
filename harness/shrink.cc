// Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, 2002; here "remove a chunk", then "remove a
// pair") over the deviations
// from a base, then over the drawn values. A candidate that runs differently than its text says is kept as it ran, so nothing stays in a
// schedule that does not matter. Left out: moving a deviation to an earlier or later place. Test: tests/shrink_test.cc.
#include "harness/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hocket::testing {

namespace {

std::size_t Size(const Schedule& schedule) { return schedule.deviations.size() + schedule.draws.size(); }

// Pairs are tried in lists up to this length: 66 candidates.
constexpr std::size_t kMaxForPairs = 12;

class Shrinker {
 public:
  Shrinker(const TryCandidate& try_candidate, std::uint64_t max_executions) : try_candidate_(try_candidate), max_executions_(max_executions) {}

  // Shrinks `schedule` in place until no single removal works any more.
  void Minimize(Schedule& schedule) {
    std::size_t before = 0;
    do {
      before = Size(schedule);
      RemoveChunks(schedule, &Schedule::draws);
      RemoveChunks(schedule, &Schedule::deviations);
      if (Size(schedule) == before) RemovePairs(schedule);
    } while (Size(schedule) < before && !spent());
    LowerDraws(schedule);
  }

  // Replaces `schedule` by `candidate` as it ran, if that fails in the same way and is no larger.
  bool Try(Schedule& schedule, const Schedule& candidate) {
    if (spent()) return false;
    ++executions_;
    std::optional<Schedule> ran = try_candidate_(candidate);
    if (!ran) return false;
    schedule = std::move(*ran);
    return true;
  }

  bool spent() const { return executions_ >= max_executions_; }
  std::uint64_t executions() const { return executions_; }

 private:
  template <class T>
  void RemoveChunks(Schedule& schedule, std::vector<T> Schedule::* list) {
    for (std::size_t chunk = (schedule.*list).size(); chunk > 0; chunk /= 2) {
      // From the back: late decisions depend on early ones, not the other way round.
      for (std::size_t end = (schedule.*list).size(); end > 0 && !spent();) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        Schedule candidate = schedule;
        std::vector<T>& left = candidate.*list;
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(begin), left.begin() + static_cast<std::ptrdiff_t>(end));
        Try(schedule, candidate);
        end = std::min(begin, (schedule.*list).size());
      }
    }
  }

  // Two deviations often only matter together: one leads away, the other back.
  void RemovePairs(Schedule& schedule) {
    if (schedule.deviations.size() > kMaxForPairs) return;
    for (std::size_t second = 1; second < schedule.deviations.size(); ++second) {
      for (std::size_t first = 0; first < second; ++first) {
        Schedule candidate = schedule;
        candidate.deviations.erase(candidate.deviations.begin() + static_cast<std::ptrdiff_t>(second));
        candidate.deviations.erase(candidate.deviations.begin() + static_cast<std::ptrdiff_t>(first));
        if (Try(schedule, candidate)) return;
      }
    }
  }

  void LowerDraws(Schedule& schedule) {
    for (std::size_t i = 0; i < schedule.draws.size(); ++i) {
      for (std::uint32_t lower = 1; lower < schedule.draws[i].value && !spent(); lower = lower * 2) {
        Schedule candidate = schedule;
        candidate.draws[i].value = lower;
        if (Try(schedule, candidate)) break;
      }
    }
  }

  const TryCandidate& try_candidate_;
  std::uint64_t max_executions_;
  std::uint64_t executions_ = 0;
};

}  // namespace

Shrunk Shrink(const Description& failing, const TryCandidate& try_candidate, std::uint64_t max_executions) {
  Shrinker shrinker(try_candidate, max_executions);
  Shrunk best;
  bool found = false;
  for (std::size_t i = 0; i < kBases.size(); ++i) {
    Schedule schedule;
    schedule.base = kBases[i];
    schedule.deviations = failing.views[i].deviations;
    schedule.draws = failing.draws;
    const std::size_t before = schedule.deviations.size();
    if (!shrinker.Try(schedule, Schedule(schedule))) continue;  // the failure depends on more than names can say
    shrinker.Minimize(schedule);
    if (!found || Size(schedule) < Size(best.schedule)) {
      best.schedule = std::move(schedule);
      best.deviations_before = before;
      found = true;
    }
  }
  if (!found) {
    best.schedule.base = kBases[0];
    best.schedule.deviations = failing.views[0].deviations;
    best.schedule.draws = failing.draws;
    best.deviations_before = best.schedule.deviations.size();
  }
  best.executions = shrinker.executions();
  return best;
}

}  // namespace hocket::testing
