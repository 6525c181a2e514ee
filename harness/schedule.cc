// Reads and writes schedules: docs/schedule_format.md is the definition.
//
// Idea: the two spellings differ in three separators, in how the version is
// written and in the word `run`; comments and line ends are of files only. So
// there is one Reader and one Writer that know the separators, and one function
// each, ReadSchedule and WriteSchedule, that knows the fields, in their order.
//
// Source: a recursive-descent reader with a sticky first error, so that the
// grammar reads as straight code.
//
// Left out: any repair of texts that are almost right; reading older versions,
// because there are none.
//
// Tests: tests/schedule_test.cc, where the round trips are laws.

#include "hocket/testing/schedule.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace hocket::testing {
namespace {

constexpr std::size_t kMaxExpandedNameBytes = std::size_t{1} << 28;
constexpr std::size_t kMaxQuotedBytes = 40;
constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();

constexpr std::string_view kEmptyWord = "%-";
constexpr const char* kBaseNames[] = {"stay", "fifo", "spawn"};

struct Spelling {
  bool is_file;
  char after_key;
  char between_words;
  char after_field;
};
constexpr Spelling kFile = {true, ' ', ' ', '\n'};
constexpr Spelling kToken = {false, '=', ',', ':'};

bool IsIn(char c, char first, char last) { return first <= c && c <= last; }

bool IsPlain(char c) {
  return IsIn(c, 'A', 'Z') || IsIn(c, 'a', 'z') || IsIn(c, '0', '9') ||
         std::string_view("_./+@-").find(c) != std::string_view::npos;
}

bool IsUpperHex(char c) { return IsIn(c, '0', '9') || IsIn(c, 'A', 'F'); }
bool IsLowerHex(char c) { return IsIn(c, '0', '9') || IsIn(c, 'a', 'f'); }

std::string UpperHex(char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {kDigits[byte >> 4], kDigits[byte & 15]};
}

// Messages stay short and printable whatever the text holds.
std::string Quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text.substr(0, kMaxQuotedBytes)) {
    if (IsIn(c, ' ', '~')) {
      result += c;
    } else {
      result += "\\x" + UpperHex(c);
    }
  }
  if (text.size() > kMaxQuotedBytes) result += "...";
  return result + "'";
}

std::string JoinedWithOr(const std::vector<std::string>& names) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) result += i + 1 < names.size() ? ", " : " or ";
    result += names[i];
  }
  return result;
}

// A decimal number without leading zeros, within bounds.
std::optional<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  if (value < min || value > max) return std::nullopt;
  return value;
}

// Reads fields and their words, in order. The first error sticks: from then on
// nothing is taken, no word follows and every value is empty or the least that
// was asked for, so that callers need no check after each step.
class Reader {
 public:
  Reader(std::string_view text, const Spelling& spelling) : text_(text), spelling_(spelling) {
    if (spelling_.is_file) SkipRemarks();
  }

  const Spelling& spelling() const { return spelling_; }
  const absl::Status& status() const { return status_; }

  // Enters the next field if its key is `key`.
  bool Take(const std::string& key) {
    if (!FinishField()) return false;
    if (Key() != key) {
      expected_keys_.push_back(key);
      return false;
    }
    pos_ += key.size();
    in_field_ = true;
    before_first_word_ = true;
    expected_keys_.clear();
    return true;
  }

  void Require(const std::string& key) {
    if (!Take(key)) FailAtField();
  }

  void Require(const std::string& key, const std::string& expected) {
    if (!Take(key)) Fail(pos_, expected, Found());
  }

  void RequireEnd() {
    if (!FinishField() || pos_ == text_.size()) return;
    expected_keys_.push_back(EndOfText());
    FailAtField();
  }

  // Whether the field goes on after the word that was read last.
  bool HasNextWord() const { return status_.ok() && pos_ < text_.size() && text_[pos_] == spelling_.between_words; }

