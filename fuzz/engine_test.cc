// A cc_fuzz_test under each engine: the canary's bug is found, and what is found is a failing test. Without an engine
// the same binaries run inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/run_program.h"

namespace hocket::testing {
namespace {

constexpr int kTestFailed = 1;
constexpr int kUsageError = 2;

bool Has(const char* variable) { return std::getenv(variable) != nullptr; }
bool IsLibFuzzer() { return Has("HOCKET_CONFIG_LIBFUZZER"); }
bool IsAfl() { return Has("HOCKET_CONFIG_AFL"); }

// What AFL++ needs to be told about machines that are not set up for it.
constexpr char kAflVariables[] =
    "AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 ";

Result Call(const std::string& command, const std::string& variables = "") { return RunCommand(variables, command); }

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

class FuzzTest : public ::testing::Test {
 protected:
  // The canary's stored schedule as an input of a fuzzer.
  std::string FailingInput() const {
    const std::string input = folder_ + "/input";
    Call("fuzz/canary", "HOCKET_REPLAY=fuzz/canary.schedule HOCKET_WRITE_BYTES=" + input);
    EXPECT_FALSE(Content(input).empty());
    return input;
  }

  // The failure's kind and identity, as the GoogleTest binary stores them when it replays the input.
  std::string IdentityInTheTest(const std::string& input) const {
    const Result result =
        Call("fuzz/canary", "TEST_UNDECLARED_OUTPUTS_DIR=" + folder_ + " HOCKET_REPLAY='" + input + "'");
    EXPECT_EQ(result.status, kTestFailed) << result.output;
    const std::string identity = LineAfter(Content(folder_ + "/Canary.KeepsTheMoney.schedule"), "failure ");
    EXPECT_NE(identity, "") << result.output;
    return identity;
  }

  // The same as the engine's binary tells it.
  std::string IdentityInTheEngine(const std::string& input) const {
    const Result result = Call("fuzz/canary_bin '" + input + "'");
    EXPECT_NE(result.status, 0);
    std::string token = LineAfter(result.output, "DEDUP_TOKEN: Canary.KeepsTheMoney:");
    EXPECT_NE(token, "") << result.output;
    std::replace(token.begin(), token.end(), ':', ' ');
    return token;
  }

