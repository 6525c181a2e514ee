#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "harness/report/failure_report.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {
namespace {

// A lost update that can be edited.
struct Edited {
  int before = 0;        // checkpoints before each access of the first task
  bool another = false;  // an unrelated task, started first
  bool fixed = false;
  bool renamed = false;  // other names, on other lines
};

Task<> Add(const Edited& edited, int& value) {
  for (int i = 0; i < edited.before; ++i) co_await Checkpoint();
  const int read = value;
  co_await Checkpoint();
  value = edited.fixed ? value + 1 : read + 1;
}

// The same as Add, with other names.

Task<> Increase(const Edited& how, int& counter) {
  for (int round = 0; round < how.before; ++round) co_await Checkpoint();
  const int seen = counter;

  co_await Checkpoint();
  counter = how.fixed ? counter + 1 : seen + 1;
}

Task<> Idle() { co_await Checkpoint(); }

Task<> Run(const Edited& edited) {
  int value = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    if (edited.another) nursery.StartSoon(Idle);
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon(edited.renamed ? Increase : Add, std::cref(edited), std::ref(value));
    }
    co_return;
  });
  if (value != 2) throw std::runtime_error("an update was lost");
}

Body BodyOf(const Edited& edited) {
  return [&edited] { return Run(edited); };
}

Schedule Recorded() {
  static const Edited kOriginal;
  return Explore(BodyOf(kOriginal)).failure->schedule;
}

// A replay, and a repair if it is called for.
struct Replayed {
  ReplayResult result;
  std::optional<RepairResult> repair;
};

Replayed ReplayAndRepair(const Edited& edited, const Schedule& recorded) {
  Replayed replayed;
  replayed.result = ReplaySchedule(BodyOf(edited), recorded);
  if (NeedsRepair(replayed.result, recorded)) replayed.repair = RepairSchedule(BodyOf(edited), recorded);
  return replayed;
}

TEST(Repair, IsNotCalledForWhereTheScheduleFailsAsRecorded) {
  const Edited original;
  const Schedule recorded = Recorded();
  const Replayed replayed = ReplayAndRepair(original, recorded);
  EXPECT_FALSE(replayed.repair);
  EXPECT_EQ(ReplayReport(replayed.result, recorded, replayed.repair).find("after repair"), std::string::npos);
}

TEST(Repair, IsNotCalledForWhereTheScheduleRecordsNoFailure) {
  Schedule recorded = Recorded();
  recorded.failure.reset();
  recorded.deviations.clear();
  const Edited original;
  EXPECT_FALSE(NeedsRepair(ReplaySchedule(BodyOf(original), recorded), recorded));
}

// A schedule holds no lines and no names but those of tasks and operations, so this needs no repair.
TEST(Repair, IsNotCalledForByOtherNamesAndMovedLines) {
  const Edited renamed{.renamed = true};
  const Schedule recorded = Recorded();
  const ReplayResult result = ReplaySchedule(BodyOf(renamed), recorded);
  EXPECT_EQ(result.divergence, std::nullopt);
  EXPECT_EQ(FormatToken(result.schedule), FormatToken(recorded));
}

TEST(Repair, FindsTheFailureAfterAnUnnamedSiblingWasAdded) {
  const Edited edited{.another = true};
  const Schedule recorded = Recorded();
  const Replayed replayed = ReplayAndRepair(edited, recorded);
  ASSERT_TRUE(replayed.repair);
  ASSERT_TRUE(replayed.repair->replay);
  const ReplayResult& repaired = *replayed.repair->replay;
  EXPECT_EQ(repaired.failure->identity, *recorded.failure);
  // The new schedule needs no repair, and is as small as the old one.
  EXPECT_FALSE(NeedsRepair(ReplaySchedule(BodyOf(edited), repaired.schedule), repaired.schedule));
  EXPECT_LE(repaired.schedule.deviations.size(), recorded.deviations.size());
  const std::string report = ReplayReport(replayed.result, recorded, replayed.repair);
  EXPECT_NE(report.find("the program does not fit the schedule any more"), std::string::npos) << report;
  EXPECT_NE(report.find("replayed after repair: the same failure"), std::string::npos) << report;
  EXPECT_NE(report.find(FormatToken(repaired.schedule)), std::string::npos) << report;
}

TEST(Repair, FindsTheFailureAfterCheckpointsWereInserted) {
  const Schedule recorded = Recorded();
  for (const int before : {1, 2, 3, 7}) {
    const Edited edited{.before = before};
    const Replayed replayed = ReplayAndRepair(edited, recorded);
    const ReplayResult& last = replayed.repair && replayed.repair->replay ? *replayed.repair->replay : replayed.result;
    ASSERT_TRUE(last.failure) << before;
    EXPECT_EQ(last.failure->identity, *recorded.failure) << before;
  }
}

TEST(Repair, SaysSoWhereTheBugIsGone) {
  const Edited fixed{.fixed = true};
  const Schedule recorded = Recorded();
  const Replayed replayed = ReplayAndRepair(fixed, recorded);
  ASSERT_TRUE(replayed.repair);
  EXPECT_FALSE(replayed.repair->replay);
  EXPECT_LE(replayed.repair->executions, 600u);
  const std::string report = ReplayReport(replayed.result, recorded, replayed.repair);
  EXPECT_NE(report.find("not repaired: none of " + std::to_string(replayed.repair->executions) + " schedules near it"),
            std::string::npos)
      << report;
}

TEST(Repair, TakesNoFailureOfAnotherKindForTheRecordedOne) {
  const Edited original;
  Schedule recorded = Recorded();
  recorded.failure = FailureIdentity{"deadlock", 1};
  recorded.trace = TraceSummary{99, 99};  // as of another program
  const Replayed replayed = ReplayAndRepair(original, recorded);
  ASSERT_TRUE(replayed.repair);
  EXPECT_FALSE(replayed.repair->replay);
}

TEST(Repair, TakesTheSameStepsAgain) {
  const Edited edited{.before = 7, .another = true};
  const Schedule recorded = Recorded();
  EXPECT_EQ(RepairSchedule(BodyOf(edited), recorded), RepairSchedule(BodyOf(edited), recorded));
}

}  // namespace
}  // namespace hocket::testing
