// The process that runs programs: what it prints, and that no line of its input can hurt it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using testing::HasSubstr;

// The program, which lies beside this one.
std::string Program() {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  if (runfiles == nullptr) return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "run_programs";
  return std::string(runfiles) + "/" + std::getenv("TEST_WORKSPACE") + "/tests/conformance/run_programs";
}

struct Result {
  int status = 0;  // 128 and the signal's number, if one ended it
  std::string out;
  std::string err;
};

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

Result RunPrograms(const std::string& input, const std::string& arguments = "") {
  const std::string base = testing::TempDir() + "/run_programs.";
  std::ofstream(base + "in", std::ios::binary) << input;
  const int status = std::system(
      ("'" + Program() + "' " + arguments + " < '" + base + "in' > '" + base + "out' 2> '" + base + "err'").c_str());
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), Content(base + "out"),
          Content(base + "err")};
}

std::string Repeat(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

constexpr char kGood[] = R"({"seed":"a","main":[{"id":1,"op":"cp"}]})";
constexpr char kGoodAnswer[] =
    R"({"k":0,"seed":"a","trace":[{"ev":"batch","run":["main"],"t":0},{"ev":"start","t":0,"task":"main"},)"
    R"({"at":1,"ev":"do","op":"cp","t":0,"task":"main"},{"ev":"batch","run":["main"],"t":0},)"
    R"({"at":1,"ev":"ok","t":0,"task":"main"},{"ev":"exit","t":0,"task":"main","x":null},)"
    R"({"decisions":0,"ev":"end","t":0,"x":null}]})"
    "\n";

TEST(RunPrograms, PrintsALineForEachProgram) {
  const Result result = RunPrograms(std::string(kGood) + "\n" + kGood + "\n");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, std::string(kGoodAnswer) + kGoodAnswer);
}

TEST(RunPrograms, NothingInNothingOut) {
  const Result result = RunPrograms("");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST(RunPrograms, EscapesWhatIsNotAscii) {
  const Result result = RunPrograms(R"({"seed":"é","main":[]})");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr(R"("seed":"\u00e9")"));
}

TEST(RunPrograms, SeedIsNullIfThereIsNone) {
  const Result result = RunPrograms(R"({"main":[]})");
  EXPECT_THAT(result.out, HasSubstr(R"("seed":null)"));
}

// A program that uses everything that it declares, with one statement.
std::string With(const std::string& statement) {
  return R"({"chan":[0,1],"ev":2,"lock":2,"sem":[1],"lim":[1],"main":[)" + statement + "]}";
}

// One statement without fields inside `count` others.
std::string Nested(int count) {
  return With(Repeat(R"({"id":1,"op":"try","body":[)", count) + R"({"id":1,"op":"cp"})" + Repeat("]}", count));
}

struct BadLine {
  std::string line;
  std::string message;
};

