// Lays a trace out as text.
//
// Idea: events become rows, which are data; long runs of rows are folded, first those of one task, then those that go
// round in circles, and of what is still too long the middle is left out; only then are widths chosen and lines made.
//
// Left out: lanes in several blocks, because the order of steps in different blocks would have to be pieced together
// from row numbers. Where lanes do not fit, the rows become a list of two columns, task and step, which goes through
// the same layout.
//
// Tests: tests/lanes_test.cc.

#include "hocket/testing/lanes.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "hocket/check.h"

namespace hocket::testing {
namespace {

constexpr std::size_t kMinColumn = 12;
constexpr std::size_t kGap = 2;
constexpr std::size_t kMaxText = 60;    // of a name, a label or a failure
constexpr std::size_t kMaxListed = 4;   // tasks started by one step
constexpr std::size_t kMaxRun = 8;      // steps in a row that are shown one by one
constexpr std::size_t kShownOfRun = 3;  // of a longer run: so many at its beginning, and its last step
constexpr std::size_t kMaxCycle = 16;   // rows that are recognised when they come again
constexpr std::size_t kMaxRounds = 4;   // of a cycle that are shown one by one
constexpr std::size_t kMaxRows = 400;
constexpr std::size_t kShownAround = 3;  // rows before and after one that deserves attention, in what is left out
constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

constexpr char kBold[] = "\x1b[1m";
constexpr char kDim[] = "\x1b[2m";
constexpr char kReset[] = "\x1b[0m";

struct Cell {
  std::size_t column = 0;
  std::vector<std::string> phrases;  // "draws retry=1", "Checkpoint :14"
};

struct Row {
  std::size_t number = 0;  // of the step or jump, from 1; 0 is before the first
  std::string label;       // how the number is shown
  bool marked = false;
  std::string time;    // if it has changed
  std::string banner;  // across the columns, above the cells
  std::vector<Cell> cells;
};

// The rows in which a column begins and ends to be a task.
struct Life {
  std::size_t born = kNever;
  std::size_t ended = kNever;

  bool Spans(std::size_t number) const { return born < number && number < ended; }
};

struct Table {
  std::vector<std::string> headers;
  std::vector<Life> lives;  // by column
  std::vector<Row> rows;
};

// The first line of `text`, cut if it is long.
std::string Shortened(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  if (line.size() > kMaxText) return line.substr(0, kMaxText - 3) + "...";
  return line.size() < text.size() ? line + " ..." : line;
}

std::string Basename(const std::string& file) { return file.substr(file.rfind('/') + 1); }

// Fit for any terminal and any log, whatever the program calls its things.
std::string Printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string FormatTime(Duration duration) { return absl::FormatDuration(absl::FromChrono(duration)); }

std::set<std::string> FilesOf(const Trace& trace) {
  std::set<std::string> files;
  for (const TraceEvent& event : trace.events) {
    if (!event.file.empty()) files.insert(event.file);
  }
  return files;
}

std::string Starts(const std::vector<std::string>& paths) {
  if (paths.size() <= kMaxListed) return "starts " + absl::StrJoin(paths, ", ");
  return absl::StrCat("starts ", paths.size(), " tasks, ", paths.front(), " ... ", paths.back());
}

std::string Exit(const std::string& failure) {
  if (failure.empty()) return "ends";
  return failure == "cancelled" ? "ends cancelled" : "fails: " + Shortened(failure);
}

// Whether a task that stands at `operation` has only given way. All other operations are shown as waits.
bool IsYield(const std::string& operation) {
  return operation == "Checkpoint" || operation == "Leave" || operation == "Resolve";
}

class TableBuilder {
 public:
  TableBuilder(const Trace& trace, const std::vector<std::size_t>& marked)
      : trace_(trace),
        marked_(marked.begin(), marked.end()),
        several_files_(FilesOf(trace).size() > 1),
        number_(trace.earlier_steps) {
    for (std::size_t i = 0; i < trace.tasks.size(); ++i) {
      const bool named = i < trace.functions.size() && !trace.functions[i].empty();
      table_.headers.push_back(Shortened(trace.tasks[i]) + (named ? " " + Shortened(trace.functions[i]) : ""));
    }
    table_.lives.resize(trace.tasks.size());
    if (trace.earlier_events > 0) NoteEarlier();
  }

  Table Build() && {
    for (std::size_t i = 0; i < trace_.events.size(); ++i) Add(i);
    // The process may have died in the step.
    if (stepping_) Say(*stepping_, "still runs");
    return std::move(table_);
  }

 private:
  using Kind = TraceEvent::Kind;

