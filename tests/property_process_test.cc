// Properties as their users see them: what processes that have them print, with RC_PARAMS, and how failures replay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/run_program.h"

namespace hocket::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result RunProperties(const std::string& filter, const std::string& variables = "") {
  return RunCommand(variables, ProgramBesides("property_program") + " --gtest_filter=" + filter);
}

void ExpectReplays(const Result& found) {
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 1) << again.output;
  EXPECT_THAT(again.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
}

// ---- Failures.

TEST(Property, ShrinksAFailedRapidCheckAssertionInInputAndScheduleAndReplaysIt) {
  const Result found = RunProperties("Words.AssertInATask");
  EXPECT_EQ(found.status, 1) << found.output;
  EXPECT_THAT(found.output, HasSubstr("\ninput: (17)\n"));
  EXPECT_THAT(found.output, HasSubstr("property_program.cc:"));
  EXPECT_THAT(found.output, HasSubstr("\nRC_ASSERT((first_wins || n < 17))\n\nExpands to:\n    "));
  EXPECT_THAT(found.output, HasSubstr("schedule: 1 deviation from the base"));
  ExpectReplays(found);
}

TEST(Property, ShrinksAFailedExpectationInATask) {
  const Result found = RunProperties("Words.ExpectInATask");
  EXPECT_EQ(found.status, 1) << found.output;
  EXPECT_THAT(found.output, HasSubstr("\ninput: (17)\n"));
  EXPECT_THAT(found.output, HasSubstr("Expected: (n) < (17), actual: 17 vs 17"));
  ExpectReplays(found);
  const Result shrunk = RunCommand("HOCKET_SHRINK=1", ReplayCommandIn(found.output));
  EXPECT_THAT(shrunk.output, HasSubstr("\nshrunk from 0 deviations to 0\n"));
}

TEST(Property, TakesFailuresBeforeDiscards) {
  const Result words = RunProperties("Words.FailureWinsOverDiscard");
  EXPECT_EQ(words.status, 1) << words.output;
  EXPECT_THAT(words.output, HasSubstr("RC_FAIL(\"this\")"));
  const Result error = RunProperties("Words.ErrorWinsOverDiscard");
  EXPECT_EQ(error.status, 1) << error.output;
  EXPECT_THAT(error.output, HasSubstr("std::runtime_error: this"));
  const Result expectation = RunProperties("Words.ExpectationWinsOverDiscard");
  EXPECT_EQ(expectation.status, 1) << expectation.output;
  EXPECT_THAT(expectation.output, HasSubstr("Value of: false"));
}

TEST(Property, PassesWhenItSaysThatItSucceeds) {
  const Result result = RunProperties("Words.SucceedsEarly");
  EXPECT_EQ(result.status, 0) << result.output;
}

TEST(Property, RefusesInputsThatAreDrawnInside) {
  const Result result = RunProperties("Words.DrawsInside");
  EXPECT_EQ(result.status, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("operator* is not allowed in this context"));
}

TEST(Property, ShowsWhatTheFailingExecutionHasLogged) {
  const Result found = RunProperties("Words.Logs");
  EXPECT_THAT(found.output, HasSubstr("\nlog:\nn is 17\n"));
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_THAT(again.output, HasSubstr("\nlog:\nn is 17\n"));
}

// ---- Discards.

TEST(Property, PutsAnotherInputInThePlaceOfADiscardedOne) {
  const Result result = RunProperties("Discards.Half*", "HOCKET_EXECUTIONS=200");
  EXPECT_EQ(result.status, 0) << result.output;
  // 20 inputs that were kept, with 10 executions each and a few that were run twice.
  const std::size_t at = result.output.find("kept ");
  ASSERT_NE(at, std::string::npos) << result.output;
  EXPECT_GE(std::stoi(result.output.substr(at + 5)), 200) << result.output;
}

