#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hocket/testing/strategy.h"

namespace hocket::testing {
namespace {

std::string ErrorOf(const std::string& spelling) {
  const absl::StatusOr<std::unique_ptr<Strategy>> strategy = ParseStrategy(spelling, {});
  return strategy.ok() ? "none" : std::string(strategy.status().message());
}

TEST(ParseStrategy, MakesWhatItsNamesSay) {
  for (const std::string& name : StrategyNames()) EXPECT_EQ(ErrorOf(name), "none") << name;
}

TEST(ParseStrategy, GivesParametersToTheStrategy) {
  const std::pair<const char*, const char*> spellings[] = {{"sticky", "sticky 10 %"},
                                                           {"sticky:0", "sticky 0 %"},
                                                           {"sticky:100", "sticky 100 %"},
                                                           {"pct", "pct 3"},
                                                           {"pct:1", "pct 1"}};
  for (const auto& [spelling, name] : spellings) {
    absl::StatusOr<std::unique_ptr<Strategy>> strategy = ParseStrategy(spelling, {});
    ASSERT_TRUE(strategy.ok()) << strategy.status().ToString();
    EXPECT_EQ((*strategy)->Name(), name);
  }
}

TEST(ParseStrategy, SaysWhatIsWrongWhere) {
  EXPECT_EQ(ErrorOf("sticky:101"),
            "strategy, character 8: expected a probability in percent from 0 to 100, found '101'");
  EXPECT_EQ(ErrorOf("sticky:"),
            "strategy, character 8: expected a probability in percent from 0 to 100, found the end");
  EXPECT_EQ(ErrorOf("pct:0"), "strategy, character 5: expected a depth from 1 to 100, found '0'");
  EXPECT_EQ(ErrorOf("pct:2x"), "strategy, character 5: expected a depth from 1 to 100, found '2x'");
  EXPECT_EQ(ErrorOf("pct:-1"), "strategy, character 5: expected a depth from 1 to 100, found '-1'");
  EXPECT_EQ(ErrorOf("pct:99999999999999999999"),
            "strategy, character 5: expected a depth from 1 to 100, found '99999999999999999999'");
  EXPECT_EQ(ErrorOf("random:3"), "strategy, character 7: expected the end, found ':3'");
  EXPECT_EQ(ErrorOf("delay"), "strategy, character 6: expected ':' and a bound from 0 to 100, found the end");
  const std::string unknown = ErrorOf("stya");
  EXPECT_EQ(unknown.rfind("strategy, character 1: expected one of stay, fifo, ", 0), 0u) << unknown;
  EXPECT_NE(unknown.find(", found 'stya'"), std::string::npos) << unknown;
}

}  // namespace
}  // namespace hocket::testing