  // The next word as it stands; never empty unless there was an error.
  std::string_view RawWord(const std::string& expected) {
    if (!status_.ok()) return {};
    const char separator = before_first_word_ ? spelling_.after_key : spelling_.between_words;
    if (pos_ == text_.size() || text_[pos_] != separator) {
      Fail(pos_, expected, Found());
      return {};
    }
    before_first_word_ = false;
    word_start_ = ++pos_;
    const std::string_view word = UpTo(spelling_.between_words, spelling_.after_field);
    if (word.empty()) Fail(pos_, expected, Found());
    pos_ += word.size();
    return word;
  }

  std::string Word(const std::string& expected) {
    const std::string_view raw = RawWord(expected);
    return raw == kEmptyWord ? "" : Unescaped(raw);
  }

  std::uint64_t Number(const std::string& expected, std::uint64_t min, std::uint64_t max) {
    const std::string_view raw = RawWord(expected);
    const auto value = ParseNumber(raw, min, max);
    if (!value) {
      FailAtWord(absl::StrCat(expected, " (", min, " to ", max, ", without leading zeros)"), Quoted(raw));
    }
    return value.value_or(min);
  }

  std::uint64_t Hex(const std::string& expected, std::size_t digits) {
    const std::string_view raw = RawWord(expected);
    std::uint64_t value = 0;
    if (raw.size() != digits || !std::all_of(raw.begin(), raw.end(), IsLowerHex)) {
      FailAtWord(absl::StrCat(expected, " (", digits, " digits 0-9 a-f)"), Quoted(raw));
    } else {
      std::from_chars(raw.data(), raw.data() + raw.size(), value, 16);
    }
    return value;
  }

  // Errors at the word that was read last, and behind it.
  void FailAtWord(const std::string& expected, const std::string& found) { Fail(word_start_, expected, found); }
  void FailAfterWord(const std::string& expected) { Fail(pos_, expected, Found()); }

  void Fail(std::size_t offset, const std::string& expected, const std::string& found) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(absl::StrCat(Place(offset), ": expected ", expected, ", found ", found));
  }

 private:
  // Moves from the end of a field to the start of the next one. False if there
  // is an error.
  bool FinishField() {
    if (!status_.ok() || !in_field_) return status_.ok();
    in_field_ = false;
    const bool at_end = pos_ == text_.size();
    if (at_end && !spelling_.is_file) return true;
    if (at_end || text_[pos_] != spelling_.after_field) {
      Fail(pos_, spelling_.is_file ? "the end of the line" : "':' or the end", Found());
      return false;
    }
    ++pos_;
    if (spelling_.is_file) {
      SkipRemarks();
    } else if (pos_ == text_.size()) {
      Fail(pos_, "a field after the ':'", Found());
    }
    return status_.ok();
  }

  void SkipRemarks() {
    while (pos_ < text_.size() && (text_[pos_] == '#' || text_[pos_] == '\n')) {
      const std::size_t end = text_.find('\n', pos_);
      if (end == std::string_view::npos) {
        Fail(text_.size(), "the end of the line", EndOfText());
        return;
      }
      pos_ = end + 1;
    }
  }

  std::string Unescaped(std::string_view raw) {
    std::string result;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (IsPlain(raw[i])) {
        result += raw[i];
        continue;
      }
      if (raw[i] != '%') {
        Fail(word_start_ + i, "the escape %" + UpperHex(raw[i]), Quoted(raw.substr(i, 1)));
        return {};
      }
      const std::string_view escape = raw.substr(i, 3);
      if (escape.size() < 3 || !IsUpperHex(escape[1]) || !IsUpperHex(escape[2])) {
        Fail(word_start_ + i, "an escape such as %2F (or %- alone)", Quoted(escape));
        return {};
      }
      unsigned char byte = 0;
      std::from_chars(escape.data() + 1, escape.data() + 3, byte, 16);
      const char c = static_cast<char>(byte);
      if (IsPlain(c)) {
        Fail(word_start_ + i, Quoted({&c, 1}) + " without an escape", Quoted(escape));
        return {};
      }
      result += c;
      i += 2;
    }
    return result;
  }

  void FailAtField() { Fail(pos_, JoinedWithOr(expected_keys_), Found()); }

  std::string_view UpTo(char a, char b) const {
    const char stops[] = {a, b};
    const std::size_t end = text_.find_first_of({stops, 2}, pos_);
    return text_.substr(pos_, end - pos_);
  }

  std::string_view Key() const { return UpTo(spelling_.after_key, spelling_.after_field); }

  // What stands at `pos_`, up to the next separator behind it.
  std::string Found() const {
    if (pos_ == text_.size()) return EndOfText();
    if (spelling_.is_file && text_[pos_] == '\n') return "the end of the line";
    const char stops[] = {spelling_.after_key, spelling_.between_words, spelling_.after_field};
    const std::size_t end = text_.find_first_of({stops, 3}, pos_ + 1);
    return Quoted(text_.substr(pos_, end - pos_));
  }

  std::string EndOfText() const { return spelling_.is_file ? "the end of the file" : "the end of the token"; }

  std::string Place(std::size_t offset) const {
    if (!spelling_.is_file) return absl::StrCat("token, character ", offset + 1);
    const std::string_view before = text_.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    // Without a newline, rfind's npos + 1 is 0: the line starts the text.
    const std::size_t line_start = before.rfind('\n') + 1;
    return absl::StrCat("line ", line, ", column ", offset - line_start + 1);
  }

  const std::string_view text_;
  const Spelling& spelling_;
  std::size_t pos_ = 0;
  std::size_t word_start_ = 0;
  bool in_field_ = false;
  bool before_first_word_ = false;
  std::vector<std::string> expected_keys_;  // Asked for at this field, in vain.
  absl::Status status_;
};

