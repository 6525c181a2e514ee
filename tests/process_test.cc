// The harness as its users see it: processes that fail, what they print, and whether what they print works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/run_program.h"

namespace hocket::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Which main() the program has.
enum class Main { kHocket, kGoogleTest };

// The program, which lies beside this one.
std::string Program(Main main) {
  return ProgramBesides(main == Main::kHocket ? "failing_test_program" : "failing_test_program_with_gtest_main");
}

Result RunTests(const std::string& filter, const std::string& variables = "", const std::string& flags = "",
                Main main = Main::kHocket) {
  return RunCommand(variables, Program(main) + " --gtest_filter=" + filter + " " + flags);
}

constexpr char kBodyRuns[] = "a body runs";

// ---- Failures, and their replays.

struct Way {
  const char* test;
  const char* place;    // of the failure
  const char* message;  // part of it
};

class FailingTest : public ::testing::TestWithParam<Way> {};

TEST_P(FailingTest, IsReportedOnceAtItsOwnPlaceAndReplays) {
  const Way& way = GetParam();
  for (const Main main : {Main::kHocket, Main::kGoogleTest}) {
    const Result found = RunTests(way.test, "", "", main);
    EXPECT_EQ(found.status, 1) << found.output;
    EXPECT_EQ(Count(found.output, ": Failure\n"), 1) << found.output;
    EXPECT_THAT(found.output, HasSubstr(way.place));
    EXPECT_THAT(found.output, HasSubstr(way.message));
    EXPECT_NE(LanesIn(found.output), "") << found.output;

    const Result again = RunCommand("", ReplayCommandIn(found.output));
    EXPECT_EQ(again.status, 1) << again.output;
    EXPECT_EQ(Count(again.output, ": Failure\n"), 1) << again.output;
    EXPECT_THAT(again.output, HasSubstr(way.place));
    EXPECT_THAT(again.output, HasSubstr(way.message));
    EXPECT_THAT(again.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
    EXPECT_EQ(LanesIn(again.output), LanesIn(found.output));
    EXPECT_EQ(ReplayCommandIn(again.output), ReplayCommandIn(found.output));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Way, FailingTest,
    ::testing::Values(
        Way{"Failing.Expectation", "failing_test_program.cc:64: Failure", "Value of: inside"},
        Way{"Failing.Exception", "failing_test_program.cc:67: Failure", "failed: std::runtime_error: inside"},
        Way{"Failing.Deadlock", "failing_test_program.cc:72: Failure", "deadlock: no task can run"},
        Way{"Failing.StepLimit", "failing_test_program.cc:78: Failure", "livelock: 100000 steps were taken"},
        Way{"Failing.DrawnValue", "failing_test_program.cc:91: Failure", "  main draws 3 as 'fault'\n"},
        Way{"Failing.NeverAwaited", "failing_test_program.cc:103: Failure",
            "a task was made and never awaited, so that it did not run\n  never awaited: "}),
    [](const auto& info) { return std::string(info.param.test).substr(8); });

TEST(Process, ReplayKeepsTheStepLimitUnderWhichTheFailureWasFound) {
  const Result found = RunTests("Failing.StepLimit", "HOCKET_STEPS=50");
  EXPECT_THAT(found.output, HasSubstr("livelock: 50 steps were taken"));
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.output, HasSubstr("livelock: 50 steps were taken"));
  EXPECT_EQ(LanesIn(again.output), LanesIn(found.output));
}

TEST(Process, NondeterminismFailsTheTestWithoutAReplayLine) {
  const Result result = RunTests("Failing.Nondeterminism");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("the test depends on something else than its schedule, and cannot be replayed"));
  EXPECT_THAT(result.output,
              HasSubstr("Failing.Nondeterminism, execution 3 did not happen again under the same decisions: "));
  EXPECT_EQ(ReplayCommandIn(result.output), "");
}

TEST(Process, FailedCheckDiesWithAReplayLineThatDiesAgain) {
  const Result found = RunTests("Failing.Check");
  EXPECT_EQ(found.status, 128 + SIGABRT) << found.output;
  EXPECT_THAT(found.output, HasSubstr("HOCKET_CHECK(!inside) failed: this dies\n"));
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 128 + SIGABRT) << again.output;
  EXPECT_THAT(again.output, HasSubstr("HOCKET_CHECK(!inside) failed: this dies\n"));
  EXPECT_EQ(ReplayCommandIn(again.output), ReplayCommandIn(found.output));
}

