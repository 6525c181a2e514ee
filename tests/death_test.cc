// Processes that die in the middle of an execution: whatever ends them, the log alone is enough to make them die again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/run_program.h"

namespace hocket::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// As .bazelrc says it.
bool UnderAsan() { return std::getenv("HOCKET_CONFIG_ASAN") != nullptr; }
bool UnderSanitizer() { return UnderAsan() || std::getenv("HOCKET_CONFIG_UBSAN") != nullptr; }
// Sanitizers report a crash and exit.
constexpr int kSanitizerStatus = 1;

Result RunTests(const std::string& filter, const std::string& variables = "", const std::string& flags = "") {
  return RunCommand(variables, ProgramBesides("failing_test_program") + " --gtest_filter=" + filter + " " + flags);
}

// The last of several commands: the test's, after those of processes that it has forked.
std::string LastReplayCommandIn(const std::string& output) {
  std::string command;
  for (const std::string& line : Lines(output)) {
    if (line.rfind("replay: ", 0) == 0) command = line.substr(8);
  }
  return command;
}

struct Way {
  const char* test;
  int status;             // of the process
  const char* how;        // part of what is said of it
  const char* variables;  // that it needs
  const char* failure;    // part of what is said where another process outlives it
  const char* schedule = "schedule: 1 deviation from the base";
};

Way Signalled(const char* test, int signal, const char* how, const char* variables = "",
              const char* failure = "crash: the process of this execution was ended by signal ") {
  return {test, 128 + signal, how, variables, failure};
}

// What sanitizers take over.
Way Faulted(const char* test, const char* how) {
  if (!UnderSanitizer()) return Signalled(test, SIGSEGV, how);
  return {test, kSanitizerStatus, "a sanitizer ended the process", "",
          "crash: the process of this execution exited with"};
}

class Death : public ::testing::TestWithParam<Way> {};

TEST_P(Death, IsToldWithATokenThatDiesAgain) {
  const Way& way = GetParam();
  const std::string outputs = Folder();
  const Result found = RunTests(way.test, std::string(way.variables) + " TEST_UNDECLARED_OUTPUTS_DIR=" + outputs);
  EXPECT_EQ(found.status, way.status) << found.output;
  EXPECT_THAT(found.output, HasSubstr(std::string("hocket: ") + way.how + " in execution "));
  EXPECT_THAT(ReplayCommandIn(found.output), HasSubstr("HOCKET_REPLAY=h1:test=")) << found.output;

  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, way.status) << again.output;
  EXPECT_THAT(again.output, HasSubstr(std::string("hocket: ") + way.how + " in a replay of "));
  EXPECT_EQ(ReplayCommandIn(again.output), ReplayCommandIn(found.output));

  const Result from_file = RunTests(
      way.test, std::string(way.variables) + " HOCKET_REPLAY=" + outputs + "/" + std::string(way.test) + ".schedule");
  EXPECT_EQ(from_file.status, way.status) << from_file.output;
}

TEST_P(Death, IsShrunkAndOutlivedUnderJobsAndInIsolation) {
  const Way& way = GetParam();
  for (const std::string flag : {"--hocket_jobs=2", "--hocket_isolate"}) {
    // Those that are limited take their time, and what jobs find is explained in isolation.
    if (*way.variables != '\0' && flag != "--hocket_jobs=2") continue;
    const Result found = RunTests(std::string(way.test) + ":Passing.Always", way.variables,
                                  flag + " --hocket_executions=60 --hocket_strategy=random");
    EXPECT_EQ(found.status, 1) << found.output;
    EXPECT_EQ(Count(found.output, ": Failure\n"), 1) << found.output;
    EXPECT_THAT(found.output, HasSubstr(way.failure));
    EXPECT_THAT(found.output, HasSubstr(way.schedule)) << flag;
    EXPECT_THAT(found.output, HasSubstr("[       OK ] Passing.Always"));

    // The shrunk schedule, by names.
    const std::string command = LastReplayCommandIn(found.output);
    EXPECT_THAT(command, HasSubstr("HOCKET_REPLAY=h1:test="));
    EXPECT_THAT(command, Not(HasSubstr("decisions")));
    const Result again = RunCommand("", command);
    EXPECT_EQ(again.status, way.status) << again.output;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Way, Death,
    ::testing::Values(
        Signalled("Failing.Check", SIGABRT, "a failed check"), Signalled("Dying.Abort", SIGABRT, "SIGABRT"),
        Faulted("Dying.Segv", "SIGSEGV"), Faulted("Dying.StackOverflow", "SIGSEGV"),
        Way{"Dying.Exit", 1, "exit", "", "crash: the process of this execution exited with status "},
        Signalled("Dying.Terminate", SIGABRT, "SIGABRT"), Signalled("Dying.Terminated", SIGTERM, "SIGTERM"),
        Way{"Dying.Hang", 128 + SIGABRT, "SIGABRT", "HOCKET_STEP_TIMEOUT=1", "hang: ", "schedule: 3 deviations"},
        Signalled("Dying.Memory", SIGABRT, "SIGABRT", "HOCKET_MEMORY_LIMIT=120", "memory: ")),
    [](const auto& info) {
      std::string name = info.param.test;
      return name.substr(name.find('.') + 1);
    });

TEST(Death, UnderAddressSanitizerIsOneOfAReportToo) {
  if (!UnderAsan()) GTEST_SKIP() << "needs AddressSanitizer";
  const Result found = RunTests("Dying.UseAfterFree");
  EXPECT_EQ(found.status, kSanitizerStatus);
  EXPECT_THAT(found.output, HasSubstr("heap-use-after-free"));
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, kSanitizerStatus);
  EXPECT_THAT(again.output, HasSubstr("heap-use-after-free"));
}

