#include "tools/schedules/decisions.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hocket/check.h"

namespace hocket::tools {

namespace {

using testing::Decision;
using testing::Deviation;
using testing::Schedule;

constexpr std::size_t kWidth = 100;
constexpr std::size_t kGap = 2;
constexpr std::size_t kMaxAlike = 4;  // rows in a row that are shown one by one although they say the same
constexpr std::size_t kMaxRows = 400;

std::string TextOf(const Decision& decision) { return absl::StrCat(decision.op, " (of ", decision.alternatives, ")"); }

// The decision in which a deviation was taken is one for its task, right after one for the task that it names; if there
// is exactly one of that kind, it is that, unless the task took steps in between that were no decisions.
std::set<std::size_t> Marks(const Schedule& schedule) {
  std::set<std::size_t> marks;
  for (const Deviation& deviation : schedule.deviations) {
    std::vector<std::size_t> fits;
    for (std::size_t i = 0; i < schedule.exact.size(); ++i) {
      const std::string& before = i == 0 ? "main" : schedule.exact[i - 1].task;
      if (schedule.exact[i].task == deviation.run && before == deviation.at.task) fits.push_back(i);
    }
    if (fits.size() == 1) marks.insert(fits.front());
  }
  return marks;
}

// One row: its number, whether it is marked, its column and what it says; or only what it says.
struct Row {
  std::string number;
  bool marked = false;
  std::size_t column = 0;
  std::string text;
};

std::vector<Row> Rows(const Schedule& schedule, const std::vector<std::string>& tasks) {
  const std::set<std::size_t> marks = Marks(schedule);
  std::vector<Row> rows;
  for (std::size_t begin = 0, end; begin < schedule.exact.size(); begin = end) {
    end = begin + 1;
    while (end < schedule.exact.size() && schedule.exact[end] == schedule.exact[begin] && marks.count(end) == 0) ++end;
    const auto found = std::find(tasks.begin(), tasks.end(), schedule.exact[begin].task);
    const auto column = static_cast<std::size_t>(found - tasks.begin());
    const std::size_t shown = end - begin > kMaxAlike ? 1 : end - begin;
    for (std::size_t i = begin; i < begin + shown; ++i) {
      rows.push_back({std::to_string(i + 1), marks.count(i) > 0, column, TextOf(schedule.exact[i])});
    }
    if (begin + shown < end) rows.push_back({"", false, column, absl::StrCat("... ", end - begin - shown, " more")});
  }
  if (rows.size() > kMaxRows) {
    const auto hidden = rows.size() - kMaxRows;
    rows[kMaxRows / 2] = {"", false, 0, absl::StrCat("... ", hidden + 1, " rows are not shown")};
    rows.erase(rows.begin() + kMaxRows / 2 + 1, rows.begin() + static_cast<std::ptrdiff_t>(kMaxRows / 2 + 1 + hidden));
  }
  return rows;
}

void AddLine(std::string& text, std::string line) {
  line.resize(line.find_last_not_of(' ') + 1);
  absl::StrAppend(&text, line, "\n");
}

}  // namespace

std::string RenderDecisions(const Schedule& schedule) {
  HOCKET_CHECK(!schedule.exact.empty()) << "the schedule has no exact form";
  std::vector<std::string> tasks;
  for (const Decision& decision : schedule.exact) {
    if (std::find(tasks.begin(), tasks.end(), decision.task) == tasks.end()) tasks.push_back(decision.task);
  }
  const std::vector<Row> rows = Rows(schedule, tasks);
  const int number_width = static_cast<int>(std::to_string(schedule.exact.size()).size());
  std::vector<std::size_t> widths;
  std::size_t total = static_cast<std::size_t>(number_width) + 4;
  std::size_t widest = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    std::size_t width = tasks[i].size();
    for (const Row& row : rows) width = std::max(width, row.column == i ? row.text.size() : 0);
    widths.push_back(width + kGap);
    total += width + kGap;
    widest = std::max(widest, tasks[i].size());
  }
  const bool lanes = total <= kWidth + kGap;
  const auto margin = [&](const Row& row) {
    return absl::StrFormat("%s %*s  ", row.marked ? ">" : " ", number_width, row.number);
  };
  std::string text;
  std::string header = margin({});
  for (std::size_t i = 0; i < tasks.size() && lanes; ++i) {
    absl::StrAppendFormat(&header, "%-*s", static_cast<int>(widths[i]), tasks[i]);
  }
  if (lanes) AddLine(text, header);
  bool marked = false;
  for (const Row& row : rows) {
    std::string line = margin(row);
    if (lanes) {
      for (std::size_t i = 0; i < row.column; ++i) line.append(widths[i], ' ');
      line += row.text;
    } else {
      absl::StrAppendFormat(&line, "%-*s  %s", static_cast<int>(widest), tasks[row.column], row.text);
    }
    AddLine(text, line);
    marked = marked || row.marked;
  }
  if (marked) text += "> runs here instead of what the base schedule would run, as far as decisions alone can tell\n";
  return text;
}

}  // namespace hocket::tools
