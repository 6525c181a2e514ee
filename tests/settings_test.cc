#include "harness/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cctype>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "harness/input_files.h"

namespace hocket::testing {
namespace {

constexpr char kKnown[] =
    "HOCKET_REPLAY, HOCKET_SEED, HOCKET_EXECUTIONS, HOCKET_FIRST_EXECUTION, HOCKET_STEPS, HOCKET_STRATEGY, "
    "HOCKET_JOBS, HOCKET_TIME, HOCKET_QUIET, HOCKET_CORPUS, HOCKET_WRITE_BYTES, HOCKET_FUZZ, HOCKET_STEP_TIMEOUT, "
    "HOCKET_ISOLATE, HOCKET_MEMORY_LIMIT, HOCKET_STATS, HOCKET_BREAK_AT, HOCKET_SUSPECTS, HOCKET_SHRINK, HOCKET_KNOWN, "
    "HOCKET_INPUTS";

// Each test begins without any of the variables that matter, and leaves the environment as it was.
class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string text = *variable;
      const std::string name = text.substr(0, text.find('='));
      if (name.rfind("HOCKET_", 0) == 0 || name == "TEST_RANDOM_SEED" || name == "TEST_TIMEOUT")
        before_[name] = text.substr(name.size() + 1);
    }
    for (const auto& [name, value] : before_) unsetenv(name.c_str());
    folder_ = ::testing::TempDir() + "/" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SettingsTest() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }

  void Set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  // The message of ReadSettings, "" if it reads them.
  static std::string Error() { return MessageOf(ReadSettings().status()); }
  std::string ErrorOf(const std::string& name, const std::string& value) {
    Set(name, value);
    const std::string error = Error();
    unsetenv(name.c_str());
    return error;
  }

  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << content;
    return folder_ + "/" + name;
  }

  bool Consume(const std::string& argument) {
    const absl::StatusOr<bool> consumed = ConsumeFlag(argument);
    EXPECT_TRUE(consumed.ok()) << MessageOf(consumed.status());
    const std::string name =
        "HOCKET_" + argument.substr(0, argument.find('=')).substr(argument.rfind("--hocket_", 0) == 0 ? 9 : 0);
    std::string upper;
    for (const char c : name) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    set_.push_back(upper);
    return consumed.ok() && *consumed;
  }

  std::string folder_;

 private:
  std::map<std::string, std::string> before_;
  std::vector<std::string> set_;
};

// ---- Numbers.