void ReadVersion(Reader& in) {
  if (!in.spelling().is_file) {
    in.Require("h1", "h1 (version 1 is the only one known)");
    return;
  }
  in.Require("hocket-schedule");
  const std::string expected = "version 1 (the only one known)";
  const std::string_view version = in.RawWord(expected);
  if (version != "1") in.FailAtWord(expected, Quoted(version));
}

std::string ReadTestName(Reader& in) {
  std::string name = in.Word("the full name of a test");
  if (name.empty()) in.FailAtWord("a name that is not empty", "'%-'");
  return name;
}

FailureIdentity ReadFailure(Reader& in) {
  const std::string expected = "a kind of failure (a-z and '-')";
  const std::string_view kind = in.RawWord(expected);
  const auto fits = [](char c) { return IsIn(c, 'a', 'z') || c == '-'; };
  if (!std::all_of(kind.begin(), kind.end(), fits)) {
    in.FailAtWord(expected, Quoted(kind));
  }
  const std::uint64_t id = in.Hex("the identity of the failure", 8);
  return {std::string(kind), static_cast<std::uint32_t>(id)};
}

Base ReadBase(Reader& in) {
  const std::string expected = "a base (stay, fifo or spawn)";
  const std::string_view name = in.RawWord(expected);
  const auto* const found = std::find(std::begin(kBaseNames), std::end(kBaseNames), name);
  if (found == std::end(kBaseNames)) {
    in.FailAtWord(expected, Quoted(name));
    return Base::kStay;
  }
  return static_cast<Base>(found - std::begin(kBaseNames));
}

Position ReadPosition(Reader& in, const std::string& op, std::set<Position>& known) {
  Position result;
  result.task = in.Word("a task");
  result.op = in.Word(op);
  result.nth = static_cast<std::uint32_t>(in.Number("which time it is", 1, kMax32));
  if (!known.insert(result).second) {
    in.FailAtWord("a position that no earlier field has",
                  absl::StrCat(Quoted(result.task), " at ", Quoted(result.op), " for time ", result.nth, " again"));
  }
  return result;
}

