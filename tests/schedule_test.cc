#include "hocket/testing/schedule.h"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"  // After gtest, which it extends.

namespace hocket::testing {

// How GoogleTest and RapidCheck show a schedule.
void PrintTo(const Schedule& schedule, std::ostream* out) { *out << FormatScheduleFile(schedule); }
void showValue(const Schedule& schedule, std::ostream& out) { out << FormatScheduleFile(schedule); }

namespace {

// Every field, every kind of escape, and a repeat.
Schedule FullSchedule() {
  Schedule schedule;
  schedule.test = "All/Bank.Audit/3";
  schedule.failure = {"step-limit", 0x5f3a9c01};
  schedule.input = {"rc", "12 345", "", "0.3.1"};
  schedule.base = Base::kFifo;
  schedule.deviations = {{{"main/0", "Checkpoint", 1}, "main/1"}, {{"main/0", "Checkpoint", 2}, "clock"}};
  schedule.draws = {{{"main/worker.1", "a,b:c=d%", 1}, 3}};
  schedule.trace = {4, 0x00001f00d2e4b716};
  schedule.exact = {
      {2, "main/1", "start"}, {2, "main/0", "\xC3\xA9\n#"}, {2, "main/0", "\xC3\xA9\n#"}, {3, "main/1", "start"}};
  return schedule;
}

constexpr char kFullFile[] =
    "hocket-schedule 1\n"
    "test All/Bank.Audit/3\n"
    "failure step-limit 5f3a9c01\n"
    "input rc 12%20345 %- 0.3.1\n"
    "base fifo\n"
    "at main/0 Checkpoint 1 run main/1\n"
    "at main/0 Checkpoint 2 run clock\n"
    "draw main/worker.1 a%2Cb%3Ac%3Dd%25 1 3\n"
    "trace 4 00001f00d2e4b716\n"
    "tasks main/1 main/0\n"
    "ops start %C3%A9%0A%23\n"
    "exact 2.0.0 2.1.1x2 3.0.0\n";

constexpr char kFullToken[] =
    "h1:test=All/Bank.Audit/3:failure=step-limit,5f3a9c01:"
    "input=rc,12%20345,%-,0.3.1:base=fifo:at=main/0,Checkpoint,1,main/1:"
    "at=main/0,Checkpoint,2,clock:draw=main/worker.1,a%2Cb%3Ac%3Dd%25,1,3:"
    "trace=4,00001f00d2e4b716:tasks=main/1,main/0:ops=start,%C3%A9%0A%23:"
    "exact=2.0.0,2.1.1x2,3.0.0";

// The message of the error, or what was read although it should not have been.
std::string ErrorOf(const absl::StatusOr<Schedule>& result) {
  if (result.ok()) return "no error, but:\n" + FormatScheduleFile(*result);
  if (!absl::IsInvalidArgument(result.status())) {
    return "not an InvalidArgument: " + result.status().ToString();
  }
  return std::string(result.status().message());
}

std::string WithoutRemarks(const std::string& text) {
  std::string result;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    const std::size_t length = end == std::string::npos ? text.size() - start : end + 1 - start;
    if (text[start] != '#' && text[start] != '\n') {
      result += text.substr(start, length);
    }
    start += length;
  }
  return result;
}

bool IsPlacedError(const std::string& message, const std::string& place) {
  return message.rfind(place, 0) == 0 && message.find(": expected ") != std::string::npos &&
         message.find(", found ") != std::string::npos;
}

// Whether the parser did what it promises for any bytes at all: a placed error,
// or a schedule of which `text` is the one spelling. Empty if it did.
std::string WrongAboutFile(const std::string& text) {
  const absl::StatusOr<Schedule> schedule = ParseScheduleFile(text);
  if (!schedule.ok()) {
    const std::string error = ErrorOf(schedule);
    return IsPlacedError(error, "line ") ? "" : "error without place: " + error;
  }
  if (FormatScheduleFile(*schedule) == WithoutRemarks(text)) return "";
  return "accepted, although not canonical:\n" + text;
}

std::string WrongAboutToken(const std::string& token) {
  const absl::StatusOr<Schedule> schedule = ParseToken(token);
  if (!schedule.ok()) {
    const std::string error = ErrorOf(schedule);
    return IsPlacedError(error, "token, character ") ? "" : "error without place: " + error;
  }
  if (FormatToken(*schedule) == token) return "";
  return "accepted, although not canonical: " + token;
}

// Each text that differs from `text` in one place: a byte deleted, replaced or
// inserted, or everything behind it cut off.
std::vector<std::string> DamagedCopies(const std::string& text) {
  constexpr std::string_view kBytes("\0 \n\r#%,:=.-0123x~AFaf\xFF", 22);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string head = text.substr(0, i);
    result.push_back(head);
    result.push_back(head + text.substr(i + 1));
    for (const char byte : kBytes) {
      result.push_back(head + byte + text.substr(i));
      if (byte != text[i]) result.push_back(head + byte + text.substr(i + 1));
    }
  }
  return result;
}