TEST(Property, GivesUpAfterTooManyDiscards) {
  const Result result = RunProperties("Discards.All", "RC_PARAMS='max_success=5 max_discard_ratio=3'");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("Gave up after 0 tests: 16 inputs were discarded"));
  EXPECT_THAT(result.output, HasSubstr("RC_PRE(false)"));
  const Result nothing = RunProperties("Discards.NothingToMake", "RC_PARAMS='max_success=5 max_discard_ratio=0'");
  EXPECT_EQ(nothing.status, 1);
  EXPECT_THAT(nothing.output, HasSubstr("Gave up after 0 tests: 1 input"));
  EXPECT_THAT(nothing.output, HasSubstr("Generation failed"));
}

TEST(Property, KeepsAnInputThatIsDiscardedUnderSomeSchedulesOnly) {
  const Result result = RunProperties("Discards.BySchedule", "RC_PARAMS=max_discard_ratio=0");
  EXPECT_EQ(result.status, 0) << result.output;
}

// ---- Tags.

TEST(Property, CountsTagsOfAnyTask) {
  const Result result = RunProperties("Tags.OfInputs", "RC_PARAMS='max_success=40 seed=3'");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("OK, passed 40 tests, of whose executions are\n"));
  EXPECT_THAT(result.output, HasSubstr(" % - \"always\"\n"));
  EXPECT_THAT(result.output, HasSubstr(" % - \"always\", \"one\"\n"));
  EXPECT_THAT(result.output, Not(HasSubstr(" % - \"one\"")));
}

TEST(Property, CountsTagsByExecutionBecauseTheyDependOnTheSchedule) {
  const Result result = RunProperties("Tags.OfSchedules", "RC_PARAMS=max_success=20");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(" % - first_wins\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("100.00 %")));
}

// ---- RC_PARAMS.

TEST(RcParams, BoundInputsAndSizes) {
  const Result result = RunProperties("Sizes.AreBounded", "RC_PARAMS='max_success=6 max_size=2'");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("passed 6 tests"));
  EXPECT_THAT(result.output, HasSubstr(" 33.33 % - 0\n"));
  EXPECT_THAT(result.output, HasSubstr(" 33.33 % - 2\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("% - 3\n")));
  EXPECT_THAT(result.output, HasSubstr("60 executions"));
}

TEST(RcParams, SeedInputsApartFromSchedules) {
  const auto input_of = [](const std::string& variables) {
    const std::string output = RunProperties("Words.AssertInATask", "RC_PARAMS='noshrink=1 " + variables).output;
    const std::size_t begin = output.find("input: ");
    return output.substr(begin, output.find('\n', begin) - begin);
  };
  EXPECT_EQ(input_of("seed=1'"), input_of("seed=1'"));
  EXPECT_NE(input_of("seed=1'"), input_of("seed=2'"));
  EXPECT_NE(input_of("seed=1'"), "input: (17)");  // as it was found
}

TEST(RcParams, ShowProgressAndShrinking) {
  const Result passes = RunProperties("Sizes.AreBounded", "RC_PARAMS='max_success=7 verbose_progress=1'");
  EXPECT_THAT(passes.output, HasSubstr(".......\n"));
  const Result fails = RunProperties("Words.AssertInATask", "RC_PARAMS=verbose_shrinking=1");
  EXPECT_THAT(fails.output, HasSubstr("!"));
}

TEST(RcParams, AreRefusedWithAPosition) {
  const Result result = RunProperties("Tags.OfInputs", "RC_PARAMS='max_size=x'");
  EXPECT_EQ(result.status, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("RC_PARAMS, character 10: expected a number from 0 to 2147483647, found 'x'"));
}

// ---- State machines.

TEST(StateMachine, FindsARaceAndShrinksCommandsAndScheduleTogether) {
  const Result found = RunProperties("Account.IsLinearizable");
  EXPECT_EQ(found.status, 1) << found.output;
  EXPECT_THAT(found.output, HasSubstr("commands: no order of the calls explains what they returned\n"));
  EXPECT_THAT(found.output, HasSubstr("\ninput: (task 0:"));
  ExpectReplays(found);
}

}  // namespace
}  // namespace hocket::testing