Deviation ReadDeviation(Reader& in, std::set<Position>& known) {
  Deviation result;
  result.at = ReadPosition(in, "an operation", known);
  if (in.spelling().is_file) {
    const std::string_view word = in.RawWord("'run'");
    if (word != "run") in.FailAtWord("'run'", Quoted(word));
  }
  result.run = in.Word("the task to run");
  return result;
}

DrawnValue ReadDraw(Reader& in, std::set<Position>& known) {
  DrawnValue result;
  result.at = ReadPosition(in, "a label", known);
  result.value = static_cast<std::uint32_t>(in.Number("the value drawn", 0, kMax32));
  return result;
}

TraceSummary ReadTrace(Reader& in) {
  TraceSummary result;
  result.decisions = in.Number("the number of decisions", 0, kMax64);
  result.hash = in.Hex("the trace hash", 16);
  return result;
}

std::vector<std::string> ReadWords(Reader& in, const std::string& expected) {
  std::vector<std::string> result;
  do {
    result.push_back(in.Word(expected));
  } while (in.HasNextWord());
  return result;
}

// The names that `exact` refers to by index: those that it has used are the
// first `used`, because a dictionary stands in the order of first use.
class Dictionary {
 public:
  Dictionary(Reader& in, std::string noun) : noun_(std::move(noun)) {
    std::set<std::string> known;
    do {
      names_.push_back(in.Word(noun_));
      if (!known.insert(names_.back()).second) {
        in.FailAtWord(noun_ + " that is not listed yet", Quoted(names_.back()));
      }
    } while (in.HasNextWord());
  }

  std::string Use(Reader& in, std::uint64_t index) {
    if (index > used_ || index >= names_.size()) {
      const std::size_t max = std::min(used_, names_.size() - 1);
      in.FailAtWord(
          absl::StrCat("the index of ", noun_, " of at most ", max, " (they are listed in order of first use)"),
          std::to_string(index));
      return {};
    }
    if (index == used_) ++used_;
    return names_[index];
  }

  void RequireAllUsed(Reader& in) const {
    if (used_ == names_.size()) return;
    in.FailAfterWord(absl::StrCat("a decision that uses index ", used_, " of ", noun_, ", ", Quoted(names_[used_])));
  }

 private:
  const std::string noun_;
  std::vector<std::string> names_;
  std::size_t used_ = 0;
};

// Equal decisions in a row, as one word of `exact` spells them.
struct Run {
  std::uint64_t alternatives;
  std::uint64_t task;
  std::uint64_t op;
  std::uint64_t repeats;
};

std::optional<Run> ParseRun(std::string_view word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::size_t second_dot = word.find('.', dot + 1);
  if (second_dot == std::string_view::npos) return std::nullopt;
  const std::size_t x = std::min(word.find('x', second_dot), word.size());

  const auto alternatives = ParseNumber(word.substr(0, dot), 2, kMax32);
  const auto task = ParseNumber(word.substr(dot + 1, second_dot - dot - 1), 0, kMax32);
  const auto op = ParseNumber(word.substr(second_dot + 1, x - second_dot - 1), 0, kMax32);
  const auto repeats = x == word.size() ? std::optional<std::uint64_t>(1) : ParseNumber(word.substr(x + 1), 2, kMax32);
  if (!alternatives || !task || !op || !repeats) return std::nullopt;
  return Run{*alternatives, *task, *op, *repeats};
}

