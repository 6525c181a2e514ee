#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

TEST(AnswerFuzz, RunsItsCorpusWithoutAnEngine) {
  const std::string command = "./answer_fuzz_run --regression --fuzzing_output_root=" + testing::TempDir();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
