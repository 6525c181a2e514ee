// Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, 2002; here "remove a chunk",
// then "remove a pair") over the drawn values and the deviations from a base, then lower drawn values, until none of it
// works. A candidate that runs differently than its text says is kept as it ran, so nothing stays in a schedule that
// does not matter. Left out: moving a deviation to an earlier or later place. Test: tests/shrink_test.cc.
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
  Shrinker(const TryCandidate& try_candidate, std::uint64_t max_executions)
      : try_candidate_(try_candidate), max_executions_(max_executions) {}

  // Shrinks `schedule` in place until no single removal works any more, and no drawn value can be one less.
  void Minimize(Schedule& schedule) {
    bool smaller = true;
    while (smaller && !spent()) {
      const std::size_t before = Size(schedule);
      RemoveChunks(schedule, &Schedule::draws);
      RemoveChunks(schedule, &Schedule::deviations);
      if (Size(schedule) == before) RemovePairs(schedule);
      smaller = Size(schedule) < before || LowerDraws(schedule);
    }
  }

  // Replaces `schedule` by `candidate` as it ran, if that fails in the same way.
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

  // A small value at once, if one will do; then down by ever smaller steps. Says whether anything was lowered.
  bool LowerDraws(Schedule& schedule) {
    bool lowered = false;
    for (std::size_t i = 0; i < schedule.draws.size(); ++i) {
      const std::uint64_t value = schedule.draws[i].value;
      for (std::uint64_t lower = 1; lower < value && !spent(); lower *= 2) {
        if (!TryDraw(schedule, i, lower)) continue;
        lowered = true;
        break;
      }
      for (std::uint64_t step = value / 2; step > 0 && !spent();) {
        if (i < schedule.draws.size() && step < schedule.draws[i].value &&
            TryDraw(schedule, i, schedule.draws[i].value - step)) {
          lowered = true;
        } else {
          step /= 2;
        }
      }
    }
    return lowered;
  }

  bool TryDraw(Schedule& schedule, std::size_t index, std::uint64_t value) {
    Schedule candidate = schedule;
    candidate.draws[index].value = static_cast<std::uint32_t>(value);
    return Try(schedule, candidate);
  }

  const TryCandidate& try_candidate_;
  std::uint64_t max_executions_;
  std::uint64_t executions_ = 0;
};

}  // namespace

bool IsSmaller(const Schedule& a, const Schedule& b) { return std::pair(Size(a), a.base) < std::pair(Size(b), b.base); }

Shrunk Shrink(const Description& failing, const TryCandidate& try_candidate, std::uint64_t max_executions) {
  Shrinker shrinker(try_candidate, max_executions);
  Shrunk best;
  bool found = false;
  for (std::size_t i = 0; i < kBases.size(); ++i) {
    Schedule schedule;
    schedule.base = kBases[i];
    schedule.deviations = failing.views[i].deviations;
    schedule.draws = failing.draws;
    if (!shrinker.Try(schedule, Schedule(schedule))) continue;  // the failure depends on more than names can say
    shrinker.Minimize(schedule);
    if (!found || IsSmaller(schedule, best.schedule)) {
      best.schedule = std::move(schedule);
      found = true;
    }
  }
  if (!found) {
    best.schedule.base = kBases[0];
    best.schedule.deviations = failing.views[0].deviations;
    best.schedule.draws = failing.draws;
  }
  best.executions = shrinker.executions();
  return best;
}

}  // namespace hocket::testing
