// //tools:schedule as its users see it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/run_program.h"

namespace {

using hocket::testing::Content;
using hocket::testing::Folder;
using hocket::testing::Write;
using testing::HasSubstr;
using testing::Not;

struct Result {
  int status = 0;
  std::string output;  // standard output
  std::string errors;
};

// The variables of Bazel, this test's own, go to the tool: it must keep them from the binaries that it runs.
Result Schedule(const std::string& arguments) {
  const std::string errors = testing::TempDir() + "/errors";
  FILE* pipe = popen(("tools/schedule " + arguments + " 2>" + errors).c_str(), "r");
  Result result;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.output.append(buffer, n);
  result.status = WEXITSTATUS(pclose(pipe));
  result.errors = Content(errors);
  return result;
}

constexpr char kBinary[] = " --binary=tests/failing_test_program";
// Fails with three deviations, of which the last one alone would do; a fourth one does not apply.
constexpr char kFour[] =
    "h1:test=Failing.Expectation:base=stay:at=main,Nursery.Exit,1,main/1:at=main/1,Checkpoint,1,main/0:"
    "at=main/0,Checkpoint,1,main/1:at=main/7,Checkpoint,1,main/1";

TEST(Show, TellsWhatIsKnownWithoutTheProgram) {
  const Result result = Schedule("show corpus/connection_pool.schedule");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, R"(test: ConnectionPoolTest.SlotsComeBackWhenQueriesTimeOut
fails: exception da9dfadd
schedule: 1 deviation from the base stay (a task runs on until it blocks)
  when main/0 stands at Checkpoint, clock moves on
trace: 11 decisions, hash cd3c485b0bda1b47

decisions (who was chosen, standing where, of how many):
      main/0             clock        main/1             main/2
   1  start (of 3)
>  2                     Jump (of 4)
   3                                  start (of 3)
   4                                  Checkpoint (of 4)
   5                                                     start (of 3)
   6  Checkpoint (of 2)
   7  Cancelled (of 2)
   8                                  Sleep (of 2)
   9                                                     Event.Wait (of 2)
  10                                                     Checkpoint (of 2)
  11                                                     Sleep (of 2)
> runs here instead of what the base schedule would run, as far as decisions alone can tell
)");
}

TEST(Show, TellsThatDecisionsAreNotRecorded) {
  EXPECT_EQ(Schedule("show h1:base=fifo:draw=main,size,2,7").output, R"(test: not named
schedule: 0 deviations and 1 drawn value from the base fifo (first ready, first run)
  main draws 7 as 'size', time 2

The decisions are not recorded here; --binary=PATH shows what happens.
)");
}

TEST(Show, FoldsAndListsWhatHasNoRoom) {
  std::string tasks;
  std::string exact = "2.0.0x20";
  for (int i = 0; i < 9; ++i) {
    tasks += (i > 0 ? "," : "") + ("main/worker." + std::to_string(i));
    if (i > 0) exact += ",2." + std::to_string(i) + ".0";
  }
  EXPECT_THAT(Schedule("show h1:base=stay:tasks=" + tasks + ":ops=Checkpoint:exact=" + exact).output, HasSubstr(R"(
   1  main/worker.0  Checkpoint (of 2)
      main/worker.0  ... 19 more
  21  main/worker.1  Checkpoint (of 2)
)"));
}

TEST(Show, RunsTheProgramIfThereIsOne) {
  const Result result = Schedule(std::string("show ") + kFour + kBinary);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("replayed: it fails"));
  EXPECT_THAT(result.output, HasSubstr("main/0 Outer"));
}

TEST(Diff, SaysWhatIsEqual) {
  const Result result = Schedule("diff corpus/bank.schedule corpus/bank.schedule");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, "the schedules are equal\n");
}

TEST(Diff, ShowsWhatOnlyOneHasAndWhereTheyPart) {
  const Result result = Schedule(
      "diff h1:test=A.B:failure=expect,00000001:base=stay:at=main/0,Checkpoint,1,main/1:at=main/1,Sleep,2,main/0:"
      "tasks=main/0,main/1:ops=start,Checkpoint:exact=2.0.0,2.1.0,2.1.1 "
      "h1:test=A.B:base=stay:at=main/1,Sleep,2,main/0:draw=main,size,1,3:"
      "tasks=main/0,main/1:ops=start,Checkpoint:exact=2.0.0,3.1.0,2.1.1");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.output, R"(failure:
- expect 00000001
+ not recorded
deviations and drawn values (1 in common):
- when main/0 stands at Checkpoint, main/1 runs
+ main draws 3 as 'size'
decisions (the first 1 in common), number 2:
- main/1 at start, of 2
+ main/1 at start, of 3
)");
}

