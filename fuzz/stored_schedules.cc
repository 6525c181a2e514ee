// What is stored and handed in: schedules as tokens and files, folders of them, decisions by number, strategies and
// settings. What is well-formed comes back as it was; what is not is refused in words.
#include <stdlib.h>

#include <array>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "fuzz/drawn_schedule.h"
#include "harness/decisions.h"
#include "harness/settings.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"
#include "hocket/testing/test.h"

namespace hocket::testing {
namespace {

// ---- Schedules, and texts that are nearly theirs.

void CheckSpellings() {
  const FlawedSchedule drawn = DrawFlawedSchedule();
  const std::string token = FormatToken(drawn.schedule);
  const std::string file = FormatScheduleFile(drawn.schedule);
  const absl::StatusOr<Schedule> of_token = ParseToken(token);
  const absl::StatusOr<Schedule> of_file = ParseScheduleFile(file);
  EXPECT_EQ(of_token.ok(), !drawn.has_flaw) << token;
  EXPECT_EQ(of_file.ok(), !drawn.has_flaw) << file;
  if (of_token.ok()) EXPECT_TRUE(*of_token == drawn.schedule) << token;
  if (of_file.ok()) EXPECT_TRUE(*of_file == drawn.schedule) << file;
  EXPECT_TRUE(LooksLikeToken(token));
  EXPECT_TRUE(IsScheduleFile("no-extension", "# a remark\n\n" + file));
  for (const char c : token) {
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("_./%,:=+@-", c) != nullptr) << token;
  }
}

void CheckDamage() {
  const bool is_file = Coin("file");
  const Schedule schedule = DrawSchedule();
  const std::string text = DrawEdits(is_file ? FormatScheduleFile(schedule) : FormatToken(schedule));
  const absl::StatusOr<Schedule> read = is_file ? ParseScheduleFile(text) : ParseToken(text);
  if (!read.ok()) {
    EXPECT_EQ(WrongAboutRefusal(read.status(), text, is_file), "") << text;
    return;
  }
  // Whatever it says now, it says it in the one way.
  const std::string again = is_file ? FormatScheduleFile(*read) : FormatToken(*read);
  if (!is_file) EXPECT_EQ(again, text);
  EXPECT_TRUE((is_file ? *ParseScheduleFile(again) : *ParseToken(again)) == *read) << text;
}

// ---- Folders.

// A folder of this process, made anew for each input.
class Folder {
 public:
  Folder() : path_(Root()) { Empty(); }
  ~Folder() { Empty(); }

  const std::string& path() const { return path_; }
  std::string Write(const std::string& name, const std::string& content) const {
    const std::string file = path_ + "/" + name;
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  // Made once, and left to whoever cleans up temporary folders.
  static const std::string& Root() {
    static const std::string root = [] {
      std::string pattern = ::testing::TempDir() + "/stored_schedules_XXXXXX";
      HOCKET_CHECK(mkdtemp(pattern.data()) != nullptr) << "no folder can be made: " << pattern;
      return pattern;
    }();
    return root;
  }
  void Empty() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path_, ignored)) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
  }

  const std::string path_;
};

bool CanBeReplayed(const Schedule& schedule) {
  std::vector<std::string> input = schedule.input;
  return TakeDecisions(input).ok();
}

