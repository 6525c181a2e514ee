#include "harness/report/summary.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "nlohmann/json.hpp"

namespace hocket::testing {
namespace {

SummaryRow Passed() {
  SummaryRow row;
  row.test = "Queue.IsFifo";
  row.strategy = "default";
  row.exploration.executions = 1000;
  row.exploration.distinct = 620;
  row.exploration.steps = 104'223;
  row.exploration.budget = 1000;
  row.time = std::chrono::milliseconds(1250);
  return row;
}

SummaryRow Failed() {
  SummaryRow row;
  row.test = "Bank.Audit";
  row.strategy = "pct:3";
  row.seed = 7;
  row.jobs = 2;
  row.exploration.executions = 7;
  row.exploration.distinct = 4;
  row.exploration.steps = 31;
  row.exploration.ended = Ended::kFailure;
  row.time = std::chrono::milliseconds(100);
  FoundFailure& found = row.exploration.failure.emplace();
  found.failure.identity = {"expect", 0x5f3a9c01};
  found.failure.message = "not in the summary";
  found.schedule = *ParseToken("h1:test=Bank.Audit:base=stay:at=main/0,Checkpoint,1,main/1");
  found.strategy = "pct";
  found.execution = 6;
  found.deviations_found = 3;
  found.shrink_executions = 9;
  return row;
}

SummaryRow Proved() {
  SummaryRow row = Passed();
  row.test = "Tiny." + std::string(60, 'x');
  row.strategy = "exhaustive";
  row.exploration.ended = Ended::kExhausted;
  row.exploration.coverage = {.complete = true, .explored = 1, .schedules = 24, .what = "classes"};
  return row;
}

TEST(Summary, IsATableWithARowATest) {
  EXPECT_EQ("\n" + SummaryTable({Failed(), Passed(), Proved()}), R"(
hocket: explored 3 tests in 2.6 s
  test                                          strategy    executions  distinct    steps  per second   time  result
  Bank.Audit                                    pct:3                7         4       31          70  0.1 s  fails: expect 5f3a9c01
  Queue.IsFifo                                  default          1,000       620  104,223         800  1.2 s  no violation
  Tiny.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...  exhaustive       1,000       620  104,223         800  1.2 s  no violation, all classes explored
)");
}

TEST(Summary, OfNothingIsNothing) { EXPECT_EQ(SummaryTable({}), ""); }

TEST(Summary, IsJson) {
  const nlohmann::json json = nlohmann::json::parse(SummaryJson({Failed(), Proved()}));
  EXPECT_EQ(json["version"], 1);
  ASSERT_EQ(json["tests"].size(), 2u);
  const nlohmann::json& failed = json["tests"][0];
  EXPECT_EQ(failed["test"], "Bank.Audit");
  EXPECT_EQ(failed["outcome"], "failed");
  EXPECT_EQ(failed["seed"], 7);
  EXPECT_EQ(failed["strategy"], "pct:3");
  EXPECT_EQ(failed["jobs"], 2);
  EXPECT_EQ(failed["executions"], 7);
  EXPECT_EQ(failed["distinct"], 4);
  EXPECT_EQ(failed["steps"], 31);
  EXPECT_EQ(failed["seconds"], 0.1);
  EXPECT_EQ(failed["executions_per_second"], 70);
  EXPECT_EQ(failed["ended"], "failure");
  EXPECT_EQ(failed["failure"]["kind"], "expect");
  EXPECT_EQ(failed["failure"]["id"], "5f3a9c01");
  EXPECT_EQ(failed["failure"]["execution"], 6);
  EXPECT_EQ(failed["failure"]["deviations_found"], 3);
  EXPECT_EQ(failed["failure"]["deviations"], 1);
  EXPECT_EQ(failed["failure"]["shrink_executions"], 9);
  EXPECT_TRUE(ParseToken(failed["failure"]["schedule"]).ok());
  EXPECT_FALSE(failed.contains("coverage"));
  const nlohmann::json& proved = json["tests"][1];
  EXPECT_EQ(proved["outcome"], "passed");
  EXPECT_EQ(proved["ended"], "exhausted");
  EXPECT_EQ(proved["coverage"]["what"], "classes");
  EXPECT_EQ(proved["coverage"]["complete"], true);
  EXPECT_EQ(proved["coverage"]["schedules"], 24);
  EXPECT_FALSE(proved.contains("failure"));
}

TEST(Summary, IsJsonWhateverNamesAre) {
  SummaryRow row = Passed();
  row.test = "\xff\"\\</script>\n";
  EXPECT_EQ(nlohmann::json::parse(SummaryJson({row}))["tests"][0]["test"], "\xef\xbf\xbd\"\\</script>\n");
}

}  // namespace
}  // namespace hocket::testing
