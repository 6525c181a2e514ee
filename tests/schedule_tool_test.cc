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
  EXPECT_EQ(Content(bytes), std::string("\x07\0\0\0\0\x03", 6));
  const Result back = Schedule("convert " + bytes + " --to=file --test=Failing.DrawnValue" + kBinary);
  EXPECT_THAT(back.output, HasSubstr("\nbase stay\ndraw main fault 1 3\n"));
  // One that passes has a schedule as well.
  Write(bytes, std::string("\x07\0\0\0\0\x02", 6));
  const Result passes = Schedule("convert " + bytes + " --to=file --test=Failing.DrawnValue" + kBinary);
  EXPECT_THAT(passes.output, HasSubstr("\nbase stay\ndraw main fault 1 2\n"));
}

TEST(Convert, LosesNothingBetweenTokenFileAndBytes) {
  const std::string folder = Folder();
  const auto convert = [&](const std::string& what, const std::string& form) {
    const std::string file = folder + "/" + form;
    const Result result = Schedule("convert " + what + " --to=" + form + " --output=" + file + kBinary);
    EXPECT_EQ(result.status, 0) << result.errors;
    return Content(file);
  };
  for (const std::string test : {"Failing.Expectation", "Passing.Always"}) {
    // As executed, with its exact form.
    Write(folder + "/first", std::string("\x04\0\0\0\0\x00\xC0", 7));
    ASSERT_EQ(
        Schedule("convert " + folder + "/first --to=file --test=" + test + " --output=" + folder + "/file" + kBinary)
            .status,
        0);
    const std::string file = Content(folder + "/file");
    EXPECT_THAT(file, HasSubstr("\ntest " + test + "\n"));
    EXPECT_THAT(file, HasSubstr("\nexact "));
    const std::string token = convert(folder + "/file", "token");
    EXPECT_EQ(convert(token.substr(0, token.size() - 1), "file"), file);
    const std::string bytes = convert(folder + "/file", "bytes");
    EXPECT_EQ(convert(token.substr(0, token.size() - 1), "bytes"), bytes);
    const Result back = Schedule("convert " + folder + "/bytes --to=file --test=" + test + kBinary);
    EXPECT_EQ(back.output, file);
  }
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

// ---- Import.

// The only file in the folder; empty if there is another number of them.
std::string OnlyFileIn(const std::string& folder) {
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!path.empty()) return "";
    path = entry.path().string();
  }
  return path;
}

// In Failing.DrawnValue, which takes its value from the end.
const std::string kHeader("\x07\0\0\0\0", 5);
const std::string kBytesThatFail = kHeader + "\x03";
const std::string kBytesThatPass = kHeader + "\x02";

TEST(Import, StoresTheSmallestScheduleOfAFailureUnderItsName) {
  const std::string corpus = Folder() + "/corpus";
  const Result result = Schedule("import " + std::string(kFour) + " --corpus=" + corpus + kBinary);
  EXPECT_EQ(result.status, 0) << result.errors;
  const std::string path = OnlyFileIn(corpus);
  EXPECT_THAT(path, testing::MatchesRegex(".*/corpus/Failing.Expectation-expect-[0-9a-f]+\\.schedule"));
  EXPECT_THAT(Content(path), HasSubstr("\nbase stay\nat main/0 Checkpoint 1 run main/1\ntrace "));
  EXPECT_EQ(result.output.rfind("stored: " + path + "\n  from h1:test=Failing", 0), 0u) << result.output;
  EXPECT_THAT(result.output, HasSubstr("\n1 input: 1 schedule stored, 0 known, 0 not imported\n"));
  const std::size_t replay = result.output.find("\n  replay: ") + 11;
  const hocket::testing::Result again =
      hocket::testing::RunCommand("", result.output.substr(replay, result.output.find('\n', replay) - replay));
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.output, HasSubstr("replayed: the same failure, the same trace"));
}