TEST(Convert, ChangesTheSpelling) {
  const std::string token = Schedule("convert corpus/bank.schedule --to=token").output;
  EXPECT_EQ(token.rfind("h1:test=BankTest.AuditSeesAllTheMoney:failure=", 0), 0u);
  EXPECT_EQ(Schedule("convert " + token.substr(0, token.size() - 1) + " --to=file").output,
            Content("corpus/bank.schedule"));
  const std::string without_exact = Schedule("convert corpus/bank.schedule --to=without-exact").output;
  EXPECT_THAT(without_exact, Not(HasSubstr("exact=")));
  EXPECT_EQ(token.rfind(without_exact.substr(0, without_exact.size() - 1), 0), 0u);
}

TEST(Convert, WritesWhereItIsToldTo) {
  const std::string file = Folder() + "/out";
  EXPECT_EQ(Schedule("convert corpus/bank.schedule --to=file --output=" + file).output, "");
  EXPECT_EQ(Content(file), Content("corpus/bank.schedule"));
}

TEST(Convert, MakesBytesOfAScheduleAndAScheduleOfBytes) {
  const std::string bytes = Folder() + "/bytes";
  const std::string schedule = "h1:test=Failing.DrawnValue:base=stay:draw=main,fault,1,3";
  EXPECT_EQ(Schedule("convert " + schedule + " --to=bytes --output=" + bytes + kBinary).status, 0);
  EXPECT_EQ(Content(bytes), std::string("\x04\0\0\0\0\x03", 6));
  const Result back = Schedule("convert " + bytes + " --to=file --test=Failing.DrawnValue" + kBinary);
  EXPECT_THAT(back.output, HasSubstr("\nbase stay\ndraw main fault 1 3\n"));
  // One that passes has a schedule as well.
  Write(bytes, std::string("\x04\0\0\0\0\x02", 6));
  const Result passes = Schedule("convert " + bytes + " --to=file --test=Failing.DrawnValue" + kBinary);
  EXPECT_THAT(passes.output, HasSubstr("\nbase stay\ndraw main fault 1 2\n"));
}

TEST(Convert, SaysHowToMakeBytesWithoutIt) {
  const Result result = Schedule("convert h1:test=A.B:base=stay --to=bytes");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.errors,
            "schedule: convert: expected --binary=PATH, because the program has to run for this; by hand: "
            "HOCKET_REPLAY=h1:test=A.B:base=stay HOCKET_WRITE_BYTES=<file> <binary> --gtest_filter=A.B\n");
}

TEST(Convert, DrawsWhoWaitsForWhom) {
  const std::string deadlock = "h1:test=Failing.Deadlock:base=stay:at=main/0,Checkpoint,1,main/1";
  EXPECT_THAT(Schedule("convert " + deadlock + " --to=dot" + kBinary).output, HasSubstr("waits in Event.Wait"));
  EXPECT_EQ(Schedule("convert " + deadlock + " --to=mermaid" + kBinary).output.rfind("flowchart LR\n", 0), 0u);
  EXPECT_EQ(Schedule("convert " + deadlock + " --to=html" + kBinary).output.rfind("<!doctype html>", 0), 0u);
  EXPECT_EQ(Schedule("convert " + deadlock + " --to=perfetto" + kBinary).output.rfind("{\"", 0), 0u);
  const Result passes = Schedule(std::string("convert h1:test=Passing.Always:base=stay --to=dot") + kBinary);
  EXPECT_EQ(passes.status, 1);
  EXPECT_THAT(passes.errors, HasSubstr("the replay left no dot: no task was waiting when it ended."));
}

TEST(Minimize, DropsWhatTheFailureDoesNotNeed) {
  const Result result = Schedule(std::string("minimize ") + kFour + kBinary);
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("\nbase stay\nat main/0 Checkpoint 1 run main/1\ntrace "));
  EXPECT_THAT(result.errors, HasSubstr("from 4 deviations and drawn values to 1 in 6 runs"));
  // It is a schedule, and it cannot be made smaller.
  const std::string file = Folder() + "/smaller.schedule";
  Write(file, result.output);
  EXPECT_EQ(Schedule("minimize " + file + kBinary).output, result.output);
}