TEST(Process, ProgramInAFolderWithASpaceReplays) {
  const std::string folder = Folder() + "/with a space";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(Program(Main::kHocket), folder + "/it's");
  const Result found = RunCommand("", "\"" + folder + "/it's\" --gtest_filter=Failing.Expectation");
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 1);
  EXPECT_EQ(LanesIn(again.output), LanesIn(found.output)) << again.output;
}

// ---- Several processes.

TEST(Process, JobsFindAndShrinkTheSameFailure) {
  const Result alone = RunTests("Failing.Expectation");
  const Result shared = RunTests("Failing.Expectation", "", "--hocket_jobs=3");
  EXPECT_EQ(shared.status, 1);
  EXPECT_EQ(Count(shared.output, ": Failure\n"), 1) << shared.output;
  EXPECT_EQ(LanesIn(shared.output), LanesIn(alone.output));
  EXPECT_EQ(ReplayCommandIn(shared.output), ReplayCommandIn(alone.output));
}

// ---- What is said.

TEST(Process, SaysWhatWasExploredUnlessItIsToBeQuiet) {
  constexpr char kStatement[] = "hocket: Passing.Always: no violation when the budget of 40 executions ended (";
  EXPECT_THAT(RunTests("Passing.Always", "HOCKET_EXECUTIONS=40 HOCKET_STRATEGY=random").output, HasSubstr(kStatement));
  EXPECT_THAT(RunTests("Passing.Always", "HOCKET_EXECUTIONS=40", "--hocket_quiet").output,
              Not(HasSubstr("hocket: Passing")));
}

TEST(Process, EndsBeforeTheTimeOfTheTestDoesAndSaysWhatIsLeft) {
  const Result result =
      RunTests("Passing.Always", "TEST_TIMEOUT=1 HOCKET_STRATEGY=random HOCKET_EXECUTIONS=1000000000");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("no violation when the time limit of the test came near ("));
  EXPECT_THAT(result.output, HasSubstr("; left: 99"));
}

// ---- Under Bazel.

TEST(Process, ReplayLineUnderBazelIsABazelCommand) {
  const Result result =
      RunTests("Failing.Expectation", "TEST_TARGET=//some:target HOCKET_CONFIG_ASAN=1 HOCKET_CONFIG_OPT=1");
  EXPECT_EQ(ReplayCommandIn(result.output)
                .find("bazel test //some:target --config=asan --config=opt --test_filter=Failing.Expectation "
                      "--test_sharding_strategy=disabled --test_env=HOCKET_REPLAY=h1:test=Failing.Expectation:"),
            0u)
      << result.output;
}

TEST(Process, ReplayLineOfADeathUnderBazelIsABazelCommand) {
  const Result result = RunTests("Failing.Check", "TEST_TARGET=//some:target");
  EXPECT_EQ(ReplayCommandIn(result.output)
                .find("bazel test //some:target --test_filter=Failing.Check --test_sharding_strategy=disabled "
                      "--test_env=HOCKET_REPLAY=h1:test=Failing.Check:input=decisions,"),
            0u)
      << result.output;
}

TEST(Process, FailingScheduleIsKeptAmongTheUndeclaredOutputs) {
  const std::string folder = Folder();
  const Result found = RunTests("Failing.Expectation", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder);
  const Result again = RunTests("Failing.Expectation", "HOCKET_REPLAY=" + folder + "/Failing.Expectation.schedule");
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
  EXPECT_EQ(LanesIn(again.output), LanesIn(found.output));
}