  // Who was started before the events that are kept, and does something in them, lives from the beginning.
  void NoteEarlier() {
    Row& row = table_.rows.emplace_back();
    row.label = "...";
    row.banner = absl::StrCat("-- ", trace_.earlier_steps, " steps before are not kept --");
    std::vector<bool> started(trace_.tasks.size(), false);
    for (const TraceEvent& event : trace_.events) {
      if (event.kind == Kind::kSpawn) {
        started[event.task] = true;
      } else if (!started[event.task]) {
        table_.lives[event.task].born = 0;
      }
    }
  }

  void Add(std::size_t index) {
    const TraceEvent& event = trace_.events[index];
    HOCKET_CHECK(event.task < trace_.tasks.size())
        << "an event names task " << event.task << ", which Trace::tasks does not have";
    switch (event.kind) {
      case Kind::kStep:
        BeginRow(index);
        stepping_ = event.task;
        break;
      case Kind::kJump: {
        const Duration passed = event.time - time_;
        BeginRow(index);
        table_.rows.back().banner = absl::StrCat("-- ", FormatTime(passed), " passes --");
        break;
      }
      case Kind::kOutside:
        BeginRow(index);
        table_.rows.back().banner = absl::StrCat("-- cancelled from outside: ", Shortened(event.text), " --");
        break;
      case Kind::kSpawn:
        table_.lives[event.task].born = number_;
        if (stepping_) AddStarted(trace_.tasks[event.task]);
        break;
      case Kind::kDraw:
        Say(stepping_.value_or(event.task), absl::StrCat("draws ", Shortened(event.text), "=", event.value));
        break;
      case Kind::kCancel:
        Say(event.task, "cancelled");
        break;
      case Kind::kPark:
        AddPark(event);
        stepping_.reset();
        break;
      case Kind::kExit:
        table_.lives[event.task].ended = number_;
        Say(event.task, Exit(event.text));
        stepping_.reset();
        break;
    }
  }

  void BeginRow(std::size_t index) {
    const Time time = trace_.events[index].time;
    Row& row = table_.rows.emplace_back();
    row.number = ++number_;
    row.label = std::to_string(number_);
    row.marked = marked_.count(index) > 0;
    if (time != time_) row.time = FormatTime(time.time_since_epoch());
    time_ = time;
    stepping_.reset();
    started_.clear();
  }

  void AddStarted(const std::string& path) {
    std::vector<std::string> started = std::move(started_);
    if (!started.empty()) CellOf(*stepping_).phrases.pop_back();
    started.push_back(Shortened(path));
    Say(*stepping_, Starts(started));
    started_ = std::move(started);
  }

  void AddPark(const TraceEvent& event) {
    const std::string place = PlaceOf(event);
    std::vector<std::string>& phrases = CellOf(event.task).phrases;
    if (event.text == "Cancelled" && !phrases.empty() && phrases.back() == "cancelled") {
      phrases.back() += place;
    } else {
      Say(event.task, (IsYield(event.text) ? "" : "waits ") + Shortened(event.text) + place);
    }
  }

  std::string PlaceOf(const TraceEvent& event) const {
    if (event.file.empty()) return "";
    return absl::StrCat(" ", several_files_ ? Basename(event.file) : "", ":", event.line);
  }

  void Say(std::uint32_t task, const std::string& phrase) {
    CellOf(task).phrases.push_back(phrase);
    started_.clear();
  }

  Cell& CellOf(std::uint32_t task) {
    if (table_.rows.empty()) table_.rows.emplace_back();
    std::vector<Cell>& cells = table_.rows.back().cells;
    const auto found = std::find_if(cells.begin(), cells.end(), [&](const Cell& cell) { return cell.column == task; });
    return found != cells.end() ? *found : cells.emplace_back(Cell{task, {}});
  }

  const Trace& trace_;
  const std::set<std::size_t> marked_;
  const bool several_files_;
  Table table_;
  std::size_t number_ = 0;
  Time time_{};
  std::optional<std::uint32_t> stepping_;  // until its step ends
  std::vector<std::string> started_;       // by the phrase under way
};

// A step in which its task only went on to the next operation.
bool IsPlain(const Row& row) {
  return !row.marked && row.time.empty() && row.banner.empty() && row.cells.size() == 1 &&
         row.cells[0].phrases.size() == 1;
}

bool IsAlike(const Row& a, const Row& b) {
  const auto same_cell = [](const Cell& x, const Cell& y) { return x.column == y.column && x.phrases == y.phrases; };
  return !a.marked && !b.marked && a.banner == b.banner && a.time.empty() == b.time.empty() &&
         std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(), same_cell);
}

// How often the `period` rows from `begin` on come in a row.
std::size_t RoundsFrom(const std::vector<Row>& rows, std::size_t begin, std::size_t period) {
  std::size_t end = begin + period;
  while (end < rows.size() && IsAlike(rows[end - period], rows[end])) ++end;
  return (end - begin) / period;
}

std::vector<Row> WithoutRounds(const std::vector<Row>& rows) {
  std::vector<Row> result;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t period = 2;
    std::size_t rounds = 0;
    for (; period <= kMaxCycle && begin + period <= rows.size(); ++period) {
      rounds = RoundsFrom(rows, begin, period);
      if (rounds > kMaxRounds) break;
    }
    if (rounds <= kMaxRounds) {
      result.push_back(rows[begin++]);
      continue;
    }
    const std::size_t last = begin + (rounds - 1) * period;
    result.insert(result.end(), &rows[begin], &rows[begin] + period);
    result.emplace_back().banner = absl::StrCat("-- these ", period, " rows ", rounds - 2, " times more --");
    result.insert(result.end(), &rows[last], &rows[last] + period);
    begin = last + period;
  }
  return result;
}

