#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "harness/report/counts.h"
#include "harness/report/failure_report.h"
#include "tools/schedules/commands.h"
#include "tools/schedules/input.h"

namespace hocket::tools {

namespace {

using testing::Decision;
using testing::Schedule;

std::string FailureOf(const Schedule& schedule) {
  return schedule.failure ? absl::StrFormat("%s %08x", schedule.failure->kind, schedule.failure->id) : "not recorded";
}

std::string TextOf(const Decision& decision) {
  return absl::StrCat(decision.task, " at ", decision.op, ", of ", decision.alternatives);
}

// The lines of ScheduleInWords, without its heading.
std::vector<std::string> Words(const Schedule& schedule) {
  std::vector<std::string> lines = absl::StrSplit(testing::ScheduleInWords(schedule), '\n', absl::SkipEmpty());
  lines.erase(lines.begin());
  return lines;
}

class Diff {
 public:
  void Line(const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) absl::StrAppend(&text_, what, ":\n- ", a, "\n+ ", b, "\n");
  }

  // Those that only one has; their order means nothing.
  void Sets(const std::string& what, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::string lines;
    std::size_t common = 0;
    for (const std::string& line : a) {
      const bool both = std::find(b.begin(), b.end(), line) != b.end();
      common += both ? 1 : 0;
      if (!both) absl::StrAppend(&lines, "-", line.substr(1), "\n");
    }
    for (const std::string& line : b) {
      if (std::find(a.begin(), a.end(), line) == a.end()) absl::StrAppend(&lines, "+", line.substr(1), "\n");
    }
    if (!lines.empty()) absl::StrAppend(&text_, what, " (", common, " in common):\n", lines);
  }

  // Where the recorded runs part.
  void Decisions(const std::vector<Decision>& a, const std::vector<Decision>& b) {
    if (a == b) return;
    if (a.empty() || b.empty()) {
      absl::StrAppend(&text_, "decisions: recorded in the ", a.empty() ? "second" : "first", " one only\n");
      return;
    }
    std::size_t i = 0;
    while (i < std::min(a.size(), b.size()) && a[i] == b[i]) ++i;
    const std::string common = i == 0 ? "none in common" : absl::StrCat("the first ", i, " in common");
    absl::StrAppend(&text_, "decisions (", common, "), number ", i + 1, ":\n- ",
                    i < a.size() ? TextOf(a[i]) : "the end", "\n+ ", i < b.size() ? TextOf(b[i]) : "the end", "\n");
  }

  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

absl::StatusOr<CommandResult> RunDiff(const Arguments& arguments) {
  const absl::StatusOr<Schedule> a = ReadSchedule(arguments.inputs[0]);
  if (!a.ok()) return a.status();
  const absl::StatusOr<Schedule> b = ReadSchedule(arguments.inputs[1]);
  if (!b.ok()) return b.status();
  if (*a == *b) return CommandResult{.text = "the schedules are equal\n"};
  Diff diff;
  diff.Line("test", a->test, b->test);
  diff.Line("failure", FailureOf(*a), FailureOf(*b));
  diff.Line("input", absl::StrJoin(a->input, " "), absl::StrJoin(b->input, " "));
  diff.Line("base", testing::BaseInWords(a->base), testing::BaseInWords(b->base));
  diff.Sets("deviations and drawn values", Words(*a), Words(*b));
  if (a->trace && b->trace) {
    diff.Line("trace",
              absl::StrFormat("%s, hash %016x", testing::Count(a->trace->decisions, "decision"), a->trace->hash),
              absl::StrFormat("%s, hash %016x", testing::Count(b->trace->decisions, "decision"), b->trace->hash));
  } else {
    diff.Line("trace", a->trace ? "recorded" : "not recorded", b->trace ? "recorded" : "not recorded");
  }
  diff.Decisions(a->exact, b->exact);
  std::string text = std::move(diff).Take();
  if (text.empty()) text = "the same, listed in another order\n";
  return CommandResult{.text = text, .status = 1};
}

}  // namespace hocket::tools