TEST_F(SettingsTest, AreTheDefaultsInAnEmptyEnvironment) {
  const absl::StatusOr<Settings> settings = ReadSettings();
  ASSERT_TRUE(settings.ok());
  EXPECT_FALSE(settings->replay);
  EXPECT_EQ(settings->seed, 1u);
  EXPECT_EQ(settings->executions, 1000u);
  EXPECT_EQ(settings->first_execution, 0u);
  EXPECT_EQ(settings->steps, 100'000u);
  EXPECT_EQ(settings->strategy, "");
  EXPECT_EQ(settings->jobs, 1u);
  EXPECT_EQ(settings->time_budget.count(), 0);
  EXPECT_EQ(settings->deadline, std::chrono::steady_clock::time_point::max());
  EXPECT_FALSE(settings->quiet);
  EXPECT_EQ(settings->corpus, "");
  EXPECT_EQ(settings->inputs, "");
  EXPECT_EQ(settings->write_bytes, "");
}

TEST_F(SettingsTest, AreWhatTheVariablesSay) {
  Set("HOCKET_SEED", "18446744073709551615");
  Set("HOCKET_EXECUTIONS", "3");
  Set("HOCKET_FIRST_EXECUTION", "007");
  Set("HOCKET_STEPS", "12");
  Set("HOCKET_CORPUS", folder_);
  Set("HOCKET_INPUTS", folder_);
  Set("HOCKET_REPLAY", "h1:base=fifo");
  Set("HOCKET_WRITE_BYTES", "out");
  Set("HOCKET_STEP_TIMEOUT", "3");
  const absl::StatusOr<Settings> settings = ReadSettings();
  ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
  EXPECT_EQ(settings->seed, 18446744073709551615u);
  EXPECT_EQ(settings->executions, 3u);
  EXPECT_EQ(settings->first_execution, 7u);
  EXPECT_EQ(settings->steps, 12u);
  EXPECT_EQ(settings->corpus, folder_);
  EXPECT_EQ(settings->inputs, folder_);
  ASSERT_TRUE(settings->replay && settings->replay->schedule);
  EXPECT_EQ(settings->replay->schedule->base, Base::kFifo);
  EXPECT_EQ(settings->write_bytes, "out");
  EXPECT_EQ(settings->step_timeout, 3u);
  EXPECT_TRUE(settings->dies_of_hangs);
}

TEST_F(SettingsTest, TakeTheSeedFromBazelUnlessThereIsAnother) {
  Set("TEST_RANDOM_SEED", "5");
  EXPECT_EQ(ReadSettings()->seed, 5u);
  Set("HOCKET_SEED", "6");
  EXPECT_EQ(ReadSettings()->seed, 6u);
}

TEST_F(SettingsTest, NumberThatIsNoneIsRefusedWithItsPlace) {
  for (const std::string name : {"HOCKET_SEED", "HOCKET_EXECUTIONS", "HOCKET_FIRST_EXECUTION", "HOCKET_STEPS",
                                 "HOCKET_STEP_TIMEOUT", "TEST_RANDOM_SEED"}) {
    // No execution, or one without a step, would pass for a test.
    const bool from_one = name == "HOCKET_EXECUTIONS" || name == "HOCKET_STEPS";
    const std::string expected =
        std::string(": expected a number from ") + (from_one ? "1" : "0") + " to 18446744073709551615, found ";
    if (from_one) {
      EXPECT_EQ(ErrorOf(name, "0"), name + ", character 1" + expected + "'0'");
    }
    EXPECT_EQ(ErrorOf(name, ""), name + ", character 1" + expected + "''");
    EXPECT_EQ(ErrorOf(name, "x"), name + ", character 1" + expected + "'x'");
    EXPECT_EQ(ErrorOf(name, " 1"), name + ", character 1" + expected + "' 1'");
    EXPECT_EQ(ErrorOf(name, "-1"), name + ", character 1" + expected + "'-1'");
    EXPECT_EQ(ErrorOf(name, "1 "), name + ", character 2" + expected + "'1 '");
    EXPECT_EQ(ErrorOf(name, "1e3"), name + ", character 2" + expected + "'1e3'");
    EXPECT_EQ(ErrorOf(name, "18446744073709551616"), name + ", character 20" + expected + "'18446744073709551616'");
    EXPECT_EQ(ErrorOf(name, "99999999999999999999999"),
              name + ", character 20" + expected + "'99999999999999999999999'");
    EXPECT_EQ(ErrorOf(name, "18446744073709551615"), "");
  }
}

// ---- How to explore.

TEST_F(SettingsTest, SayHowToExplore) {
  Set("HOCKET_STRATEGY", "random");
  Set("HOCKET_JOBS", "3");
  Set("HOCKET_TIME", "1m30s");
  Set("HOCKET_QUIET", "1");
  const absl::StatusOr<Settings> settings = ReadSettings();
  ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
  EXPECT_EQ(settings->strategy, "random");
  EXPECT_EQ(settings->jobs, 3u);
  EXPECT_EQ(settings->time_budget, std::chrono::seconds(90));
  EXPECT_TRUE(settings->quiet);
}

TEST_F(SettingsTest, StrategyThatIsNoneIsRefused) {
  EXPECT_THAT(ErrorOf("HOCKET_STRATEGY", "randm"), ::testing::StartsWith("HOCKET_STRATEGY"));
  EXPECT_THAT(ErrorOf("HOCKET_STRATEGY", "randm"), ::testing::HasSubstr("character "));
}

TEST_F(SettingsTest, JobsAndQuietAreNumbersOfALimitedSize) {
  EXPECT_EQ(ErrorOf("HOCKET_JOBS", "0"), "HOCKET_JOBS, character 1: expected a number from 1 to 1024, found '0'");
  EXPECT_EQ(ErrorOf("HOCKET_JOBS", "1025"), "HOCKET_JOBS, character 1: expected a number from 1 to 1024, found '1025'");
  EXPECT_EQ(ErrorOf("HOCKET_QUIET", "yes"), "HOCKET_QUIET, character 1: expected a number from 0 to 1, found 'yes'");
}

TEST_F(SettingsTest, TimeThatIsNoneIsRefused) {
  for (const std::string text : {"", "10", "s", "10 seconds", "0s", "-1s", "999us", "inf", "8761h"}) {
    EXPECT_EQ(ErrorOf("HOCKET_TIME", text),
              "HOCKET_TIME, character 1: expected a time with its unit, from 1ms to 8760h (10s, 1m30s), found '" +
                  text + "'");
  }
  EXPECT_EQ(ErrorOf("HOCKET_TIME", "1ms"), "");
  EXPECT_EQ(ErrorOf("HOCKET_TIME", "8760h"), "");
}

TEST_F(SettingsTest, TakeTheDeadlineFromBazelUnlessThereIsATime) {
  const auto now = std::chrono::steady_clock::now();
  Set("TEST_TIMEOUT", "1000");
  // The process has begun a little before.
  EXPECT_LE(ReadSettings()->deadline, now + std::chrono::seconds(800));
  EXPECT_GT(ReadSettings()->deadline, now + std::chrono::seconds(400));
  Set("HOCKET_TIME", "1h");
  EXPECT_EQ(ReadSettings()->deadline, std::chrono::steady_clock::time_point::max());
}

TEST_F(SettingsTest, QuietIsAFlagThatMayStandAlone) {
  EXPECT_TRUE(Consume("--hocket_quiet"));
  EXPECT_TRUE(ReadSettings()->quiet);
  EXPECT_TRUE(Consume("--hocket_quiet=0"));
  EXPECT_FALSE(ReadSettings()->quiet);
}

// ---- Names.

TEST_F(SettingsTest, UnknownVariableIsRefused) {
  const std::string expected = std::string("environment: expected one of ") + kKnown + ", found ";
  for (const std::string name : {"HOCKET_SEEDS", "HOCKET_", "HOCKET_seed", "HOCKET_REPLAY_"})
    EXPECT_EQ(ErrorOf(name, "1"), expected + name);
}

TEST_F(SettingsTest, VariablesOfOthersAndThoseOfTheConfigurationAreNotLookedAt) {
  Set("HOCKET_CONFIG_ASAN", "1");
  Set("HOCKET", "1");
  Set("MY_HOCKET_SEED", "1");
  EXPECT_EQ(Error(), "");
}

// ---- Flags.

TEST_F(SettingsTest, FlagsAreVariablesThatWin) {
  Set("HOCKET_SEED", "3");
  EXPECT_TRUE(Consume("--hocket_seed=4"));
  EXPECT_TRUE(Consume("--hocket_executions=5"));
  EXPECT_TRUE(Consume("--hocket_first_execution=6"));
  EXPECT_TRUE(Consume("--hocket_steps=7"));
  EXPECT_TRUE(Consume("--hocket_corpus=" + folder_));
  EXPECT_TRUE(Consume("--hocket_replay=h1:base=stay"));
  EXPECT_TRUE(Consume("--hocket_write_bytes=a=b"));
  const absl::StatusOr<Settings> settings = ReadSettings();
  ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
  EXPECT_EQ(settings->seed, 4u);
  EXPECT_EQ(settings->executions, 5u);
  EXPECT_EQ(settings->first_execution, 6u);
  EXPECT_EQ(settings->steps, 7u);
  EXPECT_EQ(settings->corpus, folder_);
  EXPECT_TRUE(settings->replay);
  EXPECT_EQ(settings->write_bytes, "a=b");
}

TEST_F(SettingsTest, FlagsOfOthersAreLeftAlone) {
  for (const char* argument : {"", "-", "--", "hocket_seed=1", "-hocket_seed=1", "--gtest_filter=*", "--hocket"})
    EXPECT_FALSE(*ConsumeFlag(argument));
}

TEST_F(SettingsTest, UnknownOrIncompleteFlagIsRefused) {
  const std::string expected =
      std::string(", character 3: expected one of the flags named after ") + kKnown + " (--hocket_seed=2)";
  for (const std::string flag : {"--hocket_", "--hocket_sead=1", "--hocket_config_asan=1"}) {
    EXPECT_EQ(MessageOf(ConsumeFlag(flag).status()), "flag " + flag + expected);
  }
  EXPECT_EQ(MessageOf(ConsumeFlag("--hocket_seed").status()),
            "flag --hocket_seed, character 14: expected '=' and a value");
  EXPECT_TRUE(Consume("--hocket_seed="));
  EXPECT_EQ(Error(), "HOCKET_SEED, character 1: expected a number from 0 to 18446744073709551615, found ''");
}

// ---- Replays.

TEST_F(SettingsTest, DamagedTokenIsRefusedWithItsPlace) {
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", "h1:base=stya"),
            "HOCKET_REPLAY: token, character 9: expected a base (stay, fifo or spawn), found 'stya'");
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", "h2:base=stay"),
            "HOCKET_REPLAY: token, character 1: expected h1 (version 1 is the only one known), found 'h2'");
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", "h1"),
            "HOCKET_REPLAY: token, character 3: expected test, failure, input or base, found the end of the token");
}