// The beginning, the end, and what deserves attention.
std::vector<Row> WithoutMiddle(const std::vector<Row>& rows) {
  if (rows.size() <= kMaxRows) return rows;
  std::vector<bool> shown(rows.size(), false);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i < kMaxRows / 2 || i >= rows.size() - kMaxRows / 2) shown[i] = true;
    if (!rows[i].marked) continue;
    for (std::size_t j = i - std::min(i, kShownAround); j <= std::min(i + kShownAround, rows.size() - 1); ++j) {
      shown[j] = true;
    }
  }
  std::vector<Row> result;
  for (std::size_t i = 0, end; i < rows.size(); i = end) {
    end = i + 1;
    if (shown[i]) {
      result.push_back(rows[i]);
      continue;
    }
    while (!shown[end]) ++end;
    result.emplace_back().banner = absl::StrCat("-- ", end - i, " rows are not shown --");
  }
  return result;
}

std::vector<Row> WithoutRunsOfOneTask(const std::vector<Row>& rows) {
  std::vector<Row> result;
  for (std::size_t begin = 0, end; begin < rows.size(); begin = end) {
    end = begin + 1;
    while (end < rows.size() && IsPlain(rows[begin]) && IsPlain(rows[end]) &&
           rows[end].cells[0].column == rows[begin].cells[0].column)
      ++end;
    if (end - begin <= kMaxRun) {
      result.insert(result.end(), &rows[begin], &rows[end - 1] + 1);
      continue;
    }
    const std::size_t hidden = end - begin - kShownOfRun - 1;
    result.insert(result.end(), &rows[begin], &rows[begin] + kShownOfRun + 1);
    result.back().label.clear();
    result.back().cells[0].phrases = {absl::StrCat("... ", hidden, " more steps")};
    result.push_back(rows[end - 1]);
  }
  return result;
}

// The same rows in two columns: a line for each task that a row is about.
Table AsList(const Table& lanes) {
  Table list;
  list.headers = {"task", "step"};
  list.lives.resize(2);
  for (const Row& row : lanes.rows) {
    Row line = row;
    line.cells.clear();
    if (!row.banner.empty()) list.rows.push_back(std::exchange(line, {}));
    for (const Cell& cell : row.cells) {
      line.cells = {{0, {lanes.headers[cell.column]}}, {1, cell.phrases}};
      list.rows.push_back(std::exchange(line, {}));
    }
  }
  return list;
}

// Adds `phrase` in lines of up to `width` characters; those after the first are indented.
void Wrap(const std::string& phrase, std::size_t width, std::vector<std::string>& lines) {
  lines.emplace_back();
  const std::vector<std::string> words = absl::StrSplit(phrase, ' ', absl::SkipEmpty());
  for (const std::string& word : words) {
    if (lines.back().empty()) {
      lines.back() = word;
    } else if (lines.back().size() + 1 + word.size() <= width) {
      absl::StrAppend(&lines.back(), " ", word);
    } else {
      lines.push_back(absl::StrCat("  ", word));
    }
    while (lines.back().size() > width) {
      std::string rest = "  " + lines.back().substr(width);
      lines.back().resize(width);
      lines.push_back(std::move(rest));
    }
  }
}

// Phrases share a line where they can.
std::vector<std::string> Filled(const std::vector<std::string>& phrases, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& phrase : phrases) {
    if (!lines.empty() && lines.back().size() + 2 + phrase.size() <= width) {
      absl::StrAppend(&lines.back(), ", ", phrase);
    } else {
      Wrap(phrase, width, lines);
    }
  }
  return lines;
}

std::size_t TotalWidth(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

// What each column would need so that nothing in it wraps.
std::vector<std::size_t> NaturalWidths(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& header : table.headers) widths.push_back(std::max(kMinColumn, header.size()));
  for (const Row& row : table.rows) {
    for (const Cell& cell : row.cells) {
      for (const std::string& phrase : cell.phrases) widths[cell.column] = std::max(widths[cell.column], phrase.size());
    }
  }
  return widths;
}

