// A fuzzer finds the bugs of the examples; what it leaves replays in the GoogleTest binary; and a token becomes an
// input of the fuzzer.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/run_program.h"

namespace {

using hocket::testing::Folder;
using hocket::testing::LanesIn;
using hocket::testing::LineAfter;
using hocket::testing::Result;
using hocket::testing::RunCommand;

constexpr const char* kBinary = "fuzz/buggy_examples";
constexpr int kTestFailed = 1;
constexpr int kUsageError = 2;
constexpr int kLibFuzzerCrash = 77;

bool EngineLinked() { return std::getenv("HOCKET_CONFIG_LIBFUZZER") != nullptr; }

class FuzzTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::string Fuzz(const std::string& arguments) const {
    return std::string(kBinary) + " --hocket_fuzz=" + GetParam() + " -- " + arguments;
  }
  std::string Replay(const std::string& what) const {
    return "HOCKET_REPLAY=" + what + " " + kBinary + " --gtest_filter=" + GetParam();
  }

  const std::string folder_ = Folder() + "/";
};

TEST_P(FuzzTest, CrashReplaysAsATestAndATokenAsAnInput) {
  if (std::getenv("HOCKET_CONFIG_AFL") != nullptr) GTEST_SKIP() << "the engine's flags are libFuzzer's";
  if (!EngineLinked()) {
    const Result refused = RunCommand("", Fuzz("-runs=1"));
    EXPECT_EQ(refused.status, kUsageError);
    EXPECT_NE(refused.output.find("build it with --config=libfuzzer"), std::string::npos) << refused.output;
    return;
  }

  const std::string crash = folder_ + "crash";
  const Result found =
      RunCommand("", Fuzz("-seed=1 -runs=100000 -len_control=0 -max_len=256 -exact_artifact_path=" + crash));
  ASSERT_EQ(found.status, kLibFuzzerCrash) << found.output;
  EXPECT_NE(LineAfter(found.output, "DEDUP_TOKEN: "), "") << found.output;
  ASSERT_TRUE(std::filesystem::exists(crash));

  // The bytes, as a test.
  const Result bytes = RunCommand("", Replay(crash));
  EXPECT_EQ(bytes.status, kTestFailed) << bytes.output;
  EXPECT_NE(bytes.output.find("replayed: it fails"), std::string::npos) << bytes.output;

  // The shrunk token that the fuzzer printed, as a test.
  const Result token = RunCommand("", LineAfter(found.output, "replay: "));
  EXPECT_EQ(token.status, kTestFailed) << token.output;
  EXPECT_NE(token.output.find("replayed: the same failure, the same trace"), std::string::npos) << token.output;
  EXPECT_EQ(LanesIn(token.output), LanesIn(found.output));

  // The token as an input of the fuzzer, which crashes at once, and shrinks it to the same schedule.
  const std::string input = folder_ + "input";
  EXPECT_EQ(RunCommand("HOCKET_WRITE_BYTES=" + input, LineAfter(found.output, "replay: ")).status, kTestFailed);
  const Result again = RunCommand("", Fuzz("-exact_artifact_path=" + crash + "2 " + input));
  EXPECT_EQ(again.status, kLibFuzzerCrash) << again.output;
  EXPECT_EQ(LineAfter(again.output, "DEDUP_TOKEN: "), LineAfter(found.output, "DEDUP_TOKEN: "));
}

INSTANTIATE_TEST_SUITE_P(Examples, FuzzTest,
                         ::testing::Values("Bank.AuditSeesAllTheMoney", "BoundedQueue.EverythingThatGoesInComesOut",
                                           "ConnectionPool.SlotsComeBackWhenQueriesTimeOut",
                                           "Some/BankWith.MoneyIsAudited/1"),
                         [](const auto& test) {
                           std::string name = std::string(test.param).substr(0, std::string(test.param).find('.'));
                           std::erase(name, '/');
                           return name;
                         });

TEST(Fuzzing, AnUnknownTestIsRefusedWithTheKnownOnes) {
  const Result refused = RunCommand("", std::string(kBinary) + " --hocket_fuzz=Bank.Typo");
  EXPECT_EQ(refused.status, kUsageError);
  EXPECT_NE(refused.output.find("found 'Bank.Typo'"), std::string::npos) << refused.output;
  EXPECT_NE(refused.output.find("Bank.AuditSeesAllTheMoney"), std::string::npos) << refused.output;
}

}  // namespace