TEST_F(SettingsTest, WhatIsNeitherTokenNorFileIsRefused) {
  for (const std::string text : {"", "h", "hx:base=stay", "/nowhere", "h1base=stay"}) {
    EXPECT_EQ(ErrorOf("HOCKET_REPLAY", text),
              "HOCKET_REPLAY, character 1: expected a token (h1:...) or the path of a file, found '" + text +
                  "', which is neither");
  }
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", folder_),
            "HOCKET_REPLAY, character 1: expected a token (h1:...) or the path of a file, found '" + folder_ +
                "', which is neither");
}

TEST_F(SettingsTest, ScheduleFileIsReadWithItsRemarks) {
  for (const std::string remarks : {"", "# why\n", "\n\n", "\n# why\n\n#\n"}) {
    Set("HOCKET_REPLAY", Write("file", remarks + "hocket-schedule 1\nbase spawn\n"));
    const absl::StatusOr<Settings> settings = ReadSettings();
    ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
    ASSERT_TRUE(settings->replay->schedule) << remarks;
    EXPECT_EQ(settings->replay->schedule->base, Base::kSpawn);
  }
}

TEST_F(SettingsTest, DamagedScheduleFileIsRefusedWithItsPlace) {
  const std::string by_content = Write("file", "# why\nhocket-schedule 1\nbase stya\n");
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", by_content),
            "HOCKET_REPLAY: " + by_content + ": line 3, column 6: expected a base (stay, fifo or spawn), found 'stya'");
  const std::string by_name = Write("a.schedule", "hocket-shedule 1\nbase stay\n");
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", by_name),
            "HOCKET_REPLAY: " + by_name + ": line 1, column 1: expected hocket-schedule, found 'hocket-shedule'");
  const std::string empty = Write("empty.schedule", "");
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", empty),
            "HOCKET_REPLAY: " + empty + ": line 1, column 1: expected hocket-schedule, found the end of the file");
}

