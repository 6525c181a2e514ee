#include "harness/report/failure_report.h"

#include <unistd.h>

#include <cstddef>

#include "harness/report/pair_sentence.h"
#include "harness/report/replay_command.h"
#include "harness/report/terminal.h"
#include "hocket/testing/lanes.h"

namespace hocket::testing {

namespace {

std::string Count(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string ReplayLine(const Schedule& schedule) { return "replay: " + ReplayCommand(schedule) + "\n"; }

// The shortest token that a schedule can be replayed by.
std::string PlanInParentheses(const Schedule& schedule) { return " (" + FormatToken(PlanOf(schedule)) + ")"; }

// What came of a search near a schedule that no longer fails as recorded.
std::string RepairLine(const RepairResult& repair) {
  const std::string tried = Count(repair.executions, "schedule") + " near it";
  if (repair.replay)
    return "replayed after repair: the same failure as recorded, under another schedule, found among " + tried +
           "; the token below is the new one\n";
  return "not repaired: none of " + tried +
         " fails as recorded. The bug may be gone; if it is not, explore the test anew\n";
}

}  // namespace

std::string BaseInWords(Base base) {
  switch (base) {
    case Base::kStay:
      return "stay (a task runs on until it blocks)";
    case Base::kFifo:
      return "fifo (first ready, first run)";
    case Base::kSpawn:
      return "spawn (in the order of starting)";
  }
  return "";
}

std::string ScheduleInWords(const Schedule& schedule) {
  std::string text = "schedule: " + Count(schedule.deviations.size(), "deviation");
  if (!schedule.draws.empty()) text += " and " + Count(schedule.draws.size(), "drawn value");
  text += " from the base " + BaseInWords(schedule.base) + "\n";
  for (const Deviation& deviation : schedule.deviations) {
    text += "  when " + deviation.at.task + " stands at " + deviation.at.op;
    if (deviation.at.nth > 1) text += " for time " + std::to_string(deviation.at.nth);
    text += ", " + deviation.run + (deviation.run == "clock" ? " moves on\n" : " runs\n");
  }
  for (const DrawnValue& draw : schedule.draws) {
    text += "  " + draw.at.task + " draws " + std::to_string(draw.value) + " as '" + draw.at.op + "'";
    if (draw.at.nth > 1) text += ", time " + std::to_string(draw.at.nth);
    text += "\n";
  }
  return text;
}

std::string ScheduleReport(const Schedule& schedule, const Trace& trace, const std::vector<std::size_t>& marked) {
  return ScheduleInWords(schedule) + "\n" +
         RenderLanes(trace, {.colour = ColourWanted(STDOUT_FILENO), .marked = marked});
}

std::string FailureReport(const FoundFailure& found, const Exploration& exploration, const ExploreOptions& options) {
  std::string text = found.failure.message;
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += "\nfound by execution " + std::to_string(found.execution) + " (" + found.strategy + ", seed " +
          std::to_string(options.seed) + ") after " + Count(exploration.executions, "execution") + "; shrunk from " +
          Count(found.deviations_found, "deviation") + " to " + std::to_string(found.schedule.deviations.size()) +
          " in " + Count(found.shrink_executions, "execution") + "\n";
  const std::string pair = PairSentence(found);
  if (!pair.empty()) text += pair + (found.pair ? PlanInParentheses(found.pair->schedule) : "") + "\n";
  return text + ScheduleReport(found.schedule, found.trace, found.marked) + "\n" + ReplayLine(found.schedule);
}

std::string ReplayReport(const ReplayResult& result, const Schedule& recorded,
                         const std::optional<RepairResult>& repair) {
  const ReplayResult& shown = repair && repair->replay ? *repair->replay : result;
  std::string text;
  if (shown.failure) {
    text = shown.failure->message;
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += "\n";
  }
  const bool same_failure = result.failure && (!recorded.failure || result.failure->identity == *recorded.failure);
  text += "replayed: ";
  text += !result.failure ? "it passes"
          : same_failure  ? (recorded.failure ? "the same failure" : "it fails")
                          : "another failure than the recorded one";
  if (result.divergence) {
    text += "; the program does not fit the schedule any more:\n  " + *result.divergence + "\n";
  } else {
    text += recorded.trace ? ", the same trace\n" : "\n";
  }
  if (repair) text += RepairLine(*repair);
  return text + ScheduleReport(shown.schedule, shown.trace, shown.marked) + "\n" + ReplayLine(shown.schedule);
}

}  // namespace hocket::testing
