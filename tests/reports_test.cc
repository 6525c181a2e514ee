// What a test process leaves besides its failures, as its users see it: the summary, statistics, colour, graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "nlohmann/json.hpp"
#include "tests/run_program.h"

namespace {

using hocket::testing::Content;
using hocket::testing::Folder;
using hocket::testing::Result;
using testing::HasSubstr;
using testing::Not;

// Runs the program in an environment of nothing but `variables`, in a pipe or on a terminal.
Result RunProgram(const std::string& variables, const std::string& flags, bool on_terminal = false) {
  const std::string command = "exec env -i PATH=/usr/bin:/bin TERM=xterm ASAN_OPTIONS=detect_leaks=0 " + variables +
                              " " + hocket::testing::ProgramBesides("failing_test_program") + " " + flags + " 2>&1";
  int in = -1;
  pid_t child = 0;
  int ends[2] = {-1, -1};
  if (on_terminal) {
    child = forkpty(&in, nullptr, nullptr, nullptr);
  } else {
    if (pipe(ends) != 0) std::abort();
    child = fork();
    in = ends[0];
  }
  if (child == 0) {
    if (!on_terminal) dup2(ends[1], STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  if (!on_terminal) close(ends[1]);
  Result result;
  char buffer[4096];
  // A terminal ends with an error.
  for (ssize_t n = 0; (n = read(in, buffer, sizeof buffer)) > 0;) result.output.append(buffer, static_cast<size_t>(n));
  close(in);
  int status = 0;
  waitpid(child, &status, 0);
  result.status = WEXITSTATUS(status);
  return result;
}

constexpr char kFailingAndPassing[] = "--gtest_filter=Failing.Deadlock:Passing.Always";

TEST(Summary, IsPrintedWhenTheTestsHaveEnded) {
  const Result result = RunProgram("", kFailingAndPassing);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("\nhocket: explored 2 tests in "));
  EXPECT_THAT(result.output, HasSubstr("\n  Failing.Deadlock  default  "));
  EXPECT_THAT(result.output, HasSubstr("  fails: deadlock "));
  EXPECT_THAT(result.output, HasSubstr("\n  Passing.Always    default  "));
}

TEST(Summary, IsNotPrintedUnderQuiet) {
  EXPECT_THAT(RunProgram("", std::string(kFailingAndPassing) + " --hocket_quiet").output,
              Not(HasSubstr("hocket: explored")));
}

TEST(Summary, IsNotPrintedIfNothingWasExplored) {
  EXPECT_THAT(RunProgram("", "--gtest_filter=Passing.WithoutHocket").output, Not(HasSubstr("hocket: explored")));
}

TEST(Stats, AreWrittenAsJson) {
  const std::string file = Folder() + "/stats.json";
  RunProgram("HOCKET_STATS=" + file, kFailingAndPassing);
  const nlohmann::json stats = nlohmann::json::parse(Content(file));
  ASSERT_EQ(stats["tests"].size(), 2u);
  EXPECT_EQ(stats["tests"][0]["test"], "Failing.Deadlock");
  EXPECT_EQ(stats["tests"][0]["outcome"], "failed");
  EXPECT_EQ(stats["tests"][1]["test"], "Passing.Always");
  EXPECT_EQ(stats["tests"][1]["outcome"], "passed");
  EXPECT_GT(stats["tests"][1]["executions"], 0);
}

// The test after it kills the process.
TEST(Stats, OfTestsThatHaveEndedSurviveADeath) {
  const std::string file = Folder() + "/stats.json";
  RunProgram("", "--gtest_filter=Failing.Exception:Failing.Check --hocket_stats=" + file);
  const nlohmann::json stats = nlohmann::json::parse(Content(file));
  EXPECT_EQ(stats["tests"][0]["test"], "Failing.Exception");
}

TEST(Stats, ThatCannotBeWrittenFailTheTest) {
  const Result result = RunProgram("", "--gtest_filter=Passing.Always --hocket_stats=/nowhere/stats.json");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("hocket: HOCKET_STATS: file '/nowhere/stats.json' cannot be written"));
}

constexpr char kFailing[] = "--gtest_color=no --gtest_filter=Failing.Expectation";

TEST(Colour, IsForTerminals) {
  EXPECT_THAT(RunProgram("", kFailing, /*on_terminal=*/true).output, HasSubstr("\x1b[1m>"));
  EXPECT_THAT(RunProgram("", kFailing).output, Not(HasSubstr("\x1b")));
}

TEST(Colour, IsLeftOutIfNobodyWantsIt) {
  const std::string flags = std::string(kFailing) + " --hocket_quiet";  // progress rewrites its line with escapes
  EXPECT_THAT(RunProgram("", flags, /*on_terminal=*/true).output, HasSubstr("\x1b[1m>"));
  EXPECT_THAT(RunProgram("NO_COLOR=1", flags, /*on_terminal=*/true).output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(RunProgram("TERM=dumb", flags, /*on_terminal=*/true).output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(RunProgram("NO_COLOR=", flags, /*on_terminal=*/true).output, HasSubstr("\x1b[1m>"));
}

TEST(Deadlock, LeavesItsGraph) {
  const std::string folder = Folder();
  const Result result = RunProgram("TEST_UNDECLARED_OUTPUTS_DIR=" + folder, "--gtest_filter=Failing.Deadlock");
  EXPECT_THAT(result.output, HasSubstr("\n  main waits in Event.Wait\n"));
  EXPECT_THAT(Content(folder + "/Failing.Deadlock.waits.dot"), HasSubstr("t0 [label=\"main\\nwaits in Event.Wait"));
  EXPECT_THAT(Content(folder + "/Failing.Deadlock.waits.mmd"), HasSubstr("flowchart LR\n  t0[\"main"));
}

TEST(BreakAt, StopsAReplayBeforeAStepAndSaysWhichOneItIs) {
  const std::string folder = Folder();
  RunProgram("TEST_UNDECLARED_OUTPUTS_DIR=" + folder, "--gtest_filter=Failing.Expectation");
  const std::string replay = "HOCKET_REPLAY=" + folder + "/Failing.Expectation.schedule HOCKET_BREAK_AT=";
  const Result stopped = RunProgram(replay + "3", "--gtest_filter=Failing.Expectation");
  EXPECT_THAT(stopped.output, HasSubstr("hocket: step 3 is next: main/"));
  EXPECT_THAT(stopped.output, HasSubstr("hocket: no debugger is attached to stop in; run this command again after "));
  EXPECT_THAT(stopped.output, Not(HasSubstr("replayed: ")));
  const Result late = RunProgram(replay + "100", "--gtest_filter=Failing.Expectation");
  EXPECT_THAT(late.output, HasSubstr(" steps, before step 100\n"));
  EXPECT_THAT(late.output, HasSubstr("replayed: the same failure"));
}

}  // namespace
