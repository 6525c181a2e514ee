// Failures to make reports of.
#ifndef HOCKET_TESTS_REPORT_SAMPLES_H_
#define HOCKET_TESTS_REPORT_SAMPLES_H_

#include <string>
#include <vector>

#include "harness/report/html.h"
#include "hocket/task.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// A failing example as a report shows it, beside the base schedule if that passes.
struct Sample {
  std::string name;
  HtmlInput input;
};

// Explores the examples and what is below until they fail.
std::vector<Sample> FailingSamples();

// Everything that a report can draw: nurseries in nurseries, shields, deadlines, values sent through a channel with and
// without room, a cancellation from outside, drawn values, a group in a group, and names that look like markup.
Task<> Everything();

// `tasks` of them give way, every other time in a scope with a timeout, until all together have taken `steps`; then one
// fails.
Task<> GiveWayOnce();
Task<> GiveWay(int tasks, int steps);

// A report of GiveWay, with a passing side of as many steps.
HtmlInput LongInput(int tasks, int steps);

// Texts that would become markup if they were not data: of a message, and of a task, which has no slash.
inline constexpr char kHostileText[] =
    "</script><script>window.pwned=1</script><img src=x onerror=\"window.pwned=1\">'\"&\\\x80";
inline constexpr char kHostileName[] = "<img src=x onerror='window.pwned=1'>\"&amp;";

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_REPORT_SAMPLES_H_