bool FitsShrunk(std::size_t columns, std::size_t available) {
  return columns * (kMinColumn + kGap) <= available + kGap;
}

// Takes from the widest columns until all fit, if they can.
std::vector<std::size_t> FittedWidths(const Table& table, std::size_t available) {
  std::vector<std::size_t> widths = NaturalWidths(table);
  if (!FitsShrunk(widths.size(), available)) return std::vector<std::size_t>(widths.size(), kMinColumn);
  while (TotalWidth(widths) > available) --*std::max_element(widths.begin(), widths.end());
  return widths;
}

class Layout {
 public:
  Layout(const Table& table, const LaneOptions& options) : table_(table), colour_(options.colour) {
    for (const Row& row : table.rows) {
      label_width_ = std::max(label_width_, row.label.size());
      time_width_ = std::max(time_width_, row.time.size());
    }
    margin_width_ = Margin({}).size();
    available_ = options.width - std::min(options.width, margin_width_);
  }

  std::size_t available() const { return available_; }

  std::string Text() && {
    widths_ = FittedWidths(table_, available_);
    Row header;
    for (std::size_t i = 0; i < table_.headers.size(); ++i) header.cells.push_back({i, {table_.headers[i]}});
    AddCells(header, Margin(header));
    for (const Row& row : table_.rows) AddRow(row);
    return std::move(text_);
  }

 private:
  std::string Margin(const Row& row) const {
    std::string margin = absl::StrFormat("%s %*s  ", row.marked ? ">" : " ", static_cast<int>(label_width_), row.label);
    if (time_width_ > 0) absl::StrAppendFormat(&margin, "%-*s  ", static_cast<int>(time_width_), row.time);
    return margin;
  }

  void AddRow(const Row& row) {
    std::string margin = Margin(row);
    if (!row.banner.empty()) {
      const std::size_t width = std::max(row.banner.size(), TotalWidth(widths_));
      AddLine(std::exchange(margin, std::string(margin_width_, ' ')) + row.banner +
                  std::string(width - row.banner.size(), '-'),
              row.marked ? kBold : kDim);
    }
    if (!row.cells.empty()) AddCells(row, std::move(margin));
  }

  void AddCells(const Row& row, std::string margin) {
    std::vector<std::vector<std::string>> columns(widths_.size());
    std::size_t height = 1;
    for (const Cell& cell : row.cells) {
      columns[cell.column] = Filled(cell.phrases, widths_[cell.column]);
      height = std::max(height, columns[cell.column].size());
    }
    for (std::size_t i = 0; i < height; ++i) {
      std::string line = std::exchange(margin, std::string(margin_width_, ' '));
      for (std::size_t column = 0; column < columns.size(); ++column) {
        const std::string idle = table_.lives[column].Spans(row.number) ? "|" : "";
        const std::string& text = i < columns[column].size() ? columns[column][i] : idle;
        absl::StrAppendFormat(&line, "%-*s", static_cast<int>(widths_[column] + kGap), text);
      }
      AddLine(std::move(line), row.marked ? kBold : "");
    }
  }

  void AddLine(std::string line, const std::string& style) {
    line = Printable(std::move(line));
    line.resize(line.find_last_not_of(' ') + 1);
    if (colour_ && !style.empty()) line = absl::StrCat(style, line, kReset);
    absl::StrAppend(&text_, line, "\n");
  }

  const Table& table_;
  const bool colour_;
  std::size_t label_width_ = 0;
  std::size_t time_width_ = 0;
  std::size_t margin_width_ = 0;
  std::size_t available_ = 0;
  std::vector<std::size_t> widths_;
  std::string text_;
};

}  // namespace

std::string RenderLanes(const Trace& trace, const LaneOptions& options) {
  Table table = TableBuilder(trace, options.marked).Build();
  if (table.rows.empty()) return "nothing happened\n";
  table.rows = WithoutMiddle(WithoutRounds(WithoutRunsOfOneTask(table.rows)));

  std::string text;
  const std::set<std::string> files = FilesOf(trace);
  if (files.size() == 1) text = absl::StrCat("in ", Printable(Basename(*files.begin())), ":\n");
  if (!FitsShrunk(table.headers.size(), Layout(table, options).available())) {
    absl::StrAppend(&text, table.headers.size(), " tasks are too many for lanes, so each row names its task:\n");
    table = AsList(table);
  }
  text += Layout(table, options).Text();
  const bool marked = std::any_of(table.rows.begin(), table.rows.end(), [](const Row& row) { return row.marked; });
  if (marked) text += "> runs here instead of what the base schedule would run\n";
  return text;
}

}  // namespace hocket::testing