// Generators. Words are what programs use, or any bytes; few enough that
// positions collide and decisions repeat.

rc::Gen<std::string> Words() {
  return rc::gen::oneOf(rc::gen::element<std::string>("main", "main/0", "main/worker.1", "Checkpoint", "Event.Wait", "",
                                                      "%", "%-", "a b", "#", "run", "x2", "\n", "\r\n"),
                        rc::gen::arbitrary<std::string>());
}

rc::Gen<Position> Positions() {
  return rc::gen::apply([](const std::string& task, const std::string& op,
                           std::uint32_t nth) { return Position{task, op, nth == 0 ? 1 : nth}; },
                        Words(), Words(), rc::gen::arbitrary<std::uint32_t>());
}

rc::Gen<std::vector<Decision>> Decisions() {
  const auto decision =
      rc::gen::apply([](std::uint32_t alternatives, const std::string& task,
                        const std::string& op) { return Decision{alternatives < 2 ? 2 : alternatives, task, op}; },
                     rc::gen::element<std::uint32_t>(2, 3, 4294967295), Words(), Words());
  const auto run = rc::gen::pair(decision, rc::gen::inRange(1, 12));
  return rc::gen::map(rc::gen::container<std::vector<std::pair<Decision, int>>>(run),
                      [](const std::vector<std::pair<Decision, int>>& runs) {
                        std::vector<Decision> result;
                        for (const auto& [repeated, times] : runs) {
                          result.insert(result.end(), static_cast<std::size_t>(times), repeated);
                        }
                        return result;
                      });
}

Schedule AnySchedule() {
  Schedule schedule;
  schedule.test = *Words();
  if (*rc::gen::arbitrary<bool>()) {
    schedule.failure = {*rc::gen::element<std::string>("expect", "step-limit", "-"),
                        *rc::gen::arbitrary<std::uint32_t>()};
  }
  schedule.input = *rc::gen::container<std::vector<std::string>>(Words());
  schedule.base = *rc::gen::element(Base::kStay, Base::kFifo, Base::kSpawn);
  const auto positions = rc::gen::container<std::set<Position>>(Positions());
  for (const Position& at : *positions) {
    schedule.deviations.push_back({at, *Words()});
  }
  for (const Position& at : *positions) {
    schedule.draws.push_back({at, *rc::gen::arbitrary<std::uint32_t>()});
  }
  schedule.exact = *Decisions();
  if (*rc::gen::arbitrary<bool>()) {
    schedule.trace = {schedule.exact.empty() ? *rc::gen::arbitrary<std::uint64_t>() : schedule.exact.size(),
                      *rc::gen::arbitrary<std::uint64_t>()};
  }
  return schedule;
}

rc::Gen<Schedule> Schedules() { return rc::gen::exec(AnySchedule); }