TEST(Process, FailureIsLeftAsAPageThatItsReportNames) {
  const std::string folder = Folder();
  const Result found = RunTests("Failing.Expectation", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder);
  const std::string page = folder + "/Failing.Expectation.html";
  EXPECT_THAT(found.output, HasSubstr("\npage: " + page + " ")) << found.output;
  EXPECT_THAT(Content(page), HasSubstr("\"test\":\"Failing.Expectation\""));
  EXPECT_THAT(Content(page), HasSubstr(ReplayCommandIn(found.output)));
  EXPECT_THAT(RunTests("Failing.Expectation").output, Not(HasSubstr("\npage: ")));

  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const Result again = RunTests("Failing.Expectation",
                                "TEST_UNDECLARED_OUTPUTS_DIR=" + folder + " HOCKET_REPLAY=" + TokenIn(found.output));
  EXPECT_THAT(again.output, HasSubstr("\npage: " + page + " ")) << "replays leave one too: " << again.output;
  EXPECT_THAT(Content(page), HasSubstr("\"test\":\"Failing.Expectation\""));
  EXPECT_THAT(Content(folder + "/Failing.Expectation.trace.json"), HasSubstr("\"traceEvents\""));
}

// ---- Requests that are refused.

struct BadRequest {
  const char* name;
  const char* variables;
  const char* flags;  // testing_main only
  const char* message;
};

class RefusedRequest : public ::testing::TestWithParam<BadRequest> {};

TEST_P(RefusedRequest, RunsNothingAndSaysWhy) {
  const BadRequest& request = GetParam();
  const Result result = RunTests("*", request.variables, request.flags);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output, std::string("hocket: ") + request.message + "\n");

  if (*request.flags != '\0') return;
  const Result gtest = RunTests("*", request.variables, "", Main::kGoogleTest);
  EXPECT_EQ(gtest.status, 1);
  EXPECT_THAT(gtest.output, HasSubstr(std::string("hocket: ") + request.message + "\n"));
  EXPECT_THAT(gtest.output, Not(HasSubstr(kBodyRuns)));
  EXPECT_THAT(gtest.output, Not(HasSubstr("[       OK ]")));
}

INSTANTIATE_TEST_SUITE_P(
    BadRequest, RefusedRequest,
    ::testing::Values(
        BadRequest{"Token", "HOCKET_REPLAY=h1:base=stya", "",
                   "HOCKET_REPLAY: token, character 9: expected a base (stay, fifo or spawn), found 'stya'"},
        BadRequest{"Number", "HOCKET_EXECUTIONS=10x", "",
                   "HOCKET_EXECUTIONS, character 3: expected a number from 1 to 18446744073709551615, found '10x'"},
        BadRequest{"Variable", "HOCKET_SEEDS=1", "",
                   "environment: expected one of HOCKET_REPLAY, HOCKET_SEED, HOCKET_EXECUTIONS, "
                   "HOCKET_FIRST_EXECUTION, HOCKET_STEPS, "
                   "HOCKET_STRATEGY, HOCKET_JOBS, HOCKET_TIME, HOCKET_QUIET, HOCKET_CORPUS, HOCKET_WRITE_BYTES, "
                   "HOCKET_FUZZ, HOCKET_STEP_TIMEOUT, HOCKET_ISOLATE, HOCKET_MEMORY_LIMIT, HOCKET_STATS, "
                   "HOCKET_BREAK_AT, HOCKET_SUSPECTS, HOCKET_SHRINK, HOCKET_KNOWN, HOCKET_INPUTS, found HOCKET_SEEDS"},
        BadRequest{
            "Flag", "", "--hocket_sead=1",
            "flag --hocket_sead=1, character 3: expected one of the flags named after HOCKET_REPLAY, HOCKET_SEED, "
            "HOCKET_EXECUTIONS, "
            "HOCKET_FIRST_EXECUTION, HOCKET_STEPS, HOCKET_STRATEGY, HOCKET_JOBS, HOCKET_TIME, HOCKET_QUIET, "
            "HOCKET_CORPUS, HOCKET_WRITE_BYTES, HOCKET_FUZZ, HOCKET_STEP_TIMEOUT, HOCKET_ISOLATE, HOCKET_MEMORY_LIMIT, "
            "HOCKET_STATS, HOCKET_BREAK_AT, HOCKET_SUSPECTS, HOCKET_SHRINK, HOCKET_KNOWN, HOCKET_INPUTS "
            "(--hocket_seed=2)"},
        BadRequest{"FlagWithoutValue", "", "--hocket_seed",
                   "flag --hocket_seed, character 14: expected '=' and a value"},
        BadRequest{
            "Fuzz", "HOCKET_FUZZ=Failing.Nothing", "--",
            "HOCKET_FUZZ: expected the name of a HOCKET_TEST in this binary, found 'Failing.Nothing'. There are:\n"
            "  Dying.Abort\n  Dying.Allocation\n  Dying.Exit\n  Dying.Hang\n  Dying.Memory\n  Dying.QuietExit\n  "
            "Dying.Segv\n"
            "  Dying.StackOverflow\n  Dying.Terminate\n  Dying.Terminated\n  Dying.UseAfterFree\n"
            "  Failing.Check\n  Failing.Deadlock\n  Failing.DrawnValue\n  Failing.Exception\n  Failing.Expectation\n"
            "  Failing.NeverAwaited\n  Failing.Nondeterminism\n  Failing.StepLimit\n  Passing.Always"}),
    [](const auto& info) { return info.param.name; });

