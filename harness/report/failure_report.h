// What a failing test prints.
#ifndef HOCKET_HARNESS_REPORT_FAILURE_REPORT_H_
#define HOCKET_HARNESS_REPORT_FAILURE_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// What failed, how it was found, the lanes of the shrunk schedule, and the line `replay: ` with a whole command.
std::string FailureReport(const FoundFailure& found, const Exploration& exploration, const ExploreOptions& options);

// The same for a schedule that was replayed; says whether it did what was recorded, and what came of its repair, if one
// was tried.
std::string ReplayReport(const ReplayResult& result, const Schedule& recorded,
                         const std::optional<RepairResult>& repair = std::nullopt);

// "fifo (first ready, first run)".
std::string BaseInWords(Base base);

// How many deviations and drawn values, from which base, and a line for each.
std::string ScheduleInWords(const Schedule& schedule);

// The same, and the lanes.
std::string ScheduleReport(const Schedule& schedule, const Trace& trace, const std::vector<std::size_t>& marked);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_FAILURE_REPORT_H_
