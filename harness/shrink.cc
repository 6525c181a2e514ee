// Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, 2002; here "nothing at all",
// "remove a chunk", then "remove a pair") over the drawn values and the deviations from a base, then lower drawn values
// and deviations that come a little earlier or later, until none of it makes the schedule smaller. A candidate that
// runs differently than its text says is kept as it ran, so nothing stays in a schedule that does not matter. Left out:
// deviations that none of the bases sees in the failing execution; WithFewerDelays in explain.cc looks for those. Test:
// tests/shrink_test.cc; over the gallery, tests/bugs/shrinking_test.cc.
#include "harness/shrink.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace hocket::testing {

namespace {

std::size_t Size(const Schedule& schedule) { return schedule.deviations.size() + schedule.draws.size(); }

std::uint64_t SumOfDraws(const Schedule& schedule) {
  std::uint64_t sum = 0;
  for (const DrawnValue& draw : schedule.draws) sum += draw.value;
  return sum;
}

// Pairs are tried in lists up to this length: 66 candidates.
constexpr std::size_t kMaxForPairs = 12;
// Deviations are moved in lists up to this length.
constexpr std::size_t kMaxForMoves = 8;

class Shrinker {
 public:
  Shrinker(const TryCandidate& try_candidate, ShrinkBudget& budget) : try_candidate_(try_candidate), budget_(budget) {}

  // Runs `candidate`, unless it has been run before, and says what it did.
  Attempt Try(const Schedule& candidate) {
    if (budget_.spent() || !tried_.insert(FormatToken(candidate)).second) return {};
    Attempt attempt = try_candidate_(candidate);
    budget_.Spend(attempt.steps);
    return attempt;
  }

  // Shrinks `best` in place until nothing that is tried here makes it smaller.
  void Minimize(Attempt& best) {
    for (bool smaller = true; smaller && !budget_.spent();) {
      const std::size_t before = Size(best.schedule);
      if (before == 0) return;
      RemoveChunks(best, &Schedule::draws);
      RemoveChunks(best, &Schedule::deviations);
      if (Size(best.schedule) == before) RemovePairs(best);
      smaller = Size(best.schedule) < before || LowerDraws(best) || MoveDeviations(best);
    }
  }

 private:
  // Replaces `best` by `candidate` as it ran, if that is smaller.
  bool Improve(Attempt& best, const Schedule& candidate) {
    Attempt attempt = Try(candidate);
    if (!attempt.fails_alike || !IsSmaller(attempt, best)) return false;
    best = std::move(attempt);
    return true;
  }

  template <class T>
  void RemoveChunks(Attempt& best, std::vector<T> Schedule::* list) {
    for (std::size_t chunk = (best.schedule.*list).size(); chunk > 0; chunk /= 2) {
      // From the back: late decisions depend on early ones, not the other way round.
      for (std::size_t end = (best.schedule.*list).size(); end > 0 && !budget_.spent();) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        Schedule candidate = best.schedule;
        std::vector<T>& left = candidate.*list;
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(begin), left.begin() + static_cast<std::ptrdiff_t>(end));
        Improve(best, candidate);
        end = std::min(begin, (best.schedule.*list).size());
      }
    }
  }

  // Two deviations often only matter together: one leads away, the other back.
  void RemovePairs(Attempt& best) {
    if (best.schedule.deviations.size() > kMaxForPairs) return;
    for (std::size_t second = 1; second < best.schedule.deviations.size(); ++second) {
      for (std::size_t first = 0; first < second; ++first) {
        Schedule candidate = best.schedule;
        candidate.deviations.erase(candidate.deviations.begin() + static_cast<std::ptrdiff_t>(second));
        candidate.deviations.erase(candidate.deviations.begin() + static_cast<std::ptrdiff_t>(first));
        if (Improve(best, candidate)) return;
      }
    }
  }

  // A small value at once, if one will do; then down by ever smaller steps. Says whether anything was lowered.
  bool LowerDraws(Attempt& best) {
    bool lowered = false;
    for (std::size_t i = 0; i < best.schedule.draws.size(); ++i) {
      const std::uint64_t value = best.schedule.draws[i].value;
      for (std::uint64_t lower = 1; lower < value && !budget_.spent(); lower *= 2) {
        if (!ImproveDraw(best, i, lower)) continue;
        lowered = true;
        break;
      }
      for (std::uint64_t step = value / 2; step > 0 && !budget_.spent();) {
        if (i < best.schedule.draws.size() && step < best.schedule.draws[i].value &&
            ImproveDraw(best, i, best.schedule.draws[i].value - step)) {
          lowered = true;
        } else {
          step /= 2;
        }
      }
    }
    return lowered;
  }

  bool ImproveDraw(Attempt& best, std::size_t index, std::uint64_t value) {
    Schedule candidate = best.schedule;
    candidate.draws[index].value = static_cast<std::uint32_t>(value);
    return Improve(best, candidate);
  }

  // The same switch, one visit of its operation earlier or later: with fewer switches elsewhere, or a shorter run.
  bool MoveDeviations(Attempt& best) {
    if (best.schedule.deviations.size() > kMaxForMoves) return false;
    for (std::size_t i = 0; i < best.schedule.deviations.size(); ++i) {
      for (const bool earlier : {true, false}) {
        Schedule candidate = best.schedule;
        std::uint32_t& nth = candidate.deviations[i].at.nth;
        if (earlier && nth == 1) continue;
        nth += earlier ? -1 : 1;
        const Position& moved = candidate.deviations[i].at;
        if (std::count_if(candidate.deviations.begin(), candidate.deviations.end(),
                          [&](const Deviation& other) { return other.at == moved; }) > 1) {
          continue;
        }
        if (Improve(best, candidate)) return true;
      }
    }
    return false;
  }

  const TryCandidate& try_candidate_;
  ShrinkBudget& budget_;
  absl::flat_hash_set<std::string> tried_;
};

}  // namespace

std::size_t Weight(const Schedule& schedule) { return Size(schedule) + (schedule.base == Base::kFifo ? 1 : 0); }

bool IsSmaller(const Attempt& a, const Attempt& b) {
  const auto key = [](const Attempt& attempt) {
    return std::tuple(Weight(attempt.schedule), attempt.injected, SumOfDraws(attempt.schedule), attempt.switches,
                      attempt.steps, attempt.schedule.base);
  };
  return key(a) < key(b);
}

Attempt Shrink(const Description& failing, const TryCandidate& try_candidate, ShrinkBudget& budget) {
  Shrinker shrinker(try_candidate, budget);
  Attempt best;
  const auto keep = [&](Attempt attempt) {
    if (attempt.fails_alike && (!best.fails_alike || IsSmaller(attempt, best))) best = std::move(attempt);
  };
  // The bases themselves: where stay or spawn fails, nothing is smaller.
  for (const Base base : kBases) {
    Schedule nothing;
    nothing.base = base;
    keep(shrinker.Try(nothing));
  }
  if (best.fails_alike && Weight(best.schedule) == 0) return best;
  for (std::size_t i = 0; i < kBases.size(); ++i) {
    Schedule whole;
    whole.base = kBases[i];
    whole.deviations = failing.views[i].deviations;
    whole.draws = failing.draws;
    Attempt attempt = shrinker.Try(whole);
    if (!attempt.fails_alike) continue;  // the failure depends on more than names can say
    shrinker.Minimize(attempt);
    keep(std::move(attempt));
  }
  if (best.fails_alike) return best;
  best.schedule.base = kBases[0];
  best.schedule.deviations = failing.views[0].deviations;
  best.schedule.draws = failing.draws;
  return best;
}

}  // namespace hocket::testing