void CheckFolder() {
  const Folder folder;
  std::vector<CorpusEntry> expected;
  bool all_are_good = true;
  std::string damaged;  // the first file that is
  const char* const names[] = {"a.schedule", "b.schedule", "c", "d.schedule"};
  for (const char* name : names) {
    if (!Coin("is there")) continue;
    Schedule schedule = DrawSchedule();
    schedule.test = DrawFrom<const char*>({"Suite.Name", "Suite.Other"}, "its test");
    std::string text = FormatScheduleFile(schedule);
    if (DrawChance(1, 4, "is damaged")) text = DrawEdits(text);
    const std::string file = folder.Write(name, text);
    // What has another name is not looked at.
    if (!file.ends_with(".schedule")) continue;
    const absl::StatusOr<Schedule> read = ParseScheduleFile(text);
    if (!read.ok() || !CanBeReplayed(*read)) {
      if (all_are_good) damaged = file;
      all_are_good = false;
    } else if (read->test == "Suite.Name") {
      expected.push_back({file, *read});
    }
  }
  const absl::StatusOr<std::vector<CorpusEntry>> corpus = ReadCorpus(folder.path(), "Suite.Name");
  EXPECT_EQ(corpus.ok(), all_are_good) << damaged;
  if (!corpus.ok()) {
    EXPECT_EQ(MessageOf(corpus.status()).rfind(damaged + ": ", 0), 0u) << MessageOf(corpus.status());
    return;
  }
  EXPECT_EQ(corpus->size(), expected.size());
  for (std::size_t i = 0; i < std::min(corpus->size(), expected.size()); ++i) {
    EXPECT_EQ((*corpus)[i].file, expected[i].file);
    EXPECT_TRUE((*corpus)[i].schedule == expected[i].schedule);
  }
}

// ---- Decisions by number.

std::string RunsOf(const std::vector<std::uint32_t>& numbers) {
  std::string word;
  FormatRuns(
      numbers.data(), numbers.size(),
      [](void* to, const char* text, std::size_t size) { static_cast<std::string*>(to)->append(text, size); }, &word);
  return word;
}

std::vector<std::uint32_t> DrawNumbers() {
  std::vector<std::uint32_t> numbers;
  for (std::size_t left = DrawBetween<std::size_t>(0, 5, "runs"); left > 0; --left) {
    numbers.insert(numbers.end(), DrawFrom<std::size_t>({1, 2, 10, 300}, "times"),
                   DrawBetween<std::uint32_t>(0, DrawFrom({3u, 1000u, ~0u}, "most"), "number"));
  }
  return numbers;
}

void CheckDecisions() {
  const std::vector<std::string> others = {"rc", "1", "2"};
  std::vector<std::string> input = others;
  const std::vector<std::uint32_t> picks = DrawNumbers();
  const std::vector<std::uint32_t> draws = DrawNumbers();
  std::string picks_word = RunsOf(picks);
  const bool is_damaged = Coin("is damaged");
  if (is_damaged) {
    if (picks_word.size() > 20) picks_word.resize(20);
    picks_word.insert(
        DrawBetween<std::size_t>(0, picks_word.size(), "place"),
        DrawFrom<const char*>({"x", ".", "-", "9", "0", "4294967295", "x1048576", "x1048577", " ", ""}, "piece"));
  }
  input.insert(input.end(), {kDecisions, picks_word, RunsOf(draws)});
  const absl::StatusOr<std::optional<Decisions>> decisions = TakeDecisions(input);
  if (!is_damaged) {
    HOCKET_ASSERT_TRUE(decisions.ok()) << MessageOf(decisions.status());
    EXPECT_EQ((*decisions)->picks, picks);
  }
  if (!decisions.ok()) {
    EXPECT_EQ(MessageOf(decisions.status()).rfind("input, picks, character ", 0), 0u) << MessageOf(decisions.status());
    return;
  }
  HOCKET_ASSERT_TRUE(decisions->has_value());
  EXPECT_EQ((*decisions)->draws, draws);
  EXPECT_EQ(input, others);
  EXPECT_LE((*decisions)->picks.size(), kMaxDecisions);
  // Read again, what was read is the same.
  std::vector<std::string> again = {kDecisions, RunsOf((*decisions)->picks), "-"};
  EXPECT_EQ((*TakeDecisions(again))->picks, (*decisions)->picks);
}

// ---- Strategies.

// A whole number without signs, if `text` is one.
std::optional<std::uint64_t> NumberIn(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const std::string digits = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
  if (digits.size() > 20 || (digits.size() == 20 && digits > "18446744073709551615")) return std::nullopt;
  return std::stoull(digits);
}