TEST(Minimize, SaysThatTheScheduleDoesNotFail) {
  const Result result = Schedule(std::string("minimize h1:test=Failing.Expectation:base=stay") + kBinary);
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr("nothing to minimize: the test passes."));
}

TEST(Stats, CountByTestAndFailure) {
  const std::string folder = Folder();
  std::filesystem::create_directory(folder + "/inner");
  const std::string begin = "hocket-schedule 1\ntest A.B\n";
  Write(folder + "/1.schedule", begin + "failure expect 00000001\nbase stay\n");
  Write(folder + "/2.schedule", begin + "failure expect 00000001\nbase stay\nat a b 1 run c\nat a b 2 run c\n");
  Write(folder + "/3.schedule", begin + "failure expect 00000001\nbase stay\nat a b 1 run c\n");
  Write(folder + "/4.schedule", begin + "failure deadlock 00000002\nbase stay\ndraw a b 1 2\n");
  Write(folder + "/inner/5.schedule", begin + "failure deadlock 00000002\nbase stay\ndraw a b 1 2\n");
  Write(folder + "/ignored.txt", "");
  const Result result = Schedule("stats corpus " + folder);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, R"(8 schedules of 4 tests

A.B
  deadlock 00000002: 2 schedules, deviations 0, 2 drawn values, 2 without decisions
  expect 00000001: 3 schedules, deviations 0/1/2, 3 without decisions

BankTest.AuditSeesAllTheMoney
  exception da9dfadd: 1 schedule, deviations 1

BoundedQueueTest.EverythingThatGoesInComesOut
  deadlock 1e25f8c0: 1 schedule, deviations 1

ConnectionPoolTest.SlotsComeBackWhenQueriesTimeOut
  exception da9dfadd: 1 schedule, deviations 1

the same twice:
  )" + folder + "/inner/5.schedule and " +
                               folder + "/4.schedule\n");
}

struct BadInput {
  const char* arguments;
  const char* message;
};

class Refused : public testing::TestWithParam<BadInput> {};

TEST_P(Refused, SaysWhereAndWhatWasExpected) {
  const Result result = Schedule(GetParam().arguments);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, Refused,
    testing::Values(
        BadInput{"shw x", "schedule: argument 1: expected one of show, diff, minimize, convert, stats, found 'shw'\n"},
        BadInput{"show", "schedule: argument 2: expected one schedule, found nothing\n"},
        BadInput{"diff a b c", "schedule: argument 4: expected no more than two schedules, found 'c'\n"},
        BadInput{"show x --binry=y", "schedule: argument 3: expected one of --binary, --test, --to, --output, found "},
        BadInput{"show x --binary", "schedule: argument 3: expected --binary= and a value, found '--binary'\n"},
        BadInput{"show h1:base=stya", "schedule: token, character 9: expected a base (stay, fifo or spawn), found "},
        BadInput{"show h2:base=stay", "schedule: token, character "},
        BadInput{"show nowhere.schedule", "schedule: file 'nowhere.schedule' cannot be read\n"},
        BadInput{"show tests/damaged.schedule", "schedule: tests/damaged.schedule: line 2, column 6: expected a base"},
        BadInput{"stats tests/damaged.schedule", "schedule: tests/damaged.schedule: line 2, column 6: expected a base"},
        BadInput{"show tools/schedule", "schedule: tools/schedule: expected a schedule file, found bytes"},
        BadInput{"convert corpus/bank.schedule --to=png",
                 "schedule: --to: expected one of token, without-exact, file, bytes, html, perfetto, dot, mermaid, "
                 "found 'png'\n"},
        BadInput{"minimize corpus/bank.schedule", "schedule: minimize: expected --binary=PATH"},
        BadInput{"show corpus/bank.schedule --binary=nowhere", "schedule: --binary: 'nowhere' cannot be run\n"},
        BadInput{"show corpus/bank.schedule --binary=tests/failing_test_program",
                 "the schedule is for BankTest.AuditSeesAllTheMoney, which this binary does not have"},
        BadInput{"show h1:base=stay --binary=tests/failing_test_program", "expected --test, because the input names"}));

}  // namespace