TEST(Death, OfAPropertyIsToldWithItsInput) {
  const Result found = RunCommand("", ProgramBesides("dying_property_program"));
  EXPECT_EQ(found.status, 128 + SIGABRT) << found.output;
  EXPECT_THAT(ReplayCommandIn(found.output), HasSubstr("HOCKET_REPLAY=h1:test=Dying.Property:input=rc,"));
  EXPECT_THAT(ReplayCommandIn(found.output), HasSubstr(",decisions,"));
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 128 + SIGABRT) << again.output;
  EXPECT_THAT(again.output, HasSubstr("hocket: SIGABRT in a replay of Dying.Property\n"));
}

TEST(Death, OfAFuzzersInputIsToldWithItsFile) {
  const std::string folder = Folder();
  for (char seed = 0; seed < 20; ++seed) Write(folder + "/input " + std::to_string(seed), std::string{'\0', seed});
  const Result found = RunTests("Dying.Abort", "HOCKET_INPUTS=" + folder);
  EXPECT_EQ(found.status, 128 + SIGABRT) << found.output;
  EXPECT_THAT(ReplayCommandIn(found.output), HasSubstr("HOCKET_REPLAY='" + folder + "/input ")) << found.output;
  const Result again = RunCommand("", ReplayCommandIn(found.output));
  EXPECT_EQ(again.status, 128 + SIGABRT) << again.output;
}

TEST(Death, WithoutAnyHandlerIsToldByAnotherProcess) {
  const Result found = RunTests("Dying.QuietExit:Passing.Always", "", "--hocket_jobs=2");
  EXPECT_EQ(found.status, 1) << found.output;
  EXPECT_THAT(found.output, HasSubstr("crash: the process of this execution exited with status 7\n"));
  EXPECT_THAT(found.output, HasSubstr("[       OK ] Passing.Always"));
  EXPECT_EQ(RunCommand("", ReplayCommandIn(found.output)).status, 7);
}

TEST(Death, MemoryThatTheKernelRefusesIsAnException) {
  if (UnderAsan()) GTEST_SKIP() << "AddressSanitizer reserves more than any limit";
  const std::string limit = "ulimit -v 1000000; ";
  const Result found = RunCommand(
      "", limit + ProgramBesides("failing_test_program") + " --gtest_filter=Dying.Allocation:Passing.Always");
  EXPECT_EQ(found.status, 1) << found.output;
  EXPECT_THAT(found.output, HasSubstr("failed: std::bad_alloc"));
  EXPECT_THAT(found.output, HasSubstr("[       OK ] Passing.Always"));
  const Result again = RunCommand("", limit + ReplayCommandIn(found.output));
  EXPECT_THAT(again.output, HasSubstr("\nreplayed: the same failure, the same trace\n"));
}

TEST(Death, DecisionsThatNoLongerFitAreToldOf) {
  const std::string token = "h1:test=Passing.Always:input=decisions,9x3,-:base=stay";
  const Result result = RunTests("Passing.Always", "HOCKET_REPLAY=" + token);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("replayed: it passes; the program does not fit the schedule any more:\n"));
}

}  // namespace
}  // namespace hocket::testing
