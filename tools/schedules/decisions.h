// The decisions of a schedule's exact form as lanes: a column a task, a row a decision. Only decisions are recorded, so
// what tasks do in between, and where a step ends, is for the program to show.
#ifndef HOCKET_TOOLS_SCHEDULES_DECISIONS_H_
#define HOCKET_TOOLS_SCHEDULES_DECISIONS_H_

#include <string>

#include "hocket/testing/schedule.h"

namespace hocket::tools {

// Lines, each with its end. Tasks that have no room side by side in 100 columns become a list. Rows that can be where a
// deviation was taken, as far as that can be told, are marked. REQUIRES: there is an exact form.
std::string RenderDecisions(const testing::Schedule& schedule);

}  // namespace hocket::tools

#endif  // HOCKET_TOOLS_SCHEDULES_DECISIONS_H_