TEST(Process, ScheduleForATestThatTheBinaryDoesNotHaveIsRefused) {
  for (const Main main : {Main::kHocket, Main::kGoogleTest}) {
    const Result result = RunTests("*", "HOCKET_REPLAY=h1:test=Other.Test:base=stay", "", main);
    EXPECT_EQ(result.status, main == Main::kHocket ? 2 : 1);
    EXPECT_THAT(result.output,
                HasSubstr("hocket: HOCKET_REPLAY: the schedule is for Other.Test, which this binary does not have"));
    EXPECT_THAT(result.output, Not(HasSubstr(kBodyRuns)));
  }
}

TEST(Process, ScheduleForAnotherTestSkipsTheTest) {
  const Result result =
      RunTests("Passing.Always:Failing.Expectation", "HOCKET_REPLAY=h1:test=Passing.Always:base=stay");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("HOCKET_REPLAY is for Passing.Always\n"));
  EXPECT_THAT(result.output, HasSubstr("[  SKIPPED ] Failing.Expectation"));
}

// ---- Other replays.

TEST(Process, ReplayThatPassesSaysSo) {
  const Result result = RunTests("Failing.Expectation", "HOCKET_REPLAY=h1:test=Failing.Expectation:base=stay");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("replayed: it passes\n"));
  EXPECT_NE(LanesIn(result.output), "");
}

TEST(Process, ScheduleThatNoLongerFitsSaysWhere) {
  const Result result = RunTests(
      "Failing.Expectation",
      "HOCKET_REPLAY=h1:test=Failing.Expectation:failure=expect,00000000:base=stay:at=main/7,Checkpoint,1,main/1");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("replayed: it passes; the program does not fit the schedule any more:\n"
                                       "  after decision 2: recorded: a decision where main/7 stands at Checkpoint for "
                                       "time 1; now: there is no such decision\n"));
}

TEST(Process, ReplayIsShrunkIfItIsToBe) {
  constexpr char kThree[] =
      "HOCKET_REPLAY=h1:base=stay:at=main,Nursery.Exit,1,main/1:at=main/1,Checkpoint,1,main/0:"
      "at=main/0,Checkpoint,1,main/1";
  const Result as_it_is = RunTests("Failing.Expectation", kThree);
  EXPECT_THAT(as_it_is.output, HasSubstr("schedule: 3 deviations from"));
  const Result shrunk = RunTests("Failing.Expectation", kThree, "--hocket_shrink");
  EXPECT_EQ(shrunk.status, 1);
  EXPECT_THAT(shrunk.output, HasSubstr("shrunk from 3 deviations to 1\n"));
  EXPECT_EQ(TokenIn(shrunk.output), TokenIn(RunTests("Failing.Expectation").output));
  const Result passes = RunTests("Failing.Expectation", "HOCKET_REPLAY=h1:base=stay", "--hocket_shrink");
  EXPECT_EQ(passes.status, 0);
  EXPECT_THAT(passes.output, Not(HasSubstr("shrunk")));
}

TEST(Process, BytesWrittenFromATokenGiveTheSameFailure) {
  const std::string bytes = Folder() + "/bytes";
  for (const std::string test : {"Failing.Expectation", "Failing.DrawnValue", "Failing.Deadlock"}) {
    const Result found = RunTests(test);
    const Result written = RunTests(test, "HOCKET_REPLAY=" + TokenIn(found.output) + " HOCKET_WRITE_BYTES=" + bytes);
    EXPECT_EQ(written.status, 1);
    const Result again = RunTests(test, "HOCKET_REPLAY=" + bytes);
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.output, HasSubstr("replayed: it fails\n"));
    // A schedule made from bytes is one from the base `stay`, so only what happened can be compared.
    const Result token_of_bytes = RunTests(test, "HOCKET_REPLAY=" + TokenIn(again.output));
    const std::string trace = TokenIn(found.output).substr(TokenIn(found.output).find(":trace="));
    EXPECT_THAT(TokenIn(again.output), HasSubstr(trace));
    EXPECT_THAT(token_of_bytes.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
  }
}