TEST(Import, NamesTheTargetInTheCommandForWhatBazelHasBuilt) {
  const std::string out = Folder() + "/bazel-out/k8-fastbuild/bin/some";
  for (const std::string& folder : {std::string("bazel-bin/some"), out}) {
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file("tests/failing_test_program", folder + "/test");
    const Result result = Schedule("import " + std::string(kFour) + " --corpus=" + testing::TempDir() +
                                   "/corpus --binary=" + folder + "/test");
    EXPECT_THAT(result.output, HasSubstr("\n  replay: bazel test //some:test --"));
    EXPECT_THAT(result.output, HasSubstr(" --test_filter=Failing.Expectation --test_sharding_strategy=disabled "
                                         "--test_env=HOCKET_REPLAY=h1:"));
  }
}

TEST(Import, TakesCrashesOfFoldersAndStoresThoseThatFailAlikeOnce) {
  const std::string folder = Folder();
  const std::string afl = folder + "/out/main";
  std::filesystem::create_directories(afl + "/crashes");
  std::filesystem::create_directories(afl + "/queue");
  Write(afl + "/fuzzer_stats", "execs_done : 1\n");
  Write(afl + "/queue/id:000000,time:0,execs:0,orig:empty", kBytesThatPass);
  Write(afl + "/crashes/README.txt", "Command line used to find this crash:\n");
  Write(afl + "/crashes/id:000000,sig:06,src:000000,time:2,execs:9,op:havoc,rep:8", kHeader + "more\x03");
  Write(folder + "/out/crash-0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33", kBytesThatFail);
  const Result result =
      Schedule("import " + folder + "/out --corpus=" + folder + "/corpus --test=Failing.DrawnValue" + kBinary);
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_THAT(Content(OnlyFileIn(folder + "/corpus")), HasSubstr("\nbase stay\ndraw main fault 1 3\n"));
  EXPECT_THAT(result.output, HasSubstr(" and 1 other input that fails alike\n"));
  EXPECT_THAT(result.output, HasSubstr("\n2 inputs: 1 schedule stored, 0 known, 0 not imported\n"));
}

TEST(Import, KnowsWhatIsStoredAsLongAsItFails) {
  const std::string folder = Folder();
  const std::string command = "import " + std::string(kFour) + " --corpus=" + folder + kBinary;
  EXPECT_EQ(Schedule(command).status, 0);
  const std::string path = OnlyFileIn(folder);
  const Result again = Schedule(command);
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.output.rfind("known: " + path + "\n", 0), 0u) << again.output;
  EXPECT_EQ(OnlyFileIn(folder), path);
  // The same failure is stored, but the program stands that schedule: there is another way to it.
  const std::string mended = Content(path).replace(Content(path).find("main/0"), 6, "main/7");
  Write(path, mended);
  const Result other = Schedule(command);
  EXPECT_EQ(other.status, 0);
  const std::string second = path.substr(0, path.rfind('.')) + "-2.schedule";
  EXPECT_EQ(other.output.rfind("stored: " + second + "\n", 0), 0u) << other.output;
  EXPECT_EQ(Content(path), mended);
}

TEST(Import, StoresWhatEndsItsProcess) {
  const std::string corpus = Folder();
  const Result result =
      Schedule("import h1:test=Failing.Check:base=stay:at=main/0,Checkpoint,1,main/1:at=main/7,Checkpoint,1,main/1" +
               (" --corpus=" + corpus) + kBinary);
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_THAT(OnlyFileIn(corpus), testing::MatchesRegex(".*/Failing.Check-crash-[0-9a-f]+\\.schedule"));
  EXPECT_THAT(Content(OnlyFileIn(corpus)), HasSubstr("\nbase stay\nat main/0 Checkpoint 1 run main/1\n"));
}