std::string DrawNumberText() {
  if (DrawChance(1, 3, "any text")) return DrawText(24, "number text");
  return DrawFrom<const char*>({"0", "1", "100", "101", "", "00", "007", "-1", "+1", "1 ", " 1", "1.0", "0x1", "1e3",
                                "18446744073709551615", "18446744073709551616", "99999999999999999999999"},
                               "number text");
}

// Which parameter each spelling takes, by hand.
struct Spelling {
  const char* name;
  enum class Parameter : std::uint8_t { kNone, kOptional, kRequired } parameter;
  std::uint64_t least;
};
constexpr Spelling kSpellings[] = {
    {"stay", Spelling::Parameter::kNone, 0},       {"fifo", Spelling::Parameter::kNone, 0},
    {"spawn", Spelling::Parameter::kNone, 0},      {"round-robin", Spelling::Parameter::kNone, 0},
    {"trio-batch", Spelling::Parameter::kNone, 0}, {"random", Spelling::Parameter::kNone, 0},
    {"sticky", Spelling::Parameter::kOptional, 0}, {"swarm", Spelling::Parameter::kNone, 0},
    {"pct", Spelling::Parameter::kOptional, 1},    {"pos", Spelling::Parameter::kNone, 0},
    {"urw", Spelling::Parameter::kNone, 0},        {"surw", Spelling::Parameter::kNone, 0},
    {"delay", Spelling::Parameter::kRequired, 0},  {"preemption", Spelling::Parameter::kRequired, 0},
    {"sweep", Spelling::Parameter::kOptional, 0},  {"exhaustive", Spelling::Parameter::kNone, 0},
    {"dfs", Spelling::Parameter::kNone, 0},        {"portfolio", Spelling::Parameter::kNone, 0},
    {"default", Spelling::Parameter::kNone, 0},
};

void CheckStrategy() {
  using Parameter = Spelling::Parameter;
  std::string text;
  bool is_good = false;
  if (DrawChance(1, 4, "any text")) {
    text = DrawText(30, "spelling");
    for (const Spelling& spelling : kSpellings) {
      if (text.rfind(spelling.name, 0) == 0) return;  // hardly ever, and then it is one of the others
    }
  } else {
    const Spelling& spelling = kSpellings[Choose(std::size(kSpellings), "spelling")];
    text = spelling.name;
    is_good = spelling.parameter != Parameter::kRequired;
    if (Coin("has a parameter")) {
      const std::string parameter = DrawNumberText();
      const std::optional<std::uint64_t> number = NumberIn(parameter);
      text += ":" + parameter;
      is_good = spelling.parameter != Parameter::kNone && number && *number >= spelling.least && *number <= 100;
    }
  }
  const absl::StatusOr<std::unique_ptr<Strategy>> strategy = ParseStrategy(text, {});
  EXPECT_EQ(strategy.ok(), is_good) << text;
  if (strategy.ok()) {
    EXPECT_NE((*strategy)->Name(), "");
    return;
  }
  const std::string message = MessageOf(strategy.status());
  constexpr char kBegin[] = "strategy, character ";
  HOCKET_ASSERT_EQ(message.rfind(kBegin, 0), 0u) << message;
  const std::size_t character = std::stoul(message.substr(std::strlen(kBegin)));
  EXPECT_LE(1u, character) << message;
  EXPECT_LE(character, text.size() + 1) << message;
}

// ---- Settings.

// A variable for as long as this lives. Its text is the environment's own, so that setting it often takes no memory.
class Variable {
 public:
  Variable(const std::string& name, const std::string& value) : name_(name) {
    if (const char* const text = getenv(name.c_str())) before_ = text;
    const std::string text = name + "=" + value;
    HOCKET_CHECK(text.size() < text_.size()) << "the text is longer than its place";
    std::copy(text.begin(), text.end(), text_.begin());
    putenv(text_.data());
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    unsetenv(name_.c_str());
    if (before_) setenv(name_.c_str(), before_->c_str(), 1);
  }

 private:
  std::string name_;
  std::optional<std::string> before_;
  std::array<char, 1024> text_{};
};