TEST(Process, BytesThatBeginLikeARemarkAreBytes) {
  const std::string bytes = Folder() + "/crash-0123";
  Write(bytes, "#\x01\x02\x03\x04garbage\n");
  const Result result = RunTests("Passing.Always", "HOCKET_REPLAY=" + bytes);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("replayed: it passes\n"));
}

TEST(Process, CorpusIsReplayedBeforeExploring) {
  const std::string folder = Folder();
  RunTests("Failing.Expectation", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder);
  const Result result =
      RunTests("Failing.Expectation:Passing.Always", "HOCKET_EXECUTIONS=1", "--hocket_corpus=" + folder);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
  EXPECT_THAT(result.output, HasSubstr("stored in: " + folder + "/Failing.Expectation.schedule\n"));
  EXPECT_THAT(result.output, HasSubstr("[       OK ] Passing.Always"));
}

TEST(Process, CheckThatFailsInTheCorpusDiesWithAReplayLineThatDiesAgain) {
  const std::string folder = Folder();
  // The schedule of the failing expectation, for the test that dies.
  RunTests("Failing.Expectation", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder);
  std::string schedule = Content(folder + "/Failing.Expectation.schedule");
  schedule.replace(schedule.find("Failing.Expectation"), 19, "Failing.Check");
  Write(folder + "/Failing.Expectation.schedule", schedule);
  const Result found = RunTests("Failing.Check", "HOCKET_EXECUTIONS=1 HOCKET_CORPUS=" + folder);
  EXPECT_EQ(found.status, 128 + SIGABRT) << found.output;
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 128 + SIGABRT) << found.output << again.output;
  EXPECT_THAT(again.output, HasSubstr("HOCKET_CHECK(!inside) failed: this dies\n"));
}

// ---- As a GoogleTest program.

TEST(Process, XmlHasWhatWasExplored) {
  const std::string xml = Folder() + "/out.xml";
  const Result result = RunTests("Passing.Always", "HOCKET_EXECUTIONS=40 HOCKET_SEED=9", "--gtest_output=xml:" + xml);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(Content(xml), HasSubstr("<property name=\"hocket_executions\" value=\"40\"/>"));
  EXPECT_THAT(Content(xml), HasSubstr("<property name=\"hocket_distinct_schedules\" value=\"6\"/>"));
  EXPECT_THAT(Content(xml), HasSubstr("<property name=\"hocket_seed\" value=\"9\"/>"));
}

TEST(Process, FilterRepetitionAndListWork) {
  for (const Main main : {Main::kHocket, Main::kGoogleTest}) {
    EXPECT_EQ(RunTests("Passing.*", "", "", main).status, 0);
    const Result twice = RunTests("Failing.Expectation", "", "--gtest_repeat=2", main);
    EXPECT_EQ(twice.status, 1);
    EXPECT_EQ(Count(twice.output, "failing_test_program.cc:64: Failure"), 2) << twice.output;
    EXPECT_EQ(Count(twice.output, LanesIn(twice.output)), 2);

    const Result list = RunTests("*", "", "--gtest_list_tests", main);
    EXPECT_EQ(list.status, 0);
    EXPECT_THAT(list.output, HasSubstr("Failing.\n  Expectation\n  Exception\n"));
    EXPECT_THAT(list.output, Not(HasSubstr(kBodyRuns)));
  }
}

TEST(Process, FlagWinsOverTheEnvironment) {
  const std::string xml = Folder() + "/out.xml";
  RunTests("Passing.Always", "HOCKET_SEED=9", "--hocket_seed=11 --gtest_output=xml:" + xml);
  EXPECT_THAT(Content(xml), HasSubstr("<property name=\"hocket_seed\" value=\"11\"/>"));
}

}  // namespace
}  // namespace hocket::testing