std::vector<Decision> ReadExact(Reader& in, Dictionary tasks, Dictionary ops,
                                const std::optional<TraceSummary>& trace) {
  const std::string expected =
      "a decision such as 2.0.1 (alternatives from 2 on, task, operation) or "
      "2.0.1x3 (3 of them)";
  std::vector<Decision> result;
  std::optional<Run> last;
  std::size_t name_bytes = 0;
  do {
    const std::string_view word = in.RawWord(expected);
    const std::optional<Run> run = ParseRun(word);
    if (!run) {
      in.FailAtWord(expected, Quoted(word));
      return {};
    }
    if (last && std::tie(last->alternatives, last->task, last->op) == std::tie(run->alternatives, run->task, run->op)) {
      in.FailAtWord("equal decisions as one, with the sum of their repeats", Quoted(word) + " after its equal");
    }
    const Decision decision = {static_cast<std::uint32_t>(run->alternatives), tasks.Use(in, run->task),
                               ops.Use(in, run->op)};
    if (!in.status().ok()) return {};

    // The limits are looked at before the memory is taken.
    name_bytes += run->repeats * (decision.task.size() + decision.op.size());
    if (run->repeats > kMaxDecisions - result.size() || name_bytes > kMaxExpandedNameBytes) {
      in.FailAtWord(
          absl::StrCat("at most ", kMaxDecisions, " decisions, and ", kMaxExpandedNameBytes, " bytes of names in them"),
          Quoted(word));
      return {};
    }
    result.insert(result.end(), run->repeats, decision);
    last = run;
  } while (in.HasNextWord());

  tasks.RequireAllUsed(in);
  ops.RequireAllUsed(in);
  if (trace && trace->decisions != result.size()) {
    in.FailAfterWord(absl::StrCat(trace->decisions, " decisions, as trace says (", result.size(), " are listed)"));
  }
  return result;
}

absl::StatusOr<Schedule> ReadSchedule(Reader in) {
  Schedule result;
  ReadVersion(in);
  if (in.Take("test")) result.test = ReadTestName(in);
  if (in.Take("failure")) result.failure = ReadFailure(in);
  if (in.Take("input")) result.input = ReadWords(in, "a word of the input");
  in.Require("base");
  result.base = ReadBase(in);
  std::set<Position> deviations;
  while (in.Take("at")) {
    result.deviations.push_back(ReadDeviation(in, deviations));
  }
  std::set<Position> draws;
  while (in.Take("draw")) result.draws.push_back(ReadDraw(in, draws));
  if (in.Take("trace")) result.trace = ReadTrace(in);
  if (in.Take("tasks")) {
    Dictionary tasks(in, "a task");
    in.Require("ops");
    Dictionary ops(in, "an operation");
    in.Require("exact");
    result.exact = ReadExact(in, std::move(tasks), std::move(ops), result.trace);
  }
  in.RequireEnd();
  if (!in.status().ok()) return in.status();
  return result;
}

// Appends fields and their words in one of the spellings.
class Writer {
 public:
  explicit Writer(const Spelling& spelling) : spelling_(spelling) {}

  Writer& Key(const std::string& key) {
    if (!text_.empty()) text_ += spelling_.after_field;
    text_ += key;
    before_first_word_ = true;
    return *this;
  }

  // A word that is known to be plain, and not to be empty.
  Writer& RawWord(std::string_view word) {
    text_ += before_first_word_ ? spelling_.after_key : spelling_.between_words;
    text_ += word;
    before_first_word_ = false;
    return *this;
  }

  Writer& Word(const std::string& word) {
    if (word.empty()) return RawWord(kEmptyWord);
    std::string escaped;
    for (const char c : word) {
      if (IsPlain(c)) {
        escaped += c;
      } else {
        escaped += '%' + UpperHex(c);
      }
    }
    return RawWord(escaped);
  }

  Writer& Number(std::uint64_t number) { return RawWord(std::to_string(number)); }

  Writer& At(const Position& position) { return Word(position.task).Word(position.op).Number(position.nth); }

  std::string Finish() && {
    if (spelling_.is_file) text_ += spelling_.after_field;
    return std::move(text_);
  }

 private:
  const Spelling& spelling_;
  std::string text_;
  bool before_first_word_ = false;
};

