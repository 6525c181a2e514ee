// tools/fuzz as its users see it, with the engine that this test was built with: what it finds is imported, replays in
// the GoogleTest binary, and outlives the run; and what goes wrong is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "tests/run_program.h"

namespace {

using hocket::testing::Content;
using hocket::testing::Folder;
using hocket::testing::Result;
using hocket::testing::RunCommand;
using hocket::testing::Write;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

constexpr int kFailed = 1;
constexpr int kImpossible = 2;

// The engine of this build, or nullptr.
const char* Engine() {
  if (std::getenv("HOCKET_CONFIG_LIBFUZZER") != nullptr) return "libfuzzer";
  if (std::getenv("HOCKET_CONFIG_AFL") != nullptr) return "afl";
  return nullptr;
}

std::string Command(const std::string& arguments) {
  const std::string engine = Engine() == nullptr ? "libfuzzer" : Engine();
  return "exec tools/fuzz --binaries=. --cores=1 --engine=" + engine + " " + arguments;
}

Result Fuzz(const std::string& arguments) { return RunCommand("", Command(arguments)); }

// The first value of this name in the report, as it is written there without quotes; empty if there is none.
std::string Reported(const std::string& campaign, const std::string& name) {
  const std::string report = Content(campaign + "/report.json");
  const std::string key = "\"" + name + "\": ";
  const std::size_t begin = report.find(key);
  if (begin == std::string::npos) return "";
  std::string value = report.substr(begin + key.size(), report.find('\n', begin) - begin - key.size());
  if (value.back() == ',') value.pop_back();
  return value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

double NumberReported(const std::string& campaign, const std::string& name) {
  return std::atof(Reported(campaign, name).c_str());
}

std::set<std::string> FilesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

// The draws of the canary's schedule, as a token has them.
std::string Password() {
  std::string draws;
  for (const std::string& line : hocket::testing::Lines(Content("fuzz/canary.schedule"))) {
    if (line.rfind("draw ", 0) != 0) continue;
    std::string draw = line.substr(5);
    std::replace(draw.begin(), draw.end(), ' ', ',');
    draws += ":draw=" + draw;
  }
  return draws;
}

class Campaign : public testing::Test {
 protected:
  void SetUp() override {
    if (Engine() == nullptr) GTEST_SKIP() << "no engine: see --config=libfuzzer and --config=afl";
    campaign_ = std::filesystem::path(Folder()).lexically_normal().string();
  }
  std::string In(const std::string& target) const { return campaign_ + "/fuzz/" + target + "/"; }
  std::string Arguments(const std::string& rest) const { return "--campaign=" + campaign_ + " " + rest; }

  std::string campaign_;
};

TEST_F(Campaign, FindsImportsAndGoesOnFromWhatItHas) {
  // The password is among the inputs to begin with, so that a few seconds will do.
  std::filesystem::create_directories(In("canary") + "corpus");
  const Result seed = RunCommand("", "tools/schedule convert h1:test=Canary.KeepsTheMoney:base=stay" + Password() +
                                         " --to=bytes --binary=fuzz/canary --output=" + In("canary") + "corpus/seed");
  ASSERT_EQ(seed.status, 0) << seed.output;
  // As many short runs as it takes; each goes on from the one before.
  Result result;
  int runs = 0;
  for (; runs == 0 || (runs < 8 && Reported(campaign_, "findings") == "[]"); ++runs) {
    result = Fuzz(Arguments("--time=5 canary"));
    ASSERT_TRUE(std::filesystem::exists(campaign_ + "/report.json")) << result.output;
  }
  EXPECT_EQ(result.status, kFailed) << result.output;
  EXPECT_EQ(Reported(campaign_, "target"), "//fuzz:canary");
  EXPECT_EQ(NumberReported(campaign_, "runs"), runs);
  const double executions = NumberReported(campaign_, "executions");
  EXPECT_GT(executions, 1000);
  EXPECT_GT(NumberReported(campaign_, "executions_per_second"), 100);
  EXPECT_GT(NumberReported(campaign_, "edges"), 0);
  EXPECT_EQ(Reported(campaign_, "not_imported"), "0") << result.output;
  EXPECT_EQ(Reported(campaign_, "corpus_files"), std::to_string(FilesIn(In("canary") + "corpus").size()));
  EXPECT_EQ(Reported(campaign_, "test"), "Canary.KeepsTheMoney");
  EXPECT_EQ(Reported(campaign_, "kind"), "exception");
  const std::string id = Reported(campaign_, "id");
  const std::string schedule = Reported(campaign_, "schedule");
  const std::string replay = Reported(campaign_, "replay");
  EXPECT_EQ(schedule, In("canary") + "findings/Canary.KeepsTheMoney-exception-" + id + ".schedule");
  // The table says so, too.
  EXPECT_THAT(result.output, HasSubstr("\n//fuzz:canary: Canary.KeepsTheMoney fails: exception "));
  EXPECT_THAT(result.output, HasSubstr("\n  " + schedule + "\n  replay: " + replay + "\n"));
  const std::string table = result.output.substr(result.output.find("\ntarget"));
  EXPECT_EQ(RunCommand("", "tools/fuzz " + Arguments("--report")).output, table);
  std::istringstream columns(hocket::testing::Lines(table)[1]);
  for (std::string column; columns >> column;)
    EXPECT_THAT(Content("docs/campaigns.md"), HasSubstr(column)) << "a column that nobody explains";

  // Shrunk to what it takes: the password and a switch. It replays in the GoogleTest binary, and its bytes in the
  // engine's.
  EXPECT_THAT(Content(schedule), HasSubstr("\nbase stay\nat main/0 Checkpoint 1 run main/1\ndraw main letter 1 "));
  const Result replayed = RunCommand("", replay);
  EXPECT_EQ(replayed.status, kFailed);
  EXPECT_THAT(replayed.output, HasSubstr("replayed: the same failure, the same trace"));
  const std::string bytes = schedule.substr(0, schedule.rfind('.')) + ".bytes";
  const Result crash = RunCommand("", "fuzz/canary_bin " + bytes);
  EXPECT_NE(crash.status, 0);
  EXPECT_THAT(crash.output, HasSubstr("DEDUP_TOKEN: Canary.KeepsTheMoney:exception:" + id));

  // One command makes a regression of it.
  const std::string corpus = campaign_ + "/corpus";
  const Result imported =
      RunCommand("", "tools/schedule import " + In("canary") + "findings --binary=fuzz/canary --corpus=" + corpus);
  EXPECT_EQ(imported.status, 0) << imported.output;
  EXPECT_THAT(imported.output, HasSubstr("\n2 inputs: 1 schedule stored, 0 known, 0 not imported\n"));
  EXPECT_THAT(RunCommand("HOCKET_CORPUS=" + corpus, "fuzz/canary").output, HasSubstr("\nstored in: " + corpus));
  EXPECT_EQ(RunCommand("HOCKET_CORPUS=" + corpus, "fuzz/canary_fixed").status, 0);

  // The next run has the corpus, counts on, and does not stumble over what is known.
  const std::set<std::string> inputs = FilesIn(In("canary") + "corpus");
  const std::set<std::string> crashes = FilesIn(In("canary") + "imported");
  const Result resumed = Fuzz(Arguments("--time=3 canary"));
  EXPECT_EQ(resumed.status, kFailed) << resumed.output;
  EXPECT_THAT(FilesIn(In("canary") + "corpus"), IsSupersetOf(inputs));
  EXPECT_EQ(FilesIn(In("canary") + "imported"), crashes);
  EXPECT_GT(NumberReported(campaign_, "executions"), executions);
  EXPECT_EQ(FilesIn(In("canary") + "findings").size(), 2u) << "a schedule and its bytes";
  EXPECT_EQ(Reported(campaign_, "replay"), replay);
}

TEST_F(Campaign, EndsAndReportsWhenItIsInterrupted) {
  const pid_t child = fork();
  if (child == 0) {
    const std::string command = Command(Arguments("--time=600 canary_fixed >" + campaign_ + "/output 2>&1"));
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  const std::string corpus = In("canary_fixed") + "corpus";
  for (int i = 0; i < 600 && (!std::filesystem::exists(corpus) || FilesIn(corpus).empty()); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::this_thread::sleep_for(std::chrono::seconds(2));
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << Content(campaign_ + "/output");
  EXPECT_THAT(Content(campaign_ + "/output"), HasSubstr("\n//fuzz:canary_fixed  "));
  EXPECT_GT(NumberReported(campaign_, "executions"), 0);
  EXPECT_LT(NumberReported(campaign_, "seconds"), 600);
  EXPECT_NE(RunCommand("", "ps -ef | grep '[c]anary_fixed_bin.*" + campaign_ + "'").status, 0) << "one is left";
}

TEST_F(Campaign, SaysWhatIsMendedAndWhatCannotBeImported) {
  std::filesystem::create_directories(In("canary_fixed") + "findings");
  std::filesystem::create_directories(In("canary_fixed") + "artifacts");
  std::filesystem::copy_file("fuzz/canary.schedule", In("canary_fixed") + "findings/old.schedule");
  Write(In("canary_fixed") + "artifacts/crash-garbage", "this passes");
  const Result result = Fuzz(Arguments("--time=2 canary_fixed"));
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("\n//fuzz:canary_fixed: Canary.KeepsTheMoney failed, and passes now: "));
  EXPECT_THAT(result.output, HasSubstr("artifacts/crash-garbage: does not fail: the test passes\n"));
  EXPECT_EQ(Reported(campaign_, "fails"), "false");
  EXPECT_EQ(Reported(campaign_, "not_imported"), "1");
  EXPECT_EQ(Content(In("canary_fixed") + "artifacts/crash-garbage"), "this passes");
}

// In a workspace that depends on hocket, with a stand-in for Bazel that writes down how it is called.
TEST_F(Campaign, LetsBazelFindAndBuildWhatIsFuzzed) {
  const std::string here = std::filesystem::current_path().string();
  const std::string bin = campaign_ + "/bin";
  std::filesystem::create_directories(bin + "/external/hocket/tools");
  std::filesystem::create_symlink(here + "/fuzz", bin + "/fuzz");
  std::filesystem::create_symlink(here + "/tools/schedule", bin + "/external/hocket/tools/schedule");
  Write(campaign_ + "/WORKSPACE", "");
  Write(campaign_ + "/bazel", "#!/bin/sh\necho \"$@\" >>" + campaign_ +
                                  "/calls\ncase $1 in\n  query) echo //fuzz:canary_fixed ;;\n  info) echo " + bin +
                                  " ;;\nesac\n");
  std::filesystem::permissions(campaign_ + "/bazel", std::filesystem::perms::owner_all);
  const std::string engine = Engine();
  const std::string command = "cd " + campaign_ + " && RUNFILES_DIR=" + std::getenv("TEST_SRCDIR") +
                              " PATH=" + campaign_ + ":$PATH " + here +
                              "/tools/fuzz --time=1 --cores=1 --engine=" + engine;
  const Result all = RunCommand("", command + " -- --config=asan");
  EXPECT_EQ(all.status, 0) << all.output;
  EXPECT_GT(NumberReported(campaign_ + "/campaign", "executions"), 0);
  EXPECT_EQ(Content(campaign_ + "/calls"),
            "query --noshow_progress attr(tags, \"fuzz-test\", //...) except attr(tags, \"manual\", //...)\n"
            "build --config=" +
                engine +
                " --config=asan @hocket//tools:schedule //fuzz:canary_fixed "
                "//fuzz:canary_fixed_run\ninfo --config=" +
                engine + " --config=asan bazel-bin\n");
}

// A test that is renamed would leave its regressions behind.
TEST(FuzzTest, FailsForAScheduleThatNobodyReplays) {
  const std::string folder = Folder();
  std::filesystem::copy_file("fuzz/canary.schedule", folder + "/known.schedule");
  EXPECT_EQ(RunCommand("HOCKET_CORPUS=" + folder, "fuzz/canary_fixed").status, 0);
  Write(folder + "/lost.schedule", "hocket-schedule 1\ntest Canary.KeepsTheMony\nbase stay\n");
  const Result result = RunCommand("HOCKET_CORPUS=" + folder, "fuzz/canary_fixed");
  EXPECT_EQ(result.status, kFailed);
  EXPECT_THAT(result.output, HasSubstr("lost.schedule: expected a schedule of Canary.KeepsTheMoney, the only test "
                                       "here, found one of 'Canary.KeepsTheMony', which nobody would replay"));
}

TEST(Fuzz, SaysWhyItCannotFuzz) {
  const std::string campaign = " --campaign=" + Folder();
  const Result unknown = Fuzz("canery" + campaign);
  EXPECT_EQ(unknown.status, kImpossible);
  EXPECT_EQ(unknown.output,
            "tools/fuzz: expected the label or the name of a fuzz test, found 'canery'. There are:\n  //fuzz:canary\n  "
            "//fuzz:canary_fixed\n");
  EXPECT_EQ(Fuzz("--time=soon").status, kImpossible);
  EXPECT_THAT(Fuzz("--time=soon").output, HasSubstr("expected a time (90, 90s, 10m, 8h), found 'soon'"));
  EXPECT_EQ(Fuzz("--report" + campaign).status, kImpossible);
  Write(Folder() + "/report.json", "{");
  const Result damaged = Fuzz("--report" + campaign);
  EXPECT_EQ(damaged.status, kImpossible);
  EXPECT_THAT(damaged.output, HasSubstr("report.json: expected the report of an earlier run: "));
  std::filesystem::remove(Folder() + "/report.json");
  if (Engine() != nullptr) return;
  const Result no_engine = Fuzz("--time=1 canary" + campaign);
  EXPECT_EQ(no_engine.status, kImpossible);
  EXPECT_EQ(no_engine.output,
            "//fuzz:canary: fuzzing for 1 seconds\ntools/fuzz: //fuzz:canary: the engine has run nothing. It says:\n"
            "  no engine to fuzz with: build with --config=libfuzzer or --config=afl, or say --regression\n");
}

}  // namespace