// Bytes that get past the first line more often than arbitrary ones.
rc::Gen<std::string> NearlyTexts() {
  const auto piece = rc::gen::element<std::string>(
      "hocket-schedule 1\n", "h1", "base stay\n", ":base=stay", "at", "draw", "input", "trace", "tasks", "ops", "exact",
      " a", "=a", ",a", " 1", ",1", " run", "\n", ":", " 2.0.0", ",2.0.0", "x2", "%-", "%0A", "#", "\r", "%");
  return rc::gen::map(rc::gen::pair(rc::gen::element<std::string>("", "hocket-schedule 1\n", "h1:base=stay",
                                                                  "hocket-schedule 1\n"
                                                                  "base stay\n"),
                                    rc::gen::container<std::vector<std::string>>(piece)),
                      [](const std::pair<std::string, std::vector<std::string>>& pieces) {
                        std::string text = pieces.first;
                        for (const std::string& more : pieces.second) text += more;
                        return text;
                      });
}

// Both spellings of one full example.

TEST(ScheduleFile, SpellsEveryFieldOnItsLine) { EXPECT_EQ(FormatScheduleFile(FullSchedule()), kFullFile); }

TEST(ScheduleFile, GivesBackEveryField) {
  const absl::StatusOr<Schedule> schedule = ParseScheduleFile(kFullFile);
  ASSERT_TRUE(schedule.ok()) << schedule.status();
  EXPECT_EQ(*schedule, FullSchedule());
}

TEST(Token, SpellsEveryFieldInOneWord) { EXPECT_EQ(FormatToken(FullSchedule()), kFullToken); }

TEST(Token, GivesBackEveryField) {
  const absl::StatusOr<Schedule> schedule = ParseToken(kFullToken);
  ASSERT_TRUE(schedule.ok()) << schedule.status();
  EXPECT_EQ(*schedule, FullSchedule());
}

TEST(ScheduleFile, OfAnEmptyScheduleStatesVersionAndBase) {
  EXPECT_EQ(FormatScheduleFile({}), "hocket-schedule 1\nbase stay\n");
  EXPECT_EQ(FormatToken({}), "h1:base=stay");
}

TEST(ScheduleFile, MayHaveCommentsAndBlankLinesAnywhere) {
  const absl::StatusOr<Schedule> schedule =
      ParseScheduleFile("# first, \xFF\n\nhocket-schedule 1\n\n#\nbase spawn\n# last\n\n");
  ASSERT_TRUE(schedule.ok()) << schedule.status();
  EXPECT_EQ(schedule->base, Base::kSpawn);
}

TEST(Token, WithinALimitLeavesOutExactAndNothingElse) {
  const Schedule schedule = FullSchedule();
  Schedule without_exact = schedule;
  without_exact.exact.clear();
  const std::string token = FormatToken(schedule);

  EXPECT_EQ(FormatTokenWithin(schedule, token.size()), token);
  EXPECT_EQ(FormatTokenWithin(schedule, token.size() - 1), FormatToken(without_exact));
  EXPECT_EQ(FormatTokenWithin(schedule, 0), FormatToken(without_exact));
}

// Laws.

RC_GTEST_PROP(ScheduleFile, GivesBackWhatWasWritten, ()) {
  const Schedule schedule = *Schedules();
  const absl::StatusOr<Schedule> read = ParseScheduleFile(FormatScheduleFile(schedule));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == schedule);
}

RC_GTEST_PROP(Token, GivesBackWhatWasWritten, ()) {
  const Schedule schedule = *Schedules();
  const absl::StatusOr<Schedule> read = ParseToken(FormatToken(schedule));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == schedule);
}

