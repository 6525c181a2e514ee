// HOCKET_TEST, HOCKET_TEST_F and HOCKET_TEST_P as GoogleTest tests and under Bazel: what processes that have them print
// and leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "tests/run_program.h"

namespace hocket::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result RunTests(const std::string& filter, const std::string& variables = "", const std::string& flags = "") {
  return RunCommand(variables, ProgramBesides("front_end_program") + " --gtest_filter=" + filter + " " + flags);
}

// The value of a property in GoogleTest's XML.
std::string Property(const std::string& xml, const std::string& name) {
  const std::string begin = "<property name=\"" + name + "\" value=\"";
  const std::size_t at = xml.find(begin);
  if (at == std::string::npos) return "";
  return xml.substr(at + begin.size(), xml.find('"', at + begin.size()) - at - begin.size());
}

struct Explored {
  Result result;
  std::string xml;
};

Explored RunWithXml(const std::string& filter, const std::string& variables = "", const std::string& flags = "") {
  const std::string path = Folder() + "/out.xml";
  Explored explored{RunTests(filter, variables, flags + " --gtest_output=xml:" + path), ""};
  explored.xml = Content(path);
  return explored;
}

void ExpectReplays(const Result& found) {
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 1) << again.output;
  EXPECT_THAT(again.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
}

// ---- Fixtures.

TEST(Fixture, IsMadeAndSetUpForEachExecutionAndItsSuiteOnce) {
  const Result result = RunTests("Lifecycle.Passes");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_EQ(Count(result.output, "suite set up\n"), 1);
  // 9 executions, and the first one again to see that it is the same.
  EXPECT_THAT(result.output, HasSubstr("suite torn down: made 10, set up 10, torn down 10, destroyed 10, alive 0\n"));
}

TEST(Fixture, IsTornDownHoweverTheExecutionEnds) {
  for (const std::string test : {"Lifecycle.Expectation", "Lifecycle.Exception", "Lifecycle.Deadlock"}) {
    const Result result = RunTests(test);
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(Count(result.output, ": Failure\n"), 1) << result.output;
    const std::size_t at = result.output.find("made ");
    const std::string made = result.output.substr(at + 5, result.output.find(',', at) - at - 5);
    EXPECT_THAT(result.output, HasSubstr("made " + made + ", set up " + made + ", torn down " + made + ", destroyed " +
                                         made + ", alive 0\n"));
    ExpectReplays(result);
  }
}

TEST(Fixture, MayBeSharedWithPlainTests) {
  const Result result = RunTests("Lifecycle.Passes:Lifecycle.PlainTestInTheSameSuite");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_EQ(Count(result.output, "suite set up\n"), 1);
}

TEST(Fixture, ThatFailsToSetUpRunsNoBodyAndIsTornDown) {
  const Result result = RunTests("BadSetUp.*");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(Count(result.output, ": Failure\n"), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("in SetUp"));
  EXPECT_THAT(result.output, HasSubstr("torn down\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("the body runs")));
}

TEST(Fixture, ThatSkipsInSetUpSkipsTheTest) {
  const Result result = RunTests("SkippingSetUp.*");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("[  SKIPPED ] SkippingSetUp.RunsNoBody"));
  EXPECT_THAT(result.output, HasSubstr("nothing to test here"));
  EXPECT_THAT(result.output, Not(HasSubstr("the body runs")));
}

TEST(Fixture, ThatFailsInTearDownFailsTheTest) {
  const Result result = RunTests("BadTearDown.*");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(Count(result.output, ": Failure\n"), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("in TearDown"));
}

// ---- Parameters.

TEST(Parameter, ReachesEveryExecutionAndItsFailureReplays) {
  const Result result = RunTests("Some/Parameters.*");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("[       OK ] Some/Parameters.AreNotThree/0"));
  EXPECT_THAT(result.output, HasSubstr("[       OK ] Some/Parameters.AreNotThree/1"));
  EXPECT_EQ(Count(result.output, ": Failure\n"), 1) << result.output;
  EXPECT_THAT(ReplayCommandIn(result.output), HasSubstr("HOCKET_REPLAY=h1:test=Some/Parameters.AreNotThree/2:"));
  ExpectReplays(result);
}

// ---- Assertions.