struct NumberVariable {
  const char* name;
  std::uint64_t least;
  std::uint64_t most;
};
constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();
constexpr NumberVariable kNumbers[] = {
    {"HOCKET_EXECUTIONS", 1, kMax64},
    {"HOCKET_FIRST_EXECUTION", 0, kMax64},
    {"HOCKET_STEPS", 1, kMax64},
    {"HOCKET_STEP_TIMEOUT", 0, kMax64},
    {"HOCKET_JOBS", 1, 1024},
    {"HOCKET_ISOLATE", 0, 1},
    {"HOCKET_QUIET", 0, 1},
    {"HOCKET_SUSPECTS", 0, 1},
    {"HOCKET_MEMORY_LIMIT", 1, 1u << 30},
};

void CheckNumberVariable() {
  const NumberVariable& known = kNumbers[Choose(std::size(kNumbers), "variable")];
  const std::string text = DrawNumberText();
  if (text.find('\0') != std::string::npos) return;  // no such thing in an environment
  const Variable variable(known.name, text);
  const std::optional<std::uint64_t> number = NumberIn(text);
  const bool is_good = number && *number >= known.least && *number <= known.most;
  const absl::StatusOr<Settings> settings = ReadSettings();
  EXPECT_EQ(settings.ok(), is_good) << known.name << "=" << text;
  if (!settings.ok()) {
    EXPECT_EQ(MessageOf(settings.status()).rfind(std::string(known.name) + ", character ", 0), 0u)
        << MessageOf(settings.status());
  } else if (known.name == std::string("HOCKET_EXECUTIONS")) {
    EXPECT_EQ(settings->executions, *number);
  } else if (known.name == std::string("HOCKET_STEPS")) {
    EXPECT_EQ(settings->steps, *number);
  }
}

void CheckReplayVariable() {
  const bool is_token = Coin("token");
  std::optional<Folder> folder;
  std::string text = is_token ? FormatToken(DrawSchedule()) : FormatScheduleFile(DrawSchedule());
  if (Coin("is damaged")) text = DrawEdits(text);
  std::string value = text;
  bool is_schedule = LooksLikeToken(text);
  if (!is_token) {
    folder.emplace();
    value = folder->Write("replay", text);
    is_schedule = IsScheduleFile(value, text);
  }
  if (value.size() > 900 || value.find('\0') != std::string::npos) return;
  const absl::StatusOr<Schedule> schedule = is_token ? ParseToken(text) : ParseScheduleFile(text);
  const bool is_good = schedule.ok() && CanBeReplayed(*schedule);
  const Variable variable("HOCKET_REPLAY", value);
  const absl::StatusOr<Settings> settings = ReadSettings();
  if (settings.ok()) {
    HOCKET_ASSERT_TRUE(settings->replay.has_value());
    if (settings->replay->schedule) {
      HOCKET_ASSERT_TRUE(is_good) << text;
      EXPECT_TRUE(*settings->replay->schedule == *schedule);
    } else {
      EXPECT_FALSE(is_token || is_schedule) << text;
      EXPECT_EQ(settings->replay->bytes, text);
    }
    return;
  }
  EXPECT_FALSE(is_good && is_schedule) << text;
  EXPECT_EQ(MessageOf(settings.status()).rfind("HOCKET_REPLAY", 0), 0u) << MessageOf(settings.status());
}

HOCKET_TEST(StoredSchedules, ComeBackAsTheyWereOrAreRefused, {.executions = 1000, .strategy = "random"}) {
  switch (DrawWeighted({6, 6, 1, 3, 3, 2, 1}, "what")) {
    case 0:
      CheckSpellings();
      break;
    case 1:
      CheckDamage();
      break;
    case 2:
      CheckFolder();
      break;
    case 3:
      CheckDecisions();
      break;
    case 4:
      CheckStrategy();
      break;
    case 5:
      CheckNumberVariable();
      break;
    default:
      CheckReplayVariable();
      break;
  }
  co_return;
}

}  // namespace
}  // namespace hocket::testing
