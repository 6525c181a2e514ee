// Every schedule in corpus/ still shows the bug for which it is kept, exactly as recorded. (That the fixed programs
// stand them is examples_test's business.)
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "harness/settings.h"
#include "tests/example_programs.h"

namespace hocket::testing {
namespace {

TEST(Corpus, HoldsNothingThatNobodyReplays) {
  std::set<std::string> tests;  // that examples_test has
  for (const ExampleProgram& example : ExamplePrograms()) tests.insert(example.test);
  const absl::StatusOr<std::vector<CorpusEntry>> corpus = ReadCorpus("corpus");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  for (const CorpusEntry& entry : *corpus) EXPECT_EQ(tests.count(entry.schedule.test), 1u) << entry.file;
}

class CorpusTest : public ::testing::TestWithParam<ExampleProgram> {};

TEST_P(CorpusTest, SchedulesBreakTheBuggyProgramAsRecorded) {
  const auto corpus = ReadCorpus("corpus", GetParam().test);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  ASSERT_FALSE(corpus->empty());
  for (const CorpusEntry& entry : *corpus) {
    SCOPED_TRACE(entry.file);
    const ReplayResult result = ReplaySchedule(GetParam().buggy, entry.schedule, {.test = GetParam().test});
    EXPECT_EQ(result.divergence, std::nullopt);
    ASSERT_TRUE(result.failure.has_value());
    EXPECT_EQ(result.failure->identity, entry.schedule.failure);
    EXPECT_EQ(result.schedule, entry.schedule);
  }
}

TEST_P(CorpusTest, SchedulesDoNotBreakTheFixedProgram) {
  const auto corpus = ReadCorpus("corpus", GetParam().test);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  for (const CorpusEntry& entry : *corpus) {
    SCOPED_TRACE(entry.file);
    EXPECT_FALSE(ReplaySchedule(GetParam().fixed, entry.schedule).failure.has_value());
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, CorpusTest, ::testing::ValuesIn(ExamplePrograms()),
                         [](const auto& example) { return example.param.name; });

}  // namespace
}  // namespace hocket::testing