TEST(Assertion, EndsItsTaskAndTheTestAndIsReportedOnce) {
  const Result result = RunTests("Assertions.EndTheTask");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(Count(result.output, ": Failure\n"), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("Expected equality of these values:\n  value\n    Which is: 5\n  4\n"));
  EXPECT_THAT(result.output, HasSubstr("not four"));
  EXPECT_THAT(result.output, Not(HasSubstr("after the assertion")));
  EXPECT_THAT(result.output, Not(HasSubstr("after the task")));
  ExpectReplays(result);
}

TEST(Assertion, ThatHoldsGoesOn) {
  const Result result = RunTests("Assertions.ThatHoldGoOn");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("after the assertion"));
}

TEST(Assertion, IsNotHiddenByACatch) {
  const Result result = RunTests("Assertions.AreNotHiddenByThoseWhoCatchEverything");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("caught\n"));
  EXPECT_THAT(result.output, HasSubstr("Which is: 6"));
}

TEST(Assertion, OfAMatcherOrNoneSaysWhy) {
  EXPECT_THAT(RunTests("Assertions.OfMatchersSayWhatTheyGot").output, HasSubstr("Expected: has substring \"x\""));
  EXPECT_THAT(RunTests("Assertions.FailAtOnce").output, HasSubstr("on purpose"));
}

TEST(Assertion, InAPlainRunIsReportedOnce) {
  const Result result = RunTests("Assertions.WorkInPlainRuns");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(Count(result.output, ": Failure\n"), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("Which is: 7"));
}

// ---- Skipping.

TEST(Skip, InATaskSkipsTheTest) {
  for (const std::string flag : {"", "--hocket_jobs=2", "--hocket_isolate"}) {
    const Result result = RunTests("Skipping.InATask", "", flag);
    EXPECT_EQ(result.status, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr("[  SKIPPED ] Skipping.InATask"));
    EXPECT_THAT(result.output, HasSubstr("not on this machine"));
    EXPECT_THAT(result.output, Not(HasSubstr("after the skip")));
  }
}

// ---- Traces.

TEST(Trace, BelongsToTheTaskAndToThoseItStarts) {
  const Result result = RunTests("Traces.BelongToTheirTask");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr(" in task b\n"));
  EXPECT_THAT(result.output, HasSubstr(" in the test\n"));
  EXPECT_THAT(result.output, Not(HasSubstr(" in task a\n")));
  EXPECT_THAT(result.output, Not(HasSubstr(" in task c\n")));
  EXPECT_LT(result.output.find(" in task b\n"), result.output.find(" in the test\n"));
}

TEST(Trace, EndsWithItsBlock) {
  EXPECT_THAT(RunTests("Traces.EndWithTheirBlock").output, Not(HasSubstr("in the block\n")));
}

TEST(Trace, OfGoogleTestIsRightWithinAStepOnly) {
  EXPECT_THAT(RunTests("Traces.OfGoogleTestAreRightWithoutACheckpoint").output, HasSubstr("googletest's"));
  // What assert.h warns of: the failure is of the second task.
  EXPECT_THAT(RunTests("Traces.OfGoogleTestBelongToTheThread").output, HasSubstr("of the first task"));
}

// ---- Options.

TEST(Options, AtTheTestAreTakenUnlessTheEnvironmentSaysOtherwise) {
  Explored explored = RunWithXml("Options.AtTheTest");
  EXPECT_EQ(explored.result.status, 0) << explored.result.output;
  EXPECT_EQ(Property(explored.xml, "hocket_executions"), "5");
  EXPECT_EQ(Property(explored.xml, "hocket_strategy"), "random");
  EXPECT_EQ(Property(explored.xml, "hocket_seed"), "7");
  explored = RunWithXml("Options.AtTheTest", "HOCKET_EXECUTIONS=6 TEST_RANDOM_SEED=3", "--hocket_strategy=fifo");
  EXPECT_EQ(Property(explored.xml, "hocket_executions"), "6");
  EXPECT_EQ(Property(explored.xml, "hocket_strategy"), "fifo");
  EXPECT_EQ(Property(explored.xml, "hocket_seed"), "3");
}

TEST(Options, ThatAreBadFailTheTest) {
  const Result result = RunTests("Options.OfBadStrategies");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("hocket: the options of the test: strategy: "));
}

TEST(Options, SayWhatMayHappen) { EXPECT_EQ(RunTests("Options.OfFaults").status, 0); }