// Numbers names in the order in which they are first asked for.
class Numbering {
 public:
  std::size_t Of(const std::string& name) {
    const auto [entry, is_new] = numbers_.emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return entry->second;
  }

  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> names_;
};

void WriteExact(Writer& out, const std::vector<Decision>& exact) {
  Numbering tasks;
  Numbering ops;
  std::vector<std::string> runs;
  for (std::size_t i = 0; i < exact.size();) {
    std::size_t end = i + 1;
    while (end < exact.size() && exact[end] == exact[i]) ++end;
    runs.push_back(absl::StrCat(exact[i].alternatives, ".", tasks.Of(exact[i].task), ".", ops.Of(exact[i].op)));
    if (end - i > 1) runs.back() += absl::StrCat("x", end - i);
    i = end;
  }

  out.Key("tasks");
  for (const std::string& task : tasks.names()) out.Word(task);
  out.Key("ops");
  for (const std::string& op : ops.names()) out.Word(op);
  out.Key("exact");
  for (const std::string& run : runs) out.RawWord(run);
}

enum class ExactForm { kIncluded, kLeftOut };

std::string WriteSchedule(const Schedule& schedule, const Spelling& spelling, ExactForm exact_form) {
  Writer out(spelling);
  if (spelling.is_file) {
    out.Key("hocket-schedule").RawWord("1");
  } else {
    out.Key("h1");
  }
  if (!schedule.test.empty()) out.Key("test").Word(schedule.test);
  if (schedule.failure) {
    out.Key("failure").Word(schedule.failure->kind);
    out.RawWord(absl::StrCat(absl::Hex(schedule.failure->id, absl::kZeroPad8)));
  }
  if (!schedule.input.empty()) {
    out.Key("input");
    for (const std::string& word : schedule.input) out.Word(word);
  }
  out.Key("base").RawWord(ToString(schedule.base));
  for (const Deviation& deviation : schedule.deviations) {
    out.Key("at").At(deviation.at);
    if (spelling.is_file) out.RawWord("run");
    out.Word(deviation.run);
  }
  for (const DrawnValue& draw : schedule.draws) {
    out.Key("draw").At(draw.at).Number(draw.value);
  }
  if (schedule.trace) {
    out.Key("trace").Number(schedule.trace->decisions);
    out.RawWord(absl::StrCat(absl::Hex(schedule.trace->hash, absl::kZeroPad16)));
  }
  if (!schedule.exact.empty() && exact_form == ExactForm::kIncluded) {
    WriteExact(out, schedule.exact);
  }
  return std::move(out).Finish();
}

}  // namespace

const char* ToString(Base base) noexcept { return kBaseNames[static_cast<std::size_t>(base)]; }

Schedule PlanOf(const Schedule& schedule) {
  Schedule plan;
  plan.base = schedule.base;
  plan.deviations = schedule.deviations;
  plan.draws = schedule.draws;
  return plan;
}

absl::StatusOr<Schedule> ParseScheduleFile(const std::string& text) {
  Reader in(text, kFile);
  const std::size_t carriage_return = text.find("\r\n");
  if (carriage_return != std::string::npos) {
    in.Fail(carriage_return, "the end of the line", "a carriage return (save the file with Unix line ends)");
  }
  return ReadSchedule(std::move(in));
}

absl::StatusOr<Schedule> ParseToken(const std::string& token) { return ReadSchedule(Reader(token, kToken)); }

std::string FormatScheduleFile(const Schedule& schedule) {
  return WriteSchedule(schedule, kFile, ExactForm::kIncluded);
}

std::string FormatToken(const Schedule& schedule) { return WriteSchedule(schedule, kToken, ExactForm::kIncluded); }

std::string FormatTokenWithin(const Schedule& schedule, std::size_t max_chars) {
  std::string token = FormatToken(schedule);
  if (token.size() <= max_chars) return token;
  return WriteSchedule(schedule, kToken, ExactForm::kLeftOut);
}

}  // namespace hocket::testing
