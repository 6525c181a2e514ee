#include "harness/decisions.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/settings.h"

namespace hocket::testing {
namespace {

std::string Format(const std::vector<std::uint32_t>& numbers) {
  std::string word;
  FormatRuns(
      numbers.data(), numbers.size(),
      [](void* to, const char* text, std::size_t size) { static_cast<std::string*>(to)->append(text, size); }, &word);
  return word;
}

std::string ErrorOf(const std::string& picks, const std::string& draws) {
  std::vector<std::string> input = {kDecisions, picks, draws};
  return MessageOf(TakeDecisions(input).status());
}

TEST(Decisions, AreRunsOfEqualNumbers) {
  EXPECT_EQ(Format({}), "-");
  EXPECT_EQ(Format({0}), "0");
  EXPECT_EQ(Format({7, 7, 1, 2, 2, 2}), "7x2.1.2x3");
  EXPECT_EQ(Format({4294967295, 10}), "4294967295.10");
}

TEST(Decisions, AreReadBackFromTheEndOfTheInput) {
  const std::vector<std::uint32_t> picks = {3, 3, 3, 0, 4294967295};
  const std::vector<std::uint32_t> draws = {1, 0};
  std::vector<std::string> input = {"rc", "1", "2", "-", kDecisions, Format(picks), Format(draws)};
  const auto decisions = TakeDecisions(input);
  ASSERT_TRUE(decisions.ok() && *decisions);
  EXPECT_EQ((*decisions)->picks, picks);
  EXPECT_EQ((*decisions)->draws, draws);
  EXPECT_EQ(input, (std::vector<std::string>{"rc", "1", "2", "-"}));
  EXPECT_FALSE(*TakeDecisions(input));
}

TEST(Decisions, ThatAreNoneAreRefusedWithTheirPlace) {
  EXPECT_EQ(ErrorOf("1.2", "x"), "input, draws, character 1: expected runs such as 0x5.2, found 'x'");
  EXPECT_EQ(ErrorOf("1..2", "-"), "input, picks, character 3: expected runs such as 0x5.2, found '1..2'");
  EXPECT_EQ(ErrorOf("1x0", "-"), "input, picks, character 4: expected runs such as 0x5.2, found '1x0'");
  for (const char* word : {"", "1.", "1x", "1x9999999", "4294967296", "-1", "1 2"})
    EXPECT_NE(ErrorOf(word, "-"), "") << word;
}

}  // namespace
}  // namespace hocket::testing