// ---- Seeds and repetition.

TEST(Seed, IsFixedAndPrintedUnlessItIsToBeFresh) {
  EXPECT_THAT(RunTests("Shards.*").output, HasSubstr(", seed 1\n"));
  std::set<std::string> seeds;
  for (int i = 0; i < 3; ++i) {
    const Explored explored = RunWithXml("Shards.*", "HOCKET_SEED=fresh");
    const std::string seed = Property(explored.xml, "hocket_seed");
    EXPECT_THAT(explored.result.output, HasSubstr(", seed " + seed + "\n"));
    seeds.insert(seed);
  }
  EXPECT_EQ(seeds.size(), 3u);
}

TEST(Repetition, ExploresWithAnotherSeed) {
  const Result result = RunTests("Shards.*", "HOCKET_SEED=40", "--gtest_repeat=3");
  for (const std::string seed : {"40", "41", "42"}) EXPECT_EQ(Count(result.output, ", seed " + seed + "\n"), 1);
}

TEST(Repetition, ShuffledRunsTheSameTests) {
  const Result result = RunTests("Shards.*:Plain.*", "", "--gtest_shuffle --gtest_random_seed=3");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_EQ(Count(result.output, "[       OK ]"), 4);
}

// ---- Breaking.

TEST(BreakOnFailure, BreaksInTheShrunkExecutionAfterItsReport) {
  const Result result = RunTests("Lifecycle.Expectation", "", "--gtest_break_on_failure");
  EXPECT_THAT(result.output, HasSubstr("shrunk from "));
  EXPECT_GT(result.status, 128) << result.output;
}

// ---- What executions leave behind.

TEST(Globals, ThatChangeAnExecutionAreFoundByTheNameOfTheTest) {
  const Result result = RunTests("Globals.*");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("Globals.AreChanged, execution "));
  EXPECT_THAT(result.output, HasSubstr("the test depends on something else than its schedule"));
}

TEST(Globals, AreFreshInIsolation) {
  for (const std::string variable : {"HOCKET_ISOLATE=1", "HOCKET_ISOLATE=1 HOCKET_JOBS=2"}) {
    const Result result = RunTests("Globals.*", variable);
    EXPECT_EQ(result.status, 0) << result.output;
  }
}

TEST(DeathTest, WorksInATask) {
  for (const std::string style : {"fast", "threadsafe"}) {
    const Result result = RunTests("Death.*", "", "--gtest_death_test_style=" + style);
    EXPECT_EQ(result.status, 0) << result.output;
    EXPECT_THAT(result.output, Not(HasSubstr("replay: ")));
  }
}

TEST(Property, OfATestIsRecordedBesideHockets) { EXPECT_EQ(Property(RunWithXml("Properties.*").xml, "mine"), "17"); }

// ---- Under Bazel.

TEST(Sharding, DividesTheExecutionsOfEachTestAndRunsPlainTestsInOne) {
  const Explored whole = RunWithXml("Shards.*");
  int executions = 0;
  int plain = 0;
  for (int shard = 0; shard < 3; ++shard) {
    // The one with several processes divides in the same way.
    const std::string jobs = shard == 1 ? "HOCKET_JOBS=2 " : "";
    const std::string touched = Folder() + "/touched";
    const Explored explored =
        RunWithXml("Shards.*:Plain.*", jobs + "GTEST_TOTAL_SHARDS=3 GTEST_SHARD_INDEX=" + std::to_string(shard) +
                                           " TEST_TOTAL_SHARDS=3 TEST_SHARD_INDEX=" + std::to_string(shard) +
                                           " TEST_SHARD_STATUS_FILE=" + touched);
    EXPECT_EQ(explored.result.status, 0) << explored.result.output;
    executions += std::stoi("0" + Property(explored.xml, "hocket_executions"));
    plain += Count(explored.result.output, " runs\n");
    EXPECT_THAT(explored.result.output, HasSubstr(", shard " + std::to_string(shard) + " of 3\n"));
  }
  EXPECT_EQ(Property(whole.xml, "hocket_executions"), "100");
  EXPECT_EQ(executions, 100);
  EXPECT_EQ(plain, 3);
}