TEST_F(SettingsTest, AnyOtherFileIsBytes) {
  const std::vector<std::string> inputs = {"", std::string("\0\1\2", 3), "#", "#\n", "\n#\xFF", "h1:base=stay"};
  for (const std::string& bytes : inputs) {
    Set("HOCKET_REPLAY", Write("bytes", bytes));
    const absl::StatusOr<Settings> settings = ReadSettings();
    ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
    EXPECT_FALSE(settings->replay->schedule);
    EXPECT_EQ(settings->replay->bytes, bytes);
  }
}

TEST_F(SettingsTest, UnreadableFileIsRefused) {
  // A regular file whose first byte even root cannot read.
  EXPECT_EQ(ErrorOf("HOCKET_REPLAY", "/proc/self/mem"), "HOCKET_REPLAY: file '/proc/self/mem' cannot be read");
}

TEST_F(SettingsTest, BytesAreOnlyWrittenOfAReplay) {
  EXPECT_EQ(ErrorOf("HOCKET_WRITE_BYTES", "out"),
            "HOCKET_WRITE_BYTES: expected HOCKET_REPLAY as well, which says what to write");
}

TEST_F(SettingsTest, ReadWhereStatisticsGoAndWhereAReplayStops) {
  Set("HOCKET_STATS", "stats.json");
  Set("HOCKET_REPLAY", "h1:base=stay");
  Set("HOCKET_BREAK_AT", "3");
  const absl::StatusOr<Settings> settings = ReadSettings();
  ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
  EXPECT_EQ(settings->stats, "stats.json");
  EXPECT_EQ(settings->break_at, 3u);
  EXPECT_EQ(ErrorOf("HOCKET_BREAK_AT", "0"),
            "HOCKET_BREAK_AT, character 1: expected a number from 1 to 18446744073709551615, found '0'");
}

TEST_F(SettingsTest, ShrinkOnlyAReplay) {
  EXPECT_EQ(ErrorOf("HOCKET_SHRINK", "1"), "HOCKET_SHRINK: expected HOCKET_REPLAY as well, which says what to shrink");
  Set("HOCKET_REPLAY", "h1:base=stay");
  EXPECT_FALSE(ReadSettings()->shrink);
  Set("HOCKET_SHRINK", "1");
  EXPECT_TRUE(ReadSettings()->shrink);
}