  const std::string folder_ = Folder();
};

class EngineBinary : public FuzzTest {};
class Launcher : public FuzzTest {};
class OssFuzzPackage : public FuzzTest {};

TEST_F(FuzzTest, RunsItsCorpusAsATest) {
  const Result failing = Call("fuzz/canary", "HOCKET_CORPUS=fuzz");
  EXPECT_EQ(failing.status, kTestFailed);
  EXPECT_NE(failing.output.find("stored in: fuzz/canary.schedule"), std::string::npos) << failing.output;
  const Result fixed = Call("fuzz/canary_fixed", "HOCKET_CORPUS=fuzz");
  EXPECT_EQ(fixed.status, 0) << fixed.output;
}

TEST_F(FuzzTest, RunsInputsBeforeItExplores) {
  const std::string input = FailingInput();
  std::filesystem::create_directories(folder_ + "/inputs/more");
  std::filesystem::copy(input, folder_ + "/inputs/more/failing");
  Write(folder_ + "/inputs/harmless", "");
  Write(folder_ + "/inputs/other.schedule", "no input");

  const Result failing = Call("fuzz/canary", "HOCKET_INPUTS=" + folder_ + "/inputs");
  EXPECT_EQ(failing.status, kTestFailed);
  EXPECT_NE(failing.output.find("stored in: " + folder_ + "/inputs/more/failing"), std::string::npos) << failing.output;
  EXPECT_NE(failing.output.find("the audit misses money"), std::string::npos) << failing.output;
  EXPECT_EQ(Call("fuzz/canary --hocket_inputs=" + input).status, kTestFailed);
  EXPECT_EQ(Call("fuzz/canary_fixed --hocket_inputs=" + folder_ + "/inputs").status, 0);
}

TEST_F(FuzzTest, RefusesInputsThatAreNotThere) {
  const Result refused = Call("fuzz/canary_fixed --hocket_inputs=nowhere");
  EXPECT_EQ(refused.status, kUsageError);
  EXPECT_NE(refused.output.find("HOCKET_INPUTS: expected a file or a folder, found 'nowhere'"), std::string::npos)
      << refused.output;
}

TEST_F(FuzzTest, IsOneTest) {
  for (const std::string program : {"fuzz/two_tests", "fuzz/two_tests_bin"}) {
    const Result refused = Call(program + " fuzz/canary.schedule");
    EXPECT_NE(refused.status, 0);
    EXPECT_NE(refused.output.find("expected one, found 2: Fuzzed.Another, Fuzzed.One"), std::string::npos)
        << refused.output;
  }
}

TEST_F(EngineBinary, DiesOfAFailingInputAsTheTestFails) {
  const std::string input = FailingInput();
  const Result dead = Call("fuzz/canary_bin " + input);
  EXPECT_NE(dead.status, 0);
  EXPECT_NE(dead.output.find("\nreplay: bazel test //fuzz:canary "), std::string::npos) << dead.output;
  EXPECT_EQ(IdentityInTheEngine(input), IdentityInTheTest(input));
  const Result replayed = Call("fuzz/canary", "HOCKET_REPLAY=" + TokenIn(dead.output));
  EXPECT_NE(replayed.output.find("replayed: the same failure, the same trace"), std::string::npos) << replayed.output;
}

TEST_F(EngineBinary, RunsInputsThatDoNotFail) {
  const std::string input = FailingInput();
  const Result one = Call("fuzz/canary_fixed_bin " + input);
  EXPECT_EQ(one.status, 0) << one.output;
  if (IsAfl()) return;  // its driver takes files
  const Result all = Call("fuzz/canary_fixed_bin -runs=0 " + folder_);
  EXPECT_EQ(all.status, 0) << all.output;
}

TEST_F(EngineBinary, WithoutAnEngineWantsInputs) {
  if (IsLibFuzzer() || IsAfl()) GTEST_SKIP() << "an engine is linked";
  const Result nothing = Call("fuzz/canary_bin");
  EXPECT_EQ(nothing.status, kUsageError);
  EXPECT_NE(nothing.output.find("To fuzz, build with --config=libfuzzer"), std::string::npos) << nothing.output;
  EXPECT_EQ(Call("fuzz/canary_bin nowhere").status, kUsageError);
}

TEST_F(Launcher, FindsTheCanary) {
  // It takes a few seconds, if nothing else runs.
  const std::string launch = "fuzz/canary_run --timeout_secs=100 --fuzzing_output_root=" + folder_;
  if (IsLibFuzzer()) {
    Call(launch + " -- -seed=1");
  } else if (IsAfl()) {
    // Two of them share the work and the folder.
    const std::string variables = std::string(kAflVariables) + "AFL_BENCH_UNTIL_CRASH=1 ";
    const Result result = Call(launch + " -- -M main -s 1 & " + launch + " -- -S second -s 2; wait", variables);
    for (const std::string name : {"main", "second"}) {
      const std::string stats = Content(folder_ + "/fuzz/canary/afl/" + name + "/fuzzer_stats");
      EXPECT_EQ(LineAfter(stats, "stability         : "), "100.00%") << result.output;
      EXPECT_NE(LineAfter(stats, "target_mode       : ").find("persistent"), std::string::npos) << stats;
      EXPECT_NE(LineAfter(stats, "saved_crashes     : "), "0") << stats;
    }
  } else {
    const Result refused = Call(launch);
    EXPECT_EQ(refused.status, kUsageError);
    EXPECT_NE(refused.output.find("build with --config=libfuzzer"), std::string::npos) << refused.output;
    return;
  }
  const std::vector<std::string> found = FilesIn(folder_ + "/fuzz/canary/artifacts");
  ASSERT_FALSE(found.empty());
  for (const std::string& crash : found) {
    EXPECT_NE(crash.find("/crash-"), std::string::npos) << crash;
    EXPECT_EQ(IdentityInTheTest(crash), IdentityInTheEngine(crash));
  }
}

TEST_F(Launcher, StaysSilentWhereNothingIsWrong) {
  if (!IsLibFuzzer() && !IsAfl()) GTEST_SKIP() << "no engine is linked";
  const Result silent = Call("fuzz/canary_fixed_run --timeout_secs=5 --fuzzing_output_root=" + folder_, kAflVariables);
  EXPECT_EQ(silent.status, 0) << silent.output;
  EXPECT_TRUE(FilesIn(folder_ + "/fuzz/canary_fixed/artifacts").empty()) << silent.output;
  // With the dictionary's help it has come to where the canary's bug was: for each letter there is an input.
  EXPECT_GE(FilesIn(folder_ + "/fuzz/canary_fixed/corpus").size(), 3u) << silent.output;
  if (!IsAfl()) return;
  const std::string stats = Content(folder_ + "/fuzz/canary_fixed/afl/default/fuzzer_stats");
  EXPECT_EQ(LineAfter(stats, "stability         : "), "100.00%") << silent.output;
}

TEST_F(Launcher, RunsTheCorpusInAnyBuild) {
  const std::string launch = "fuzz/canary_fixed_run --regression --fuzzing_output_root=" + folder_;
  const Result seeds = Call(launch);
  EXPECT_EQ(seeds.status, 0) << seeds.output;

  // What is found is run as well, until it is cleaned away.
  const std::string corpus = folder_ + "/fuzz/canary/corpus/";
  std::filesystem::create_directories(corpus);
  std::filesystem::copy(FailingInput(), corpus + "found");
  const std::string failing = "fuzz/canary_run --regression --fuzzing_output_root=" + folder_;
  EXPECT_NE(Call(failing).status, 0);
  const Result clean = Call(failing + " --clean");
  EXPECT_EQ(clean.status, 0) << clean.output;
}

TEST_F(Launcher, RefusesOtherFlags) {
  for (const std::string flag : {"--timeout_secs=soon", "--fast"}) {
    const Result refused = Call("fuzz/canary_run " + flag);
    EXPECT_EQ(refused.status, kUsageError);
    EXPECT_NE(refused.output.find("Usage: "), std::string::npos) << refused.output;
  }
}

TEST_F(OssFuzzPackage, HasWhatItsToolsLookFor) {
  const Result unpacked = Call("set -e; tar -xf fuzz/canary_fixed_oss_fuzz.tar -C " + folder_ + "; cd " + folder_ +
                               "; mkdir seeds; python3 -m zipfile -e canary_fixed_seed_corpus.zip seeds");
  ASSERT_EQ(unpacked.status, 0) << unpacked.output;
  EXPECT_NE(Content(folder_ + "/canary_fixed").find("LLVMFuzzerTestOneInput"), std::string::npos);
  EXPECT_EQ(Content(folder_ + "/canary_fixed.options"), "[libfuzzer]\nlen_control = 0\nmax_len = 512\n");
  EXPECT_EQ(Content(folder_ + "/canary_fixed.dict"), "password=\"sos\"\n");
  const std::vector<std::string> seeds = FilesIn(folder_ + "/seeds");
  ASSERT_FALSE(seeds.empty());
  for (const std::string& seed : seeds) {
    const Result result = Call(folder_ + "/canary_fixed " + seed);
    EXPECT_EQ(result.status, 0) << result.output;
  }
}

}  // namespace
}  // namespace hocket::testing