TEST(Import, SaysOfEachInputWhyItIsNotImportedAndImportsTheOthers) {
  const std::string folder = Folder();
  std::filesystem::create_directories(folder + "/empty");
  std::filesystem::create_directories(folder + "/in");
  Write(folder + "/in/fails", kBytesThatFail);
  Write(folder + "/in/passes", kBytesThatPass);
  Write(folder + "/in/damaged.schedule", "hocket-schedule 1\nbase stya\n");
  const Result result = Schedule("import " + folder + "/in " + folder + "/empty " + folder +
                                 "/nowhere --corpus=" + folder + "/corpus --test=Failing.DrawnValue" + kBinary);
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.errors, folder +
                               "/in/damaged.schedule: line 2, column 6: expected a base (stay, fifo or spawn), "
                               "found 'stya'\n" +
                               folder + "/in/passes: does not fail: the test passes\n" +                     //
                               folder + "/empty: folder '" + folder + "/empty' holds nothing to import\n" +  //
                               folder + "/nowhere: file '" + folder + "/nowhere' cannot be read\n");
  EXPECT_THAT(result.output, HasSubstr("\n4 inputs: 1 schedule stored, 0 known, 4 not imported\n"));
  EXPECT_NE(OnlyFileIn(folder + "/corpus"), "");
  EXPECT_EQ(Content(folder + "/in/passes"), kBytesThatPass);
}

// A binary of the test's own: a script.
std::string Script(const std::string& text) {
  const std::string path = Folder() + "/binary";
  Write(path, "#!/bin/sh\n" + text + "\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

TEST(Import, TakesTheOnlyTestOfTheBinary) {
  const std::string program = std::filesystem::absolute("tests/failing_test_program").string();
  const std::string binary = Script("[ $1 = --gtest_list_tests ] || exec " + program +
                                    " \"$@\"\nprintf 'Failing.\\n  DrawnValue  # comment\\n'");
  const std::string bytes = testing::TempDir() + "/bytes";
  Write(bytes, kBytesThatFail);
  const std::string corpus = testing::TempDir() + "/only";
  const Result one = Schedule("import " + bytes + " --corpus=" + corpus + " --binary=" + binary);
  EXPECT_EQ(one.status, 0) << one.errors;
  EXPECT_THAT(OnlyFileIn(corpus), HasSubstr("/Failing.DrawnValue-expect-"));
  const Result several = Schedule("import " + bytes + " --corpus=" + corpus + kBinary);
  EXPECT_EQ(several.status, 1);
  EXPECT_THAT(several.errors, HasSubstr("bytes: expected --test, because the input names no test and there are several:"
                                        " Failing.Expectation, Failing.Exception, "));
}

TEST(Import, SaysHowABinaryEnded) {
  const std::string bytes = testing::TempDir() + "/bytes";
  Write(bytes, kBytesThatFail);
  const Result dies = Schedule("import " + bytes + " --binary=" + Script("echo oh; kill -SEGV $$"));
  EXPECT_EQ(dies.status, 1);
  EXPECT_THAT(dies.errors, HasSubstr("' lists no tests: it died of Segmentation fault, and says:\noh\n"));
  const Result ends = Schedule("import " + bytes + " --test=A.B --binary=" + Script("exit 3"));
  EXPECT_EQ(ends.status, 1);
  EXPECT_THAT(ends.errors, HasSubstr("' does not run a test A.B: it ended with status 3, and says:\n"));
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
        BadInput{"shw x",
                 "schedule: argument 1: expected one of show, diff, minimize, convert, import, stats, "
                 "found 'shw'\n"},
        BadInput{"show", "schedule: argument 2: expected one schedule, found nothing\n"},
        BadInput{"diff a b c", "schedule: argument 4: expected no more than two schedules, found 'c'\n"},
        BadInput{"show x --binry=y",
                 "schedule: argument 3: expected one of --binary, --test, --to, --corpus, --output"},
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
        BadInput{"import corpus", "schedule: import: expected --binary=PATH"},
        BadInput{"show h1:base=stay --binary=tests/failing_test_program", "expected --test, because the input names"}));

}  // namespace