TEST_F(SettingsTest, StopOnlyInAReplay) {
  EXPECT_EQ(ErrorOf("HOCKET_BREAK_AT", "3"),
            "HOCKET_BREAK_AT: expected HOCKET_REPLAY as well, which says in what to stop");
}

// ---- The corpus.

constexpr char kGood[] = "hocket-schedule 1\ntest A.B\nbase stay\n";

TEST_F(SettingsTest, CorpusIsItsSchedulesOfTheTestByFileName) {
  Write("b.schedule", kGood);
  Write("a.schedule", "hocket-schedule 1\ntest A.B\nbase fifo\n");
  Write("c.schedule", "hocket-schedule 1\ntest A.C\nbase fifo\n");
  Write("README.md", "no schedule");
  const absl::StatusOr<std::vector<CorpusEntry>> entries = ReadCorpus(folder_, "A.B");
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].file, folder_ + "/a.schedule");
  EXPECT_EQ((*entries)[0].schedule.base, Base::kFifo);
  EXPECT_EQ((*entries)[1].file, folder_ + "/b.schedule");
  EXPECT_EQ(ReadCorpus(folder_, "A.D")->size(), 0u);
}

TEST_F(SettingsTest, InputsAreAllFilesButSchedules) {
  const std::string b = Write("b", "");
  Write("c.schedule", "no input");
  std::filesystem::create_directories(folder_ + "/a");
  const std::string in_a = Write("a/z", "");
  EXPECT_EQ(*InputFiles(folder_), (std::vector<std::string>{in_a, b}));
  EXPECT_EQ(*InputFiles(b), std::vector<std::string>{b});
  EXPECT_EQ(ErrorOf("HOCKET_INPUTS", folder_ + "/none"),
            "HOCKET_INPUTS: expected a file or a folder, found '" + folder_ + "/none': No such file or directory");
}

TEST_F(SettingsTest, MissingCorpusIsRefused) {
  EXPECT_EQ(ErrorOf("HOCKET_CORPUS", folder_ + "/none"),
            "HOCKET_CORPUS: folder '" + folder_ + "/none': No such file or directory");
  const std::string file = Write("file", "");
  EXPECT_EQ(ErrorOf("HOCKET_CORPUS", file), "HOCKET_CORPUS: folder '" + file + "': Not a directory");
}

TEST_F(SettingsTest, DamagedFileInTheCorpusIsRefusedWhateverItsTest) {
  Write("a.schedule", kGood);
  const std::string damaged = Write("b.schedule", "hocket-schedule 1\ntest A.C\nbase stya\n");
  EXPECT_EQ(ErrorOf("HOCKET_CORPUS", folder_),
            "HOCKET_CORPUS: " + damaged + ": line 3, column 6: expected a base (stay, fifo or spawn), found 'stya'");
  EXPECT_EQ(ErrorOf("HOCKET_KNOWN", folder_),
            "HOCKET_KNOWN: " + damaged + ": line 3, column 6: expected a base (stay, fifo or spawn), found 'stya'");
}

TEST_F(SettingsTest, KnownFailuresAreThoseOfTheTest) {
  Write("a.schedule", kGood);
  Write("b.schedule", "hocket-schedule 1\ntest A.B\nfailure expect 0000000a\nbase stay\n");
  Write("c.schedule", "hocket-schedule 1\ntest C.D\nfailure expect 0000000c\nbase stay\n");
  Set("HOCKET_KNOWN", folder_);
  const absl::StatusOr<Settings> settings = ReadSettings();
  ASSERT_TRUE(settings.ok()) << MessageOf(settings.status());
  EXPECT_EQ(KnownFailures(*settings, "A.B"), (std::vector<FailureIdentity>{{"expect", 10}}));
  EXPECT_TRUE(KnownFailures(Settings(), "A.B").empty());
}

TEST_F(SettingsTest, FolderWithTheNameOfAScheduleIsRefused) {
  std::filesystem::create_directories(folder_ + "/a.schedule");
  EXPECT_EQ(ErrorOf("HOCKET_CORPUS", folder_), "HOCKET_CORPUS: file '" + folder_ + "/a.schedule' cannot be read");
}

}  // namespace
}  // namespace hocket::testing
