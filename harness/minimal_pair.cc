// Of a schedule that shrinking is through with, no single deviation can go without losing the failure; so a schedule
// that passes is most often one of those with one deviation less (IOSimPOR shows such a pair: Svensson, Thompson and
// others, 2021). The latest one is tried first: what runs the same in both is then longest. Where that leaves nothing,
// because the base itself fails or because what is left fails otherwise, one decision of the schedule is changed, again
// from the latest one to the first. Left out: pairs that differ in more than one decision. Test:
// tests/minimal_pair_test.cc.
#include "harness/minimal_pair.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "harness/explain.h"
#include "harness/neighbours.h"
#include "harness/strategy/replay.h"

namespace hocket::testing {

namespace {

// Of a value's alternatives, so many are tried.
constexpr std::uint32_t kMaxValues = 4;

class PairFinder {
 public:
  PairFinder(Execution& execution, const Trace& failing, ShrinkBudget budget)
      : execution_(execution), failing_(failing), budget_(budget) {}

  bool Try(const Schedule& schedule, bool deviates_more) {
    if (budget_.spent()) return false;
    Replay replay(schedule);
    replay.StartExecution(0);
    const Record& record = execution_.Run(replay);
    budget_.Spend(record.steps);
    ++search_.executions;
    if (record.failure) return false;
    Described described = RunDescribed(execution_, schedule);
    if (described.failure) return false;  // the program depends on something else than its schedule
    if (described.description.trace.earlier_events > 0) return false;
    const std::size_t base = BaseIndex(schedule.base);
    MinimalPair& pair = search_.pair.emplace();
    pair.schedule = StoredSchedule(described.description, base, std::nullopt, "");
    pair.trace = std::move(described.description.trace);
    pair.marked = std::move(described.description.views[base].marked);
    const std::size_t common = std::min(pair.trace.events.size(), failing_.events.size());
    while (pair.parting < common && pair.trace.events[pair.parting] == failing_.events[pair.parting]) ++pair.parting;
    pair.deviates_more = deviates_more;
    return true;
  }

  bool spent() const { return budget_.spent(); }
  PairSearch Take() { return std::move(search_); }

 private:
  Execution& execution_;
  const Trace& failing_;
  ShrinkBudget budget_;
  PairSearch search_;
};

bool TryWithout(PairFinder& finder, const Schedule& plan) {
  for (std::size_t i = plan.deviations.size(); i-- > 0 && !finder.spent();) {
    Schedule without = plan;
    without.deviations.erase(without.deviations.begin() + static_cast<std::ptrdiff_t>(i));
    if (finder.Try(without, false)) return true;
  }
  for (std::size_t i = plan.draws.size(); i-- > 0 && !finder.spent();) {
    Schedule without = plan;
    without.draws.erase(without.draws.begin() + static_cast<std::ptrdiff_t>(i));
    if (finder.Try(without, false)) return true;
  }
  return false;
}

bool TryChanged(PairFinder& finder, const Schedule& plan, const std::vector<Junction>& junctions) {
  for (std::size_t i = junctions.size(); i-- > 0 && !finder.spent();) {
    const Junction& junction = junctions[i];
    for (const std::string& other : junction.others) {
      if (finder.Try(WithChoice(plan, junction, other), true)) return true;
    }
    for (std::uint32_t value = 0; value < std::min(junction.values, kMaxValues); ++value) {
      if (value != junction.drawn && finder.Try(WithDraw(plan, junction, value), true)) return true;
    }
  }
  return false;
}

}  // namespace

PairSearch FindMinimalPair(Execution& execution, const Schedule& schedule, const Trace& failing, ShrinkBudget budget) {
  // Where two executions part is not known if the traces do not go back to there.
  if (failing.earlier_events > 0) return {};
  const Schedule plan = PlanOf(schedule);
  PairFinder finder(execution, failing, budget);
  if (!TryWithout(finder, plan) && !finder.spent()) TryChanged(finder, plan, RunSurvey(execution, plan).junctions);
  return finder.Take();
}

}  // namespace hocket::testing
