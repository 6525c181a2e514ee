#include "harness/report/failure_report.h"

#include <cstddef>

#include "harness/report/replay_command.h"
#include "hocket/testing/lanes.h"

namespace hocket::testing {

namespace {

std::string Count(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

const char* BaseName(Base base) {
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

std::string ReplayLine(const Schedule& schedule) { return "replay: " + ReplayCommand(schedule) + "\n"; }

}  // namespace

std::string ScheduleReport(const Schedule& schedule, const Trace& trace, const std::vector<std::size_t>& marked) {
  std::string text = "schedule: " + Count(schedule.deviations.size(), "deviation");
  if (!schedule.draws.empty()) text += " and " + Count(schedule.draws.size(), "drawn value");
  text += " from the base " + std::string(BaseName(schedule.base)) + "\n";
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
  return text + "\n" + RenderLanes(trace, {.marked = marked});
}

std::string FailureReport(const FoundFailure& found, const Exploration& exploration, const ExploreOptions& options) {
  std::string text = found.failure.message;
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += "\nfound by execution " + std::to_string(found.execution) + " (" + found.strategy + ", seed " +
          std::to_string(options.seed) + ") after " + Count(exploration.executions, "execution") + "; shrunk from " +
          Count(found.deviations_found, "deviation") + " to " + std::to_string(found.schedule.deviations.size()) +
          " in " + Count(found.shrink_executions, "execution") + "\n";
  return text + ScheduleReport(found.schedule, found.trace, found.marked) + "\n" + ReplayLine(found.schedule);
}

std::string ReplayReport(const ReplayResult& result, const Schedule& recorded) {
  std::string text;
  if (result.failure) {
    text = result.failure->message;
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
  return text + ScheduleReport(result.schedule, result.trace, result.marked) + "\n" + ReplayLine(result.schedule);
}

}  // namespace hocket::testing