TEST(Sharding, IsKnownToBazel) {
  const std::string touched = Folder() + "/touched";
  RunTests("Plain.*", "TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=0 TEST_SHARD_STATUS_FILE=" + touched);
  EXPECT_TRUE(std::filesystem::exists(touched));
}

TEST(Sharding, RunsAllOfASearchInTheFirstShard) {
  const std::string variables = "HOCKET_STRATEGY=delay:2 HOCKET_JOBS=";
  const Explored whole = RunWithXml("Shards.*", variables + "1");
  for (const std::string jobs : {"1", "2"}) {
    const Explored first = RunWithXml("Shards.*", variables + jobs + " GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=0");
    EXPECT_EQ(Property(first.xml, "hocket_executions"), Property(whole.xml, "hocket_executions"));
    const Explored second = RunWithXml("Shards.*", variables + jobs + " GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=1");
    EXPECT_EQ(Property(second.xml, "hocket_executions"), "0") << second.result.output;
  }
}

TEST(Sharding, ListsEachTestOnceAndReplaysOnce) {
  const std::string list = RunTests("*", "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=0", "--gtest_list_tests").output;
  EXPECT_EQ(Count(list, "DivideExecutions\n"), 1);
  EXPECT_EQ(Count(list, "  AreNotThree/0"), 1);
  const std::string replay = " HOCKET_REPLAY=h1:test=Shards.DivideExecutions:base=stay";
  int replays = 0;
  for (const std::string shard : {"0", "1"}) {
    const Result result = RunTests("Shards.*", "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=" + shard + replay);
    EXPECT_EQ(result.status, 0);
    replays += Count(result.output, "replayed: it passes");
  }
  EXPECT_EQ(replays, 1);
}

TEST(Sharding, ThatIsBadIsRefused) {
  const Result result = RunTests("Plain.*", "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=2");
  EXPECT_EQ(result.output, "hocket: GTEST_SHARD_INDEX, character 1: expected a number from 0 to 1, found '2'\n");
}

TEST(Outputs, AreTheScheduleAndTheReportAndReplay) {
  const std::string folder = Folder();
  const Result found = RunTests("Some/Parameters.*", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder);
  const std::string name = folder + "/Some-Parameters.AreNotThree-2";
  EXPECT_THAT(found.output, HasSubstr(Content(name + ".report.txt")));
  EXPECT_THAT(Content(name + ".report.txt"), HasSubstr("replay: "));
  const Result again = RunTests("Some/Parameters.*", "HOCKET_REPLAY=" + name + ".schedule");
  EXPECT_THAT(again.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
}

TEST(Warnings, AreOfReplaysAndCorporaThatDoNotFitAnyMore) {
  const std::string folder = Folder();
  const std::string file = folder + "/warnings";
  const std::string stale = "test Options.AtTheTest\nbase stay\nat main/7 Checkpoint 1 run main/1\n";
  Write(folder + "/old.schedule", "hocket-schedule 1\n" + stale);
  EXPECT_EQ(RunTests("Options.AtTheTest", "TEST_WARNINGS_OUTPUT_FILE=" + file, "--hocket_corpus=" + folder).status, 0);
  EXPECT_THAT(Content(file), HasSubstr("hocket: Options.AtTheTest: stale in the corpus: old.schedule: "));
  RunTests("Options.AtTheTest", "TEST_WARNINGS_OUTPUT_FILE=" + file, "--hocket_replay=" + folder + "/old.schedule");
  EXPECT_THAT(Content(file), HasSubstr("hocket: Options.AtTheTest: the replay does not fit the program any more: "));
}

// ---- Suspects.

TEST(Suspects, AreListedWhereSomebodyAsks) {
  const std::string folder = Folder();
  const Result result =
      RunTests("Suspects.LoseAnUpdate", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder + " HOCKET_SUSPECTS=1");
  EXPECT_EQ(result.status, 0) << "suspects are no failures: " << result.output;
  EXPECT_THAT(result.output, HasSubstr("hocket: Suspects.LoseAnUpdate: 1 atomicity suspect\nlost update: "));
  EXPECT_THAT(Content(folder + "/Suspects.LoseAnUpdate.suspects.txt"), HasSubstr("front_end_program.cc:"));
  EXPECT_THAT(RunTests("Suspects.LoseAnUpdate").output, Not(HasSubstr("suspect\n")));
}

}  // namespace
}  // namespace hocket::testing