std::vector<BadLine> BadLines() {
  std::vector<BadLine> lines = {
      // What is not JSON.
      {"", "character 1: not valid JSON"},
      {"nonsense", "character 2: not valid JSON"},
      {R"({"main":[)", "character 10: not valid JSON"},
      {R"({"main":[]} {})", "character 13: not valid JSON"},
      {"{\"seed\":\"\xff\",\"main\":[]}", "character 10: not valid JSON"},
      {"{\"seed\":\"\xc3\",\"main\":[]}", "character 11: not valid JSON"},
      {std::string("{\"main\":[]\0}", 12), "character 11: not valid JSON"},
      {"{\"main\":1e999}", "a number is too large"},
      {Repeat("[", 200'000), "character 200001: not valid JSON"},
      // The program itself.
      {"null", "expected an object, found null"},
      {"[]", "expected an object, found a list"},
      {Repeat("[", 200'000) + Repeat("]", 200'000), "expected an object, found a list"},
      {"{}", R"(expected a field "main")"},
      {R"({"main":{}})", "main: expected a list of statements, found an object"},
      {R"({"main":[],"mian":1})", R"(unexpected field "mian")"},
      {R"({"main":[],"v":2})", "v: expected version 1 of the language, found 2"},
      {R"({"main":[],"seed":[]})", "seed: expected a number or a string, found a list"},
      {R"({"main":[],"mode":"slow"})", R"(mode: expected one of batch, free, found "slow")"},
      {R"({"main":[],"mode":1})", "mode: expected one of batch, free, found 1"},
      {R"({"main":[],"sched":[]})", "sched: expected an object, found a list"},
      {R"({"main":[],"sched":{"kind":"random"}})",
       R"(sched.kind: expected one of fifo, lifo, seed, list, found "random")"},
      {R"({"main":[],"sched":{"seed":-1}})", "sched.seed: expected a number from 0 to 2^64 - 1, found -1"},
      {R"({"main":[],"sched":{"seed":18446744073709551616}})",
       "sched.seed: expected a number from 0 to 2^64 - 1, found 1.8446744073709552e+19"},
      {R"({"main":[],"sched":{"picks":3}})", "sched.picks: expected a list of numbers, found 3"},
      {R"({"main":[],"sched":{"picks":[1,-2]}})", "sched.picks[1]: expected a number from 0 to 1000000000, found -2"},
      {R"({"main":[],"sched":{"dice":3}})", R"(sched: unexpected field "dice")"},
      {R"({"main":[],"ev":-1})", "ev: expected a number from 0 to 1000, found -1"},
      {R"({"main":[],"ev":18446744073709551615})", "ev: expected a number from 0 to 1000, found 18446744073709551615"},
      {R"({"main":[],"lock":1000000})", "lock: expected a number from 0 to 1000, found 1000000"},
      {R"({"main":[],"chan":[-2]})", "chan[0]: expected a number from -1 to 1000000000, found -2"},
      {R"({"main":[],"chan":2})", "chan: expected a list of numbers, found 2"},
      {R"({"main":[],"sem":[0,-1]})", "sem[1]: expected a number from 0 to 1000000000, found -1"},
      {R"({"main":[],"lim":["1"]})", R"(lim[0]: expected a number from 0 to 1000000000, found "1")"},
      {R"({"main":[],"lim":[)" + Repeat("1,", 1000) + "1]}", "lim: expected at most 1000 numbers, found 1001"},
      // Statements.
      {With("1"), "main[0]: expected a statement, found 1"},
      {With(R"({"op":"cp"})"), R"(main[0]: expected a field "id")"},
      {With(R"({"id":1})"), R"(main[0]: expected a field "op")"},
      {With(R"({"id":"1","op":"cp"})"), R"(main[0].id: expected a number from 0 to 1000000000, found "1")"},
      {With(R"({"id":1,"op":"jump"})"), R"(main[0].op: expected an operation, found "jump")"},
      {With(R"({"id":1,"op":["cp"]})"), "main[0].op: expected an operation, found a list"},
      {With(R"({"id":1,"op":"cp","dt":1})"), R"(main[0]: cp has no field "dt")"},
      {With(R"({"id":1,"op":"sleep"})"), R"(main[0]: sleep needs a field "dt")"},
      {With(R"({"id":1,"op":"sleep","dt":-1})"), "main[0].dt: expected a number from 0 to 100000, found -1"},
      {With(R"({"id":1,"op":"sleep","dt":0.5})"), "main[0].dt: expected a number from 0 to 100000, found 0.5"},
      {With(R"({"id":1,"op":"sleep","dt":1e30})"), "main[0].dt: expected a number from 0 to 100000, found 1e+30"},
      {With(R"({"id":1,"op":"sleep_until","at_time":true})"),
       "main[0].at_time: expected a number from -100000 to 100000, found true"},
      {With(R"({"id":1,"op":"raise","err":"E9"})"), R"(main[0].err: expected one of E0, E1, E2, E3, B0, found "E9")"},
      {With(R"({"id":1,"op":"move_on_after","dt":-1,"body":[]})"),
       "main[0].dt: expected a number from 0 to 100000, found -1"},
      {With(R"({"id":1,"op":"try","body":[],"on":"ANY"})"), R"(main[0].on: expected a list of errors, found "ANY")"},
      {With(R"({"id":1,"op":"try","body":[],"on":["ANY","E7"]})"),
       "main[0].on[1]: expected one of E0, E1, E2, E3, B0, Cancelled, WouldBlock, EndOfChannel, Broken, Closed, "
       R"(TooSlow, RuntimeError, ANY, found "E7")"},
      {With(R"({"id":1,"op":"try","body":[],"star":1})"), "main[0].star: expected true or false, found 1"},
      {With(R"({"id":1,"op":"try","body":[],"fin":[{"id":2,"op":"cp"},{"id":3}]})"),
       R"(main[0].fin[1]: expected a field "op")"},
      {With(R"({"id":1,"op":"nursery","n":"n0","body":[{"id":2,"op":"nursery","n":"n1","body":7}]})"),
       "main[0].body[0].body: expected a list of statements, found 7"},
      {Nested(100),
       "main[0].body[0]" + Repeat(".body[0]", 98) + ".body: statements stand in each other more than 100 deep"},
      {R"({"main":[)" + Repeat(R"({"id":1,"op":"cp"},)", 3'000) + R"({"id":1,"op":"cp"}]})",
       "main[3000]: the program has more than 3000 statements"},
      // Names and numbers that refer to nothing.
      {With(R"({"id":1,"op":"nursery","n":"","body":[]})"), R"(main[0].n: expected a name, found "")"},
      {With(R"({"id":1,"op":"nursery","n":"a b","body":[]})"), R"(main[0].n: expected a name, found "a b")"},
      {With(R"({"id":1,"op":"nursery","n":")" + Repeat("n", 50) + R"(","body":[]})"),
       R"(main[0].n: expected a name, found ")" + Repeat("n", 39) + "..."},
      {With(R"({"id":1,"op":"spawn","n":"n0","task":"t0","body":[]})"),
       R"(main[0].n: expected the name of a nursery in this program, found "n0")"},
      {With(R"({"id":1,"op":"start","n":7,"task":"t0","body":[]})"), "main[0].n: expected a name, found 7"},
      {With(R"({"id":1,"op":"nursery","n":"n0","body":[{"id":2,"op":"spawn","n":"n0","task":"main","body":[]}]})"),
       R"(main[0].body[0].task: expected a name that begins with t, found "main")"},
      {With(R"({"id":1,"op":"started","task":"t5","v":1})"),
       R"(main[0].task: expected the name of a task in this program, found "t5")"},
      {With(R"({"id":1,"op":"cancel","scope":"s00"})"),
       R"(main[0].scope: expected the name of a scope or nursery in this program, found "s00")"},
      {With(R"({"id":1,"op":"nursery","n":"n0","body":[{"id":2,"op":"shield","scope":"n0","v":true}]})"),
       R"(main[0].body[0].scope: expected the name of a scope in this program, found "n0")"},
      {With(R"({"id":1,"op":"deadline","scope":"s00","dt":1})"),
       R"(main[0].scope: expected the name of a scope in this program, found "s00")"},
      {With(R"({"id":1,"op":"ev_set","e":2})"), "main[0].e: expected a number from 0 to 1, found 2"},
      {With(R"({"id":1,"op":"ev_wait","e":-1})"), "main[0].e: expected a number from 0 to 1, found -1"},
      {R"({"main":[{"id":1,"op":"ev_wait","e":0}]})", "main[0].e: the program has no event"},
      {With(R"({"id":1,"op":"send","c":"c2s0","v":1})"),
       R"(main[0].c: expected a sending end in this program, found "c2s0")"},
      {With(R"({"id":1,"op":"send","c":"c0r0","v":1})"),
       R"(main[0].c: expected a sending end in this program, found "c0r0")"},
      {With(R"({"id":1,"op":"send","c":"c0s0","v":-1})"),
       "main[0].v: expected a number from 0 to 1000000000, found -1"},
      {With(R"({"id":1,"op":"recv","c":"c0s0"})"),
       R"(main[0].c: expected a receiving end in this program, found "c0s0")"},
      {With(R"({"id":1,"op":"recv_nw","c":"r0"})"),
       R"(main[0].c: expected a receiving end in this program, found "r0")"},
      {With(R"({"id":1,"op":"close","c":"c99999999999999999999s0"})"),
       R"(main[0].c: expected an end of a channel in this program, found "c99999999999999999999s0")"},
      {With(R"({"id":1,"op":"clone","c":"c0s0","as":"c0r1"})"),
       R"(main[0].as: expected the name of another end like that of "c", found "c0r1")"},
      {With(R"({"id":1,"op":"clone","c":"c0s0","as":"c1s1"})"),
       R"(main[0].as: expected the name of another end like that of "c", found "c1s1")"},
      {With(R"({"id":1,"op":"clone","c":"c0s0","as":"c0s1"},{"id":2,"op":"chstat","c":"c0s1"})"),
       R"(main[1].c: expected a channel's first end, found "c0s1")"},
      {With(R"({"id":1,"op":"lock","l":2,"body":[]})"), "main[0].l: expected a number from 0 to 1, found 2"},
      {With(R"({"id":1,"op":"notify","l":0,"k":-1})"), "main[0].k: expected a number from 0 to 1000000000, found -1"},
      {With(R"({"id":1,"op":"sem","s":1,"body":[]})"), "main[0].s: expected a number from 0 to 0, found 1"},
      {R"({"main":[{"id":1,"op":"limit","s":0,"body":[]}]})", "main[0].s: the program has no limiter"},
      {With(R"({"id":1,"op":"set_limit","s":0,"v":null})"),
       "main[0].v: expected a number from 0 to 1000000000, found null"},
  };
  return lines;
}

TEST(RunPrograms, BadLinesGetAMessageAndTheOthersRun) {
  std::string input;
  std::string messages;
  std::string answers;
  int number = 0;
  for (const BadLine& bad : BadLines()) {
    input += bad.line + "\n" + kGood + "\n";
    messages += "line " + std::to_string(number + 1) + ": " + bad.message + "\n";
    answers += kGoodAnswer;
    number += 2;
  }
  const Result result = RunPrograms(input);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, messages);
  EXPECT_EQ(result.out, answers);
}

TEST(RunPrograms, EveryFieldThatIsNotOptionalIsNeeded) {
  // With and without each field in turn.
  const std::vector<std::pair<std::string, std::vector<std::string>>> statements = {
      {R"({"id":1,"op":"nursery","n":"n0","body":[]})", {"n", "body"}},
      {R"({"id":1,"op":"spawn","n":"n","task":"t0","body":[]})", {"n", "task", "body"}},
      {R"({"id":1,"op":"start","n":"n","task":"t0","body":[]})", {"n", "task", "body"}},
      {R"({"id":1,"op":"started","task":"t","v":1})", {"task", "v"}},
      {R"({"id":1,"op":"scope","scope":"s0","body":[]})", {"scope", "body"}},
      {R"({"id":1,"op":"move_on_after","dt":0,"body":[]})", {"dt", "body"}},
      {R"({"id":1,"op":"fail_after","dt":0,"body":[]})", {"dt", "body"}},
      {R"({"id":1,"op":"cancel","scope":"s"})", {"scope"}},
      {R"({"id":1,"op":"shield","scope":"s","v":true})", {"scope", "v"}},
      {R"({"id":1,"op":"deadline","scope":"s","dt":-1})", {"scope", "dt"}},
      {R"({"id":1,"op":"sleep","dt":0})", {"dt"}},
      {R"({"id":1,"op":"sleep_until","at_time":-5})", {"at_time"}},
      {R"({"id":1,"op":"raise","err":"E0"})", {"err"}},
      {R"({"id":1,"op":"ev_set","e":0})", {"e"}},
      {R"({"id":1,"op":"ev_wait","e":1})", {"e"}},
      {R"({"id":1,"op":"send","c":"c0s0","v":1})", {"c", "v"}},
      {R"({"id":1,"op":"recv","c":"c0r0"})", {"c"}},
      {R"({"id":1,"op":"send_nw","c":"c0s0","v":1})", {"c", "v"}},
      {R"({"id":1,"op":"recv_nw","c":"c0r0"})", {"c"}},
      {R"({"id":1,"op":"clone","c":"c0r0","as":"c0r1"})", {"c", "as"}},
      {R"({"id":1,"op":"close","c":"c0r0"})", {"c"}},
      {R"({"id":1,"op":"aclose","c":"c0r0"})", {"c"}},
      {R"({"id":1,"op":"chstat","c":"c0r0"})", {"c"}},
      {R"({"id":1,"op":"lock","l":0,"body":[]})", {"l", "body"}},
      {R"({"id":1,"op":"acq","l":0})", {"l"}},
      {R"({"id":1,"op":"rel","l":0})", {"l"}},
      {R"({"id":1,"op":"cond_wait","l":0})", {"l"}},
      {R"({"id":1,"op":"notify","l":0,"k":1})", {"l", "k"}},
      {R"({"id":1,"op":"sem","s":0,"body":[]})", {"s", "body"}},
      {R"({"id":1,"op":"limit","s":0,"body":[]})", {"s", "body"}},
      {R"({"id":1,"op":"set_limit","s":0,"v":1})", {"s", "v"}},
      {R"({"id":1,"op":"try","body":[]})", {"body"}},
  };
  // What the statements refer to.
  const std::string before = R"({"id":90,"op":"scope","scope":"s","body":[{"id":91,"op":"nursery","n":"n","body":[)"
                             R"({"id":92,"op":"spawn","n":"n","task":"t","body":[]}]}]},)";
  std::string input;
  std::string messages;
  int number = 0;
  for (const auto& [statement, fields] : statements) {
    input += With(before + statement) + "\n";
    ++number;
    for (const std::string& field : fields) {
      nlohmann::json without = nlohmann::json::parse(statement);
      without.erase(field);
      input += With(before + without.dump()) + "\n";
      messages += "line " + std::to_string(++number) + ": main[1]: " + without.at("op").get<std::string>() +
                  " needs a field \"" + field + "\"\n";
    }
  }
  const Result result = RunPrograms(input);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, messages);
}

TEST(RunPrograms, DeepestProgramRuns) {
  const Result result = RunPrograms(Nested(99));
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST(RunPrograms, MisuseIsAnEventOfTheTrace) {
  const auto last = [](const std::string& statements) {
    const Result result = RunPrograms(With(statements));
    EXPECT_EQ(result.status, 0) << result.err;
    return nlohmann::json::parse(result.out).at("trace").back().at("x").dump();
  };
  EXPECT_EQ(last(R"({"id":1,"op":"rel","l":0})"), R"("RuntimeError.lock_not_owner")");
  EXPECT_EQ(last(R"({"id":1,"op":"acq","l":0},{"id":2,"op":"acq","l":0})"), R"("RuntimeError.lock_reacquire")");
  EXPECT_EQ(last(R"({"id":1,"op":"acq","l":0})"), "null") << "a lock that is never released";
  EXPECT_EQ(last(R"({"id":1,"op":"lock","l":0,"body":[{"id":2,"op":"rel","l":0}]})"),
            R"("RuntimeError.lock_not_owner")");
  EXPECT_EQ(last(R"({"id":1,"op":"notify","l":0,"k":1})"), R"("RuntimeError.must_hold_lock")");
  EXPECT_EQ(last(R"({"id":1,"op":"cond_wait","l":0})"), R"("RuntimeError.must_hold_lock")");
  EXPECT_EQ(last(R"({"id":1,"op":"limit","s":0,"body":[{"id":2,"op":"limit","s":0,"body":[]}]})"),
            R"("RuntimeError.limiter_held")");
  EXPECT_EQ(last(R"({"id":1,"op":"close","c":"c0s0"},{"id":2,"op":"send","c":"c0s0","v":1})"), R"("Closed")");
  EXPECT_EQ(last(R"({"id":1,"op":"scope","scope":"s","body":[]},{"id":2,"op":"scope","scope":"s","body":[]})"),
            R"("RuntimeError.scope_reuse")");
  EXPECT_EQ(last(R"({"id":1,"op":"nursery","n":"n","body":[]},{"id":2,"op":"spawn","n":"n","task":"t","body":[]})"),
            R"("RuntimeError.nursery_closed")");
  EXPECT_EQ(last(R"({"id":1,"op":"nursery","n":"n","body":[{"id":2,"op":"start","n":"n","task":"t","body":[]}]})"),
            R"({"group":"E","of":["RuntimeError.not_started"]})");
}

TEST(RunPrograms, ProgramThatTakesTooLongIsABadLine) {
  const Result result =
      RunPrograms(With(Repeat(R"({"id":1,"op":"cp"},)", 9) + R"({"id":1,"op":"cp"})") + "\n" + kGood, "5");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "line 1: the program has not ended after 5 steps\n");
  EXPECT_EQ(result.out, kGoodAnswer);
}

TEST(RunPrograms, BadArgumentIsRefused) {
  for (const char* argument : {"0", "-1", "x", "5x", "''", "5 5", "99999999999999999999"}) {
    const Result result = RunPrograms(kGood, argument);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("usage: run_programs [MAX_STEPS]"));
  }
}

}  // namespace
