// The schedules next to a schedule: those that decide one thing differently.
#ifndef HOCKET_HARNESS_NEIGHBOURS_H_
#define HOCKET_HARNESS_NEIGHBOURS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/execution.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// One decision of an execution, and what else could have been decided there.
struct Junction {
  Position at;
  bool is_draw = false;
  std::string base_choice;          // of the schedule's base, if it is no draw
  std::vector<std::string> others;  // paths of the alternatives, in the order of the base, without the one
                                    // that the schedule chooses
  std::uint32_t drawn = 0;          // if it is a draw
  std::uint32_t values = 0;         // likewise: how many there are
};

// The execution that follows a schedule, with the decisions that it asked for, in their order.
struct Survey {
  std::optional<ExecutionFailure> failure;
  std::uint64_t steps = 0;
  std::vector<Junction> junctions;
};

Survey RunSurvey(Execution& execution, const Schedule& schedule);

// `schedule` with another choice, or another drawn value, at one of its junctions.
Schedule WithChoice(const Schedule& schedule, const Junction& junction, const std::string& other);
Schedule WithDraw(const Schedule& schedule, const Junction& junction, std::uint32_t value);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_NEIGHBOURS_H_