RC_GTEST_PROP(Token, NeedsNoQuotesInAShell, ()) {
  const std::string token = FormatToken(*Schedules());
  RC_ASSERT(token.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_./%,:=+@-") == std::string::npos);
}

RC_GTEST_PROP(ScheduleFile, OfAnyBytesIsAnErrorOrCanonical, ()) {
  const std::string text = *rc::gen::oneOf(rc::gen::arbitrary<std::string>(), NearlyTexts());
  RC_ASSERT(WrongAboutFile(text) == "");
}

RC_GTEST_PROP(Token, OfAnyBytesIsAnErrorOrCanonical, ()) {
  const std::string text = *rc::gen::oneOf(rc::gen::arbitrary<std::string>(), NearlyTexts());
  RC_ASSERT(WrongAboutToken(text) == "");
}

// Damage, at every place of the full example.

TEST(ScheduleFile, DamagedAnywhereIsAnErrorOrAnotherSchedule) {
  const Schedule undamaged = FullSchedule();
  for (const std::string& text : DamagedCopies(kFullFile)) {
    ASSERT_EQ(WrongAboutFile(text), "");
    if (WithoutRemarks(text) == kFullFile) continue;
    const absl::StatusOr<Schedule> schedule = ParseScheduleFile(text);
    ASSERT_FALSE(schedule.ok() && *schedule == undamaged) << text;
  }
}

TEST(Token, DamagedAnywhereIsAnErrorOrAnotherSchedule) {
  const Schedule undamaged = FullSchedule();
  for (const std::string& token : DamagedCopies(kFullToken)) {
    if (token == kFullToken) continue;
    ASSERT_EQ(WrongAboutToken(token), "");
    const absl::StatusOr<Schedule> schedule = ParseToken(token);
    ASSERT_FALSE(schedule.ok() && *schedule == undamaged) << token;
  }
}

// Error messages, each in full: place, what was expected, what was found.

struct BadText {
  const char* claim;
  std::string text;
  std::string error;
};

// Names the rows in the test output.
void PrintTo(const BadText& row, std::ostream* out) { *out << row.claim; }

std::string NameOf(const ::testing::TestParamInfo<BadText>& info) { return info.param.claim; }

// After the version line, so that line 2 is the first of the text.
std::string File(const std::string& lines) { return "hocket-schedule 1\n" + lines; }

std::string FileWithExact(const std::string& exact) {
  return File("base stay\ntrace 3 0000000000000000\ntasks a b\nops x y\nexact " + exact + "\n");
}

class BadScheduleFile : public ::testing::TestWithParam<BadText> {};

TEST_P(BadScheduleFile, IsAnErrorThatSaysWhatWasExpectedWhere) {
  EXPECT_EQ(ErrorOf(ParseScheduleFile(GetParam().text)), GetParam().error);
}

const std::string kDecisionExpected =
    "expected a decision such as 2.0.1 (alternatives from 2 on, task, "
    "operation) or 2.0.1x3 (3 of them), found ";
const std::string kLimitExpected =
    "expected at most 1048576 decisions, and 268435456 bytes of names in them, "
    "found ";

INSTANTIATE_TEST_SUITE_P(Structure, BadScheduleFile,
                         ::testing::Values(BadText{"Empty", "",
                                                   "line 1, column 1: expected hocket-schedule, found the end of "
                                                   "the file"},
                                           BadText{"NotASchedule",
                                                   "\x7F"
                                                   "ELF",
                                                   "line 1, column 1: expected hocket-schedule, found '\\x7FELF'"},
                                           BadText{"UnknownVersion", "hocket-schedule 2\nbase stay\n",
                                                   "line 1, column 17: expected version 1 (the only one known), "
                                                   "found '2'"},
                                           BadText{"NoVersion", "hocket-schedule\n",
                                                   "line 1, column 16: expected version 1 (the only one known), "
                                                   "found the end of the line"},
                                           BadText{"CrLf", "hocket-schedule 1\r\nbase stay\r\n",
                                                   "line 1, column 18: expected the end of the line, found a "
                                                   "carriage return (save the file with Unix line ends)"},
                                           BadText{"NoLastNewline", File("base stay"),
                                                   "line 2, column 10: expected the end of the line, found the end "
                                                   "of the file"},
                                           BadText{"NoNewlineAfterAComment", File("base stay\n# x"),
                                                   "line 3, column 4: expected the end of the line, found the end "
                                                   "of the file"},
                                           BadText{"UnknownField", File("base stay\nspeed 3\n"),
                                                   "line 3, column 1: expected at, draw, trace, tasks or the end "
                                                   "of the file, found 'speed'"},
                                           BadText{"FieldTwice", File("test A.B\ntest A.B\nbase stay\n"),
                                                   "line 3, column 1: expected failure, input or base, found "
                                                   "'test'"},
                                           BadText{"FieldOutOfOrder", File("at a b 1 run c\nbase stay\n"),
                                                   "line 2, column 1: expected test, failure, input or base, found "
                                                   "'at'"},
                                           BadText{"DeviationAfterDraw",
                                                   File("base stay\ndraw a b 1 1\nat a b 1 run c\n"),
                                                   "line 4, column 1: expected draw, trace, tasks or the end of "
                                                   "the file, found 'at'"},
                                           BadText{"NoBase", File("test A.B\n"),
                                                   "line 3, column 1: expected failure, input or base, found the "
                                                   "end of the file"},
                                           BadText{"TasksWithoutOps", File("base stay\ntasks a\nexact 2.0.0\n"),
                                                   "line 4, column 1: expected ops, found 'exact'"},
                                           BadText{"DictionariesWithoutExact", File("base stay\ntasks a\nops x\n"),
                                                   "line 5, column 1: expected exact, found the end of the file"},
                                           BadText{"TwoSpaces", File("base  stay\n"),
                                                   "line 2, column 6: expected a base (stay, fifo or spawn), found "
                                                   "' stay'"},
                                           BadText{"SpaceAtTheEndOfALine", File("base stay \n"),
                                                   "line 2, column 10: expected the end of the line, found ' '"},
                                           BadText{"OneWordMore", File("base stay 3\n"),
                                                   "line 2, column 10: expected the end of the line, found ' 3'"},
                                           BadText{"OneWordLess", File("base stay\ntrace 3\n"),
                                                   "line 3, column 8: expected the trace hash, found the end of "
                                                   "the line"},
                                           BadText{"NoWord", File("base\n"),
                                                   "line 2, column 5: expected a base (stay, fifo or spawn), found "
                                                   "the end of the line"}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(
    Words, BadScheduleFile,
    ::testing::Values(BadText{"UnknownBase", File("# x\n\nbase stya\n"),
                              "line 4, column 6: expected a base (stay, fifo or spawn), found "
                              "'stya'"},
                      BadText{"EmptyTestName", File("test %-\nbase stay\n"),
                              "line 2, column 6: expected a name that is not empty, found "
                              "'%-'"},
                      BadText{"UnescapedByte", File("test A=B\nbase stay\n"),
                              "line 2, column 7: expected the escape %3D, found '='"},
                      BadText{"ControlByte", File(std::string("test A\0B\n", 9)),
                              "line 2, column 7: expected the escape %00, found '\\x00'"},
                      BadText{"LowerCaseEscape", File("test A%2cB\nbase stay\n"),
                              "line 2, column 7: expected an escape such as %2F (or %- "
                              "alone), found '%2c'"},
                      BadText{"HalfAnEscape", File("test A%2\nbase stay\n"),
                              "line 2, column 7: expected an escape such as %2F (or %- "
                              "alone), found '%2'"},
                      BadText{"EmptyWordInsideAWord", File("test A%-\nbase stay\n"),
                              "line 2, column 7: expected an escape such as %2F (or %- "
                              "alone), found '%-'"},
                      BadText{"EscapeOfAPlainByte", File("test %41\nbase stay\n"),
                              "line 2, column 6: expected 'A' without an escape, found "
                              "'%41'"},
                      BadText{"LongWord", File("base " + std::string(50, 'y') + "\n"),
                              "line 2, column 6: expected a base (stay, fifo or spawn), found "
                              "'" +
                                  std::string(40, 'y') + "...'"},
                      BadText{"FailureKindWithADigit", File("failure e2 00000000\n"),
                              "line 2, column 9: expected a kind of failure (a-z and '-'), "
                              "found 'e2'"},
                      BadText{"FailureKindEmpty", File("failure %- 00000000\n"),
                              "line 2, column 9: expected a kind of failure (a-z and '-'), "
                              "found '%-'"},
                      BadText{"ShortIdentity", File("failure expect 5f3a\n"),
                              "line 2, column 16: expected the identity of the failure (8 "
                              "digits 0-9 a-f), found '5f3a'"},
                      BadText{"UpperCaseHash", File("base stay\ntrace 1 9C3A1F00D2E4B716\n"),
                              "line 3, column 9: expected the trace hash (16 digits 0-9 a-f), "
                              "found '9C3A1F00D2E4B716'"},
                      BadText{"TimeZero", File("base stay\nat a b 0 run c\n"),
                              "line 3, column 8: expected which time it is (1 to 4294967295, "
                              "without leading zeros), found '0'"},
                      BadText{"LeadingZero", File("base stay\nat a b 01 run c\n"),
                              "line 3, column 8: expected which time it is (1 to 4294967295, "
                              "without leading zeros), found '01'"},
                      BadText{"NumberTooLarge", File("base stay\ndraw a b 1 4294967296\n"),
                              "line 3, column 12: expected the value drawn (0 to 4294967295, "
                              "without leading zeros), found '4294967296'"},
                      BadText{"NumberFarTooLarge", File("base stay\ntrace 18446744073709551616 0\n"),
                              "line 3, column 7: expected the number of decisions (0 to "
                              "18446744073709551615, without leading zeros), found "
                              "'18446744073709551616'"},
                      BadText{"NegativeNumber", File("base stay\ndraw a b 1 -1\n"),
                              "line 3, column 12: expected the value drawn (0 to 4294967295, "
                              "without leading zeros), found '-1'"},
                      BadText{"NoRun", File("base stay\nat a b 1 c\n"), "line 3, column 10: expected 'run', found 'c'"},
                      BadText{"DeviationTwice",
                              File("base stay\nat a b 1 run c\nat a b 2 run c\n"
                                   "at a b 1 run d\n"),
                              "line 5, column 8: expected a position that no earlier field "
                              "has, found 'a' at 'b' for time 1 again"},
                      BadText{"DrawTwice", File("base stay\ndraw a b 1 3\ndraw a b 1 3\n"),
                              "line 4, column 10: expected a position that no earlier field "
                              "has, found 'a' at 'b' for time 1 again"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Exact, BadScheduleFile,
    ::testing::Values(
        BadText{"TooFewDecisions", FileWithExact("2.0.0 2.1.1"),
                "line 6, column 18: expected 3 decisions, as trace says (2 are "
                "listed), found the end of the line"},
        BadText{"TooManyDecisions", FileWithExact("2.0.0 2.1.1x3"),
                "line 6, column 20: expected 3 decisions, as trace says (4 are "
                "listed), found the end of the line"},
        BadText{"OneAlternative", FileWithExact("1.0.0"), "line 6, column 7: " + kDecisionExpected + "'1.0.0'"},
        BadText{"TwoNumbers", FileWithExact("2.0"), "line 6, column 7: " + kDecisionExpected + "'2.0'"},
        BadText{"FourNumbers", FileWithExact("2.0.0.0"), "line 6, column 7: " + kDecisionExpected + "'2.0.0.0'"},
        BadText{"RepeatedOnce", FileWithExact("2.0.0x1"), "line 6, column 7: " + kDecisionExpected + "'2.0.0x1'"},
        BadText{"RepeatedTwice", FileWithExact("2.0.0x2x2"), "line 6, column 7: " + kDecisionExpected + "'2.0.0x2x2'"},
        BadText{"NotMerged", FileWithExact("2.0.0 2.0.0x2"),
                "line 6, column 13: expected equal decisions as one, with the "
                "sum of their repeats, found '2.0.0x2' after its equal"},
        BadText{"TaskOutOfOrder", FileWithExact("2.1.0 2.0.1 2.0.0"),
                "line 6, column 7: expected the index of a task of at most 0 "
                "(they are listed in order of first use), found 1"},
        BadText{"OperationOutsideTheDictionary", FileWithExact("2.0.0 2.1.1 2.0.2"),
                "line 6, column 19: expected the index of an operation of at "
                "most 1 (they are listed in order of first use), found 2"},
        BadText{"UnusedTask", FileWithExact("2.0.0 2.0.1 2.0.0"),
                "line 6, column 24: expected a decision that uses index 1 of a "
                "task, 'b', found the end of the line"},
        BadText{"UnusedOperation", FileWithExact("2.0.0 2.1.0 2.0.0"),
                "line 6, column 24: expected a decision that uses index 1 of an "
                "operation, 'y', found the end of the line"},
        BadText{"TaskListedTwice", File("base stay\ntasks a a\n"),
                "line 3, column 9: expected a task that is not listed yet, "
                "found 'a'"},
        BadText{"MoreDecisionsThanMemoryIsFor", FileWithExact("2.0.0 2.1.1x4294967295"),
                "line 6, column 13: " + kLimitExpected + "'2.1.1x4294967295'"},
        BadText{"MoreNamesThanMemoryIsFor",
                File("base stay\ntasks " + std::string(300, 'a') + "\nops x\nexact 2.0.0x1000000\n"),
                "line 5, column 7: " + kLimitExpected + "'2.0.0x1000000'"}),
    NameOf);

class BadToken : public ::testing::TestWithParam<BadText> {};

TEST_P(BadToken, IsAnErrorThatSaysWhatWasExpectedWhere) {
  EXPECT_EQ(ErrorOf(ParseToken(GetParam().text)), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(All, BadToken,
                         ::testing::Values(BadText{"Empty", "",
                                                   "token, character 1: expected h1 (version 1 is the only one "
                                                   "known), found the end of the token"},
                                           BadText{"UnknownVersion", "h2:base=stay",
                                                   "token, character 1: expected h1 (version 1 is the only one "
                                                   "known), found 'h2'"},
                                           BadText{"VersionOnly", "h1",
                                                   "token, character 3: expected test, failure, input or base, "
                                                   "found the end of the token"},
                                           BadText{"VersionWithAWord", "h1=1:base=stay",
                                                   "token, character 3: expected ':' or the end, found '=1'"},
                                           BadText{"UnknownBase", "h1:base=stya",
                                                   "token, character 9: expected a base (stay, fifo or spawn), "
                                                   "found 'stya'"},
                                           BadText{"NothingAfterAColon", "h1:base=stay:",
                                                   "token, character 14: expected a field after the ':', found the "
                                                   "end of the token"},
                                           BadText{"NothingAfterAComma", "h1:input=rc,:base=stay",
                                                   "token, character 13: expected a word of the input, found "
                                                   "':base'"},
                                           BadText{"KeyWithoutWords", "h1:input:base=stay",
                                                   "token, character 9: expected a word of the input, found "
                                                   "':base'"},
                                           BadText{"RunAsInFiles", "h1:base=stay:at=a,b,1,run,c",
                                                   "token, character 26: expected ':' or the end, found ',c'"},
                                           BadText{"Newline", "h1:base=stay\n",
                                                   "token, character 9: expected a base (stay, fifo or spawn), "
                                                   "found 'stay\\x0A'"},
                                           BadText{"Comment", "# x\nh1:base=stay",
                                                   "token, character 1: expected h1 (version 1 is the only one "
                                                   "known), found '# x\\x0Ah1'"}),
                         NameOf);

// Schedules that are not well-formed can be printed, and not read back.

struct Malformed {
  const char* claim;
  void (*spoil)(Schedule&);
};
void PrintTo(const Malformed& row, std::ostream* out) { *out << row.claim; }

class MalformedSchedule : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedSchedule, IsFormattedAsTextThatDoesNotParse) {
  Schedule schedule = FullSchedule();
  GetParam().spoil(schedule);
  EXPECT_EQ(WrongAboutFile(FormatScheduleFile(schedule)), "");
  EXPECT_FALSE(ParseScheduleFile(FormatScheduleFile(schedule)).ok());
  EXPECT_FALSE(ParseToken(FormatToken(schedule)).ok());
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedSchedule,
    ::testing::Values(Malformed{"EmptyFailureKind", [](Schedule& s) { s.failure->kind = ""; }},
                      Malformed{"FailureKindOfOtherBytes", [](Schedule& s) { s.failure->kind = "a b\n"; }},
                      Malformed{"DeviationAtTimeZero", [](Schedule& s) { s.deviations[0].at.nth = 0; }},
                      Malformed{"DrawAtTimeZero", [](Schedule& s) { s.draws[0].at.nth = 0; }},
                      Malformed{"DeviationTwice", [](Schedule& s) { s.deviations[1].at = s.deviations[0].at; }},
                      Malformed{"DrawTwice", [](Schedule& s) { s.draws.push_back(s.draws[0]); }},
                      Malformed{"OneAlternative", [](Schedule& s) { s.exact[0].alternatives = 1; }},
                      Malformed{"ExactShorterThanTheTrace", [](Schedule& s) { s.exact.pop_back(); }}),
    [](const auto& row) { return std::string(row.param.claim); });

TEST(ScheduleFile, MayHaveAsManyDecisionsAsTheLimitSaysAndNoMore) {
  const std::string start = File("base stay\ntasks a\nops x\nexact ");
  const absl::StatusOr<Schedule> read = ParseScheduleFile(start + "2.0.0x1048576\n");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->exact.size(), kMaxDecisions);
  EXPECT_EQ(ErrorOf(ParseScheduleFile(start + "2.0.0 3.0.0x1048576\n")),
            "line 5, column 13: " + kLimitExpected + "'3.0.0x1048576'");
}

// The specification's examples are canonical, and are the same schedule.

std::string FencedBlock(const std::string& document, const std::string& kind) {
  const std::string fence = "```" + kind + "\n";
  const std::size_t start = document.find(fence);
  if (start == std::string::npos) return "no block of kind " + kind;
  const std::size_t text = start + fence.size();
  return document.substr(text, document.find("```", text) - text);
}

TEST(ScheduleFormatDocument, HasOneExampleInBothSpellings) {
  std::ifstream in("docs/schedule_format.md");
  ASSERT_TRUE(in.is_open()) << "run in the repository's root, or add "
                               "docs/schedule_format.md to the test's data";
  std::ostringstream document;
  document << in.rdbuf();
  const std::string file = FencedBlock(document.str(), "schedule");
  const std::string token = FencedBlock(document.str(), "token");

  const absl::StatusOr<Schedule> schedule = ParseScheduleFile(file);
  ASSERT_TRUE(schedule.ok()) << schedule.status();
  EXPECT_EQ(FormatScheduleFile(*schedule), WithoutRemarks(file));
  EXPECT_EQ(FormatToken(*schedule) + "\n", token);

  std::string misspelt = file;
  misspelt.replace(misspelt.find("stay"), 4, "stya");
  const std::string error = ErrorOf(ParseScheduleFile(misspelt));
  EXPECT_NE(document.str().find("    " + error + "\n"), std::string::npos) << error;
}

}  // namespace
}  // namespace hocket::testing
