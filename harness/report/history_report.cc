// A history as text: a column for each task, a row for each call and each return.
//
//     history: no order of the calls explains what they returned
//              main/0   main/1
//           1  Push(1)
//           2  returns
//           3           Pop
//         > 4           -> 2
//         what explains rows 1 to 3: Push(1)
//
// All but the first line are indented: they are values, and do not tell one failure from another.
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "harness/report/counts.h"
#include "hocket/check.h"
#include "hocket/testing/linearizability.h"

namespace hocket::testing {

namespace {

constexpr std::size_t kWidth = 100;      // columns of a terminal
constexpr std::size_t kMostRows = 60;    // the last ones before the one that cannot be explained
constexpr std::size_t kGap = 2;          // columns between two tasks
constexpr const char* kIndent = "    ";  // what marks values

struct Row {
  std::size_t event;
  bool is_call;
  std::size_t lane;
  std::string text;
};

std::string EndText(const HistoryBase::Span& span, const std::string& result) {
  if (!span.interrupted) return result.empty() ? "returns" : "-> " + result;
  switch (span.effect) {
    case Interrupted::kMaybe:
      return "interrupted";
    case Interrupted::kNever:
      return "interrupted (no effect)";
    case Interrupted::kMaybeYet:
      return "interrupted (may have effect yet)";
  }
  return "";
}

std::string OneLine(std::string text) {
  for (char& c : text) c = c >= ' ' && c <= '~' ? c : '?';
  return text;
}

// Rows with a column for each lane; if that is too wide, with the lane's name before each text.
class Table {
 public:
  Table(const std::vector<std::string>& lanes, const std::vector<Row>& rows, std::size_t first)
      : lanes_(lanes), rows_(rows), first_(first) {
    for (const std::string& lane : lanes) widths_.push_back(lane.size());
    for (std::size_t i = first; i < rows.size(); ++i)
      widths_[rows[i].lane] = std::max(widths_[rows[i].lane], rows[i].text.size());
    std::size_t width = 0;
    for (const std::size_t lane : widths_) width += lane + kGap;
    in_columns_ = width <= kWidth;
  }

  std::string Text() const {
    std::string text;
    if (first_ > 0) text += std::string(kIndent) + Count(first_, "row") + " before\n";
    if (in_columns_) {
      std::string header;
      for (std::size_t lane = 0; lane < lanes_.size(); ++lane) AddCell(lane, lanes_[lane], header);
      AddLine(" ", "", header, text);
    }
    std::vector<int> open(lanes_.size(), 0);  // calls under way
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Row& row = rows_[i];
      if (i >= first_) {
        std::string line;
        if (in_columns_) {
          for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
            AddCell(lane, lane == row.lane ? row.text : open[lane] > 0 ? "|" : "", line);
        } else {
          line = lanes_[row.lane] + ": " + row.text;
        }
        AddLine(i + 1 == rows_.size() ? ">" : " ", std::to_string(i + 1), line, text);
      }
      open[row.lane] += row.is_call ? 1 : -1;
    }
    return text;
  }

 private:
  void AddCell(std::size_t lane, const std::string& cell, std::string& line) const {
    absl::StrAppendFormat(&line, "%-*s", static_cast<int>(widths_[lane] + kGap), cell);
  }
  void AddLine(const std::string& mark, const std::string& number, std::string line, std::string& text) const {
    const int width = static_cast<int>(std::to_string(rows_.size()).size());
    line = absl::StrFormat("%s%s %*s  %s", kIndent, mark, width, number, line);
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }

  const std::vector<std::string>& lanes_;
  const std::vector<Row>& rows_;
  const std::size_t first_;
  std::vector<std::size_t> widths_;
  bool in_columns_ = true;
};

// The words one after the other, with commas between them, in lines that fit.
std::string Filled(const std::string& begin, const std::vector<std::string>& words) {
  std::string text;
  std::string line = begin;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    if (line.size() + 1 + word.size() > kWidth) {
      text += line + "\n";
      line = std::string(kIndent) + kIndent + word;
    } else {
      line += " " + word;
    }
  }
  return text + line + "\n";
}

}  // namespace

std::string HistoryBase::Explain(const Judgement& judgement) const {
  if (judgement.verdict == Verdict::kLinearizable) return {};
  if (judgement.verdict == Verdict::kUndecided) {
    return "undecided: the budget ended before there was an order of the calls, or none\n" + std::string(kIndent) +
           Thousands(judgement.configurations) + " configurations of " + Count(spans_.size(), "call") +
           " were looked at: record fewer calls, give them keys (KeyOf), or allow more (JudgementOptions)\n";
  }
  // Only what is of the key of the event that cannot be explained, up to that.
  const auto culprit =
      std::find_if(spans_.begin(), spans_.end(), [&](const Span& span) { return span.ended == judgement.explained; });
  HOCKET_CHECK(culprit != spans_.end()) << "the judgement is not one of this history";
  std::vector<Row> rows;
  std::vector<std::size_t> used;  // lanes
  for (std::size_t call = 0; call < spans_.size(); ++call) {
    const Span& span = spans_[call];
    if (span.key != culprit->key || span.called > judgement.explained) continue;
    rows.push_back({span.called, true, span.lane, OneLine(CallText(call))});
    if (span.ended <= judgement.explained)
      rows.push_back({span.ended, false, span.lane, OneLine(EndText(span, ResultText(call)))});
    used.push_back(span.lane);
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.event < b.event; });

  // Lanes in the order of their paths, of which main/2 comes before main/10.
  const auto sort_key = [&](std::size_t lane) {
    return std::make_pair(lanes_[lane].second.size(), lanes_[lane].second);
  };
  std::sort(used.begin(), used.end(), [&](std::size_t a, std::size_t b) { return sort_key(a) < sort_key(b); });
  used.erase(std::unique(used.begin(), used.end()), used.end());
  std::vector<std::string> lanes;
  for (const std::size_t lane : used) lanes.push_back(OneLine(lanes_[lane].second));
  for (Row& row : rows)
    row.lane = static_cast<std::size_t>(std::find(used.begin(), used.end(), row.lane) - used.begin());

  std::string text = "no order of the calls explains what they returned\n";
  if (const std::string name = KeyText(culprit->key); !name.empty())
    text += std::string(kIndent) + "of the key " + OneLine(name) + ":\n";
  text += Table(lanes, rows, rows.size() > kMostRows ? rows.size() - kMostRows : 0).Text();
  const std::size_t explained = rows.size() - 1;
  std::vector<std::string> order;
  for (const std::size_t call : judgement.order) {
    const bool has_returned = spans_[call].ended < judgement.explained && !spans_[call].interrupted;
    const std::string result = has_returned ? ResultText(call) : "";
    order.push_back(OneLine(CallText(call) + (result.empty() ? "" : " -> " + result)));
  }
  if (order.empty()) order.push_back("no call has taken effect");
  const std::string which = explained == 1 ? " 1:" : "s 1 to " + std::to_string(explained) + ":";
  text += Filled(kIndent + ("what explains row" + which), order);
  if (!judgement.explained_is_most)
    text += std::string(kIndent) + "(more rows may be explained: the budget ended before that was known)\n";
  return text;
}

namespace internal {

::testing::AssertionResult IsLinearizable(const char* text, const HistoryBase& history) {
  const Judgement judgement = history.Judge();
  if (judgement.verdict == Verdict::kLinearizable) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << text << ": " << history.Explain(judgement);
}

}  // namespace internal

}  // namespace hocket::testing
