#include "harness/report/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "harness/expectations.h"
#include "harness/report/counts.h"
#include "harness/report/json.h"

namespace hocket::testing {

namespace {

constexpr std::size_t kMaxName = 44;  // so that a table has room in 100 columns, most of the time

double Seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// Executions a second.
double RateOf(const SummaryRow& row) {
  const double seconds = Seconds(row.time);
  return seconds > 0 ? static_cast<double>(row.exploration.executions + row.exploration.cut) / seconds : 0;
}

std::string Hex(std::uint32_t id) { return absl::StrFormat("%08x", id); }

bool Skipped(const Exploration& exploration) {
  return exploration.failure && exploration.failure->failure.identity.kind == kSkipped;
}

std::string Result(const Exploration& exploration) {
  if (exploration.nondeterminism) return "not deterministic";
  if (Skipped(exploration)) return "skipped";
  if (exploration.failure) {
    const FailureIdentity& identity = exploration.failure->failure.identity;
    return "fails: " + identity.kind + " " + Hex(identity.id);
  }
  const std::optional<Coverage>& coverage = exploration.coverage;
  if (coverage && coverage->complete) return "no violation, all " + coverage->what + " explored";
  if (coverage && coverage->explored > 0) return "no violation, about " + Percent(coverage->explored) + " explored";
  return "no violation";
}

std::string Shortened(const std::string& name) {
  return name.size() <= kMaxName ? name : name.substr(0, kMaxName - 3) + "...";
}

using Line = std::vector<std::string>;

// The first two columns and the last one are words, the others numbers.
std::string Aligned(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const int width = static_cast<int>(widths[i]);
      if (i + 1 == line.size()) {
        absl::StrAppend(&text, "  ", line[i], "\n");
      } else if (i < 2) {
        absl::StrAppendFormat(&text, "  %-*s", width, line[i]);
      } else {
        absl::StrAppendFormat(&text, "  %*s", width, line[i]);
      }
    }
  }
  return text;
}

const char* ToString(Ended ended) {
  switch (ended) {
    case Ended::kFailure:
      return "failure";
    case Ended::kExhausted:
      return "exhausted";
    case Ended::kExecutions:
      return "executions";
    case Ended::kSteps:
      return "steps";
    case Ended::kTime:
      return "time";
    case Ended::kDeadline:
      return "deadline";
  }
  return "";
}

const char* Outcome(const Exploration& exploration) {
  if (exploration.nondeterminism) return "nondeterministic";
  if (Skipped(exploration)) return "skipped";
  return exploration.failure ? "failed" : "passed";
}

std::string Member(const std::string& name, const std::string& value) { return JsonString(name) + ": " + value; }
std::string Member(const std::string& name, std::uint64_t value) { return Member(name, std::to_string(value)); }
std::string Member(const std::string& name, double value) { return Member(name, absl::StrFormat("%.6g", value)); }
std::string Text(const std::string& name, const std::string& value) { return Member(name, JsonString(value)); }

std::string Object(const std::vector<std::string>& members) { return "{" + absl::StrJoin(members, ", ") + "}"; }

std::string RowJson(const SummaryRow& row) {
  const Exploration& exploration = row.exploration;
  std::vector<std::string> members = {
      Text("test", row.test),
      Text("outcome", Outcome(exploration)),
      Text("statement", exploration.Statement()),
      Member("seed", row.seed),
      Text("strategy", row.strategy),
      Member("jobs", std::uint64_t{row.jobs}),
      Member("executions", exploration.executions),
      Member("cut", exploration.cut),
      Member("distinct", exploration.distinct),
      Member("steps", exploration.steps),
      Text("ended", ToString(exploration.ended)),
      Member("left", exploration.left),
      Member("seconds", Seconds(row.time)),
      Member("executions_per_second", RateOf(row)),
  };
  if (const std::optional<Coverage>& coverage = exploration.coverage) {
    members.push_back(Member("coverage", Object({
                                             Text("what", coverage->what),
                                             Member("complete", coverage->complete ? "true" : "false"),
                                             Member("explored", coverage->explored),
                                             Member("schedules", coverage->schedules),
                                             Text("assuming", coverage->assuming),
                                         })));
  }
  if (const std::optional<FoundFailure>& found = exploration.failure; found && !Skipped(exploration)) {
    members.push_back(
        Member("failure", Object({
                              Text("kind", found->failure.identity.kind),
                              Text("id", Hex(found->failure.identity.id)),
                              Text("strategy", found->strategy),
                              Member("execution", found->execution),
                              Member("deviations_found", std::uint64_t{found->deviations_found}),
                              Member("deviations", static_cast<std::uint64_t>(found->schedule.deviations.size())),
                              Member("shrink_executions", found->shrink_executions),
                              Text("schedule", FormatToken(found->schedule)),
                          })));
  }
  return Object(members);
}

// Whoever reads the file meanwhile sees the old one or the new one.
absl::Status WriteFile(const std::string& path, const std::string& content) {
  const std::string unfinished = path + ".tmp";
  std::error_code error;
  if (!(std::ofstream(unfinished, std::ios::binary) << content).flush()) {
    return absl::NotFoundError("file '" + path + "' cannot be written");
  }
  std::filesystem::rename(unfinished, path, error);
  return error ? absl::NotFoundError("file '" + path + "': " + error.message()) : absl::OkStatus();
}

// The summary of this process, made by the environment that prints it.
class SummaryEnvironment final : public ::testing::Environment {
 public:
  void SetUp() override { rows_.clear(); }
  void TearDown() override {
    if (quiet_) return;
    std::printf("%s", SummaryTable(rows_).c_str());
    std::fflush(stdout);
  }

  absl::Status Add(SummaryRow row, const Settings& settings) {
    rows_.push_back(std::move(row));
    quiet_ = settings.quiet;
    return settings.stats.empty() ? absl::OkStatus() : WriteFile(settings.stats, SummaryJson(rows_));
  }

 private:
  std::vector<SummaryRow> rows_;
  bool quiet_ = false;
};

SummaryEnvironment* const summary =
    static_cast<SummaryEnvironment*>(::testing::AddGlobalTestEnvironment(new SummaryEnvironment));

}  // namespace

std::string SummaryTable(const std::vector<SummaryRow>& rows) {
  if (rows.empty()) return "";
  std::vector<Line> lines = {{"test", "strategy", "executions", "distinct", "steps", "per second", "time", "result"}};
  std::chrono::nanoseconds time{};
  for (const SummaryRow& row : rows) {
    const Exploration& exploration = row.exploration;
    time += row.time;
    lines.push_back({Shortened(row.test), row.strategy, Thousands(exploration.executions),
                     Thousands(exploration.distinct), Thousands(exploration.steps),
                     Thousands(static_cast<std::uint64_t>(RateOf(row))), absl::StrFormat("%.1f s", Seconds(row.time)),
                     Result(exploration)});
  }
  return absl::StrFormat("hocket: explored %s in %.1f s\n", Count(rows.size(), "test"), Seconds(time)) + Aligned(lines);
}

std::string SummaryJson(const std::vector<SummaryRow>& rows) {
  std::vector<std::string> tests;
  for (const SummaryRow& row : rows) tests.push_back("\n  " + RowJson(row));
  return "{\"version\": 1, \"tests\": [" + absl::StrJoin(tests, ",") + "\n]}\n";
}

absl::Status AddToSummary(SummaryRow row, const Settings& settings) { return summary->Add(std::move(row), settings); }

}  // namespace hocket::testing
