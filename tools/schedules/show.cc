#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "harness/report/counts.h"
#include "harness/report/failure_report.h"
#include "tools/schedules/commands.h"
#include "tools/schedules/decisions.h"
#include "tools/schedules/input.h"
#include "tools/schedules/test_binary.h"

namespace hocket::tools {

namespace {

using testing::Schedule;

// What can be said without the program.
std::string Show(const Schedule& schedule) {
  std::string text = absl::StrCat("test: ", schedule.test.empty() ? "not named" : schedule.test, "\n");
  if (schedule.failure) {
    absl::StrAppendFormat(&text, "fails: %s %08x\n", schedule.failure->kind, schedule.failure->id);
  }
  if (!schedule.input.empty()) absl::StrAppend(&text, "input: ", absl::StrJoin(schedule.input, " "), "\n");
  text += testing::ScheduleInWords(schedule);
  if (schedule.trace) {
    absl::StrAppendFormat(&text, "trace: %s, hash %016x\n", testing::Count(schedule.trace->decisions, "decision"),
                          schedule.trace->hash);
  }
  if (schedule.exact.empty())
    return text + "\nThe decisions are not recorded here; --binary=PATH shows what happens.\n";
  return text + "\ndecisions (who was chosen, standing where, of how many):\n" + RenderDecisions(schedule);
}

}  // namespace

absl::StatusOr<CommandResult> RunShow(const Arguments& arguments) {
  if (arguments.binary.empty()) {
    const absl::StatusOr<Schedule> schedule = ReadSchedule(arguments.inputs[0]);
    if (!schedule.ok()) return schedule.status();
    return CommandResult{.text = Show(*schedule)};
  }
  const absl::StatusOr<Input> input = ReadInput(arguments.inputs[0]);
  if (!input.ok()) return input.status();
  const absl::StatusOr<TestRun> run = TestBinary(arguments.binary, arguments.test).Replay(*input);
  if (!run.ok()) return run.status();
  return CommandResult{.text = run->output, .status = run->failed ? 1 : 0};
}

}  // namespace hocket::tools
