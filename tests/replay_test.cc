#include "harness/strategy/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

void PrintTo(const Schedule& schedule, std::ostream* out) { *out << FormatScheduleFile(schedule); }

namespace {

std::vector<Body> Examples() {
  using namespace examples;
  return {[] { return TransferAndAudit(Transfer); },        [] { return TransferAndAudit(TransferAtOnce); },
          [] { return ProduceAndConsume(Wake::kOne); },     [] { return ProduceAndConsume(Wake::kAll); },
          [] { return QueryWithTimeouts(QueryThenLease); }, [] { return QueryWithTimeouts(LeaseThenQuery); }};
}

// ---- What is stored replays.

TEST(Replay, GivesAnEqualTraceFromEveryBaseAndSpelling) {
  for (const Body& body : Examples()) {
    const std::unique_ptr<Strategy> walk = MakeRandomWalk(1);
    for (std::uint64_t i = 0; i < 100; ++i) {
      const ReplayResult recorded = RunStrategy(body, *walk, i, {.test = "Suite.Name"});
      const absl::StatusOr<Schedule> from_file = ParseScheduleFile(FormatScheduleFile(recorded.schedule));
      const absl::StatusOr<Schedule> from_token = ParseToken(FormatToken(recorded.schedule));
      ASSERT_TRUE(from_file.ok() && from_token.ok());
      EXPECT_EQ(*from_file, recorded.schedule);
      EXPECT_EQ(*from_token, recorded.schedule);

      const ReplayResult again = ReplaySchedule(body, *from_token, {.test = "Suite.Name"});
      EXPECT_EQ(again.divergence, std::nullopt);
      EXPECT_TRUE(again.trace == recorded.trace);
      EXPECT_EQ(again.marked, recorded.marked);
      EXPECT_EQ(again.schedule, recorded.schedule);
      EXPECT_EQ(again.failure.has_value(), recorded.failure.has_value());
    }
  }
}

TEST(Replay, NeedsNoExactForm) {
  for (const Body& body : Examples()) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const ReplayResult recorded = RunStrategy(body, *MakeRandomWalk(seed), 0);
      Schedule short_form = recorded.schedule;
      short_form.exact.clear();
      const ReplayResult again = ReplaySchedule(body, short_form);
      EXPECT_EQ(again.divergence, std::nullopt);
      EXPECT_TRUE(again.trace == recorded.trace);
    }
  }
}

TEST(Replay, OfAShrunkScheduleIsWhatWasFound) {
  for (const Body& body : Examples()) {
    const Exploration exploration = Explore(body, {.test = "Suite.Name"});
    if (!exploration.failure) continue;
    const FoundFailure& found = *exploration.failure;
    const ReplayResult again =
        ReplaySchedule(body, *ParseScheduleFile(FormatScheduleFile(found.schedule)), {.test = "Suite.Name"});
    EXPECT_EQ(again.divergence, std::nullopt);
    EXPECT_TRUE(again.trace == found.trace);
    EXPECT_EQ(again.marked, found.marked);
    EXPECT_EQ(again.schedule, found.schedule);
    ASSERT_TRUE(again.failure);
    EXPECT_EQ(again.failure->identity, found.failure.identity);
    EXPECT_EQ(again.failure->message, found.failure.message);
  }
}

TEST(Replay, OfAStrategyThatIsUsedAgainStartsAnew) {
  const Body body = Examples()[0];
  const ReplayResult recorded = RunStrategy(body, *MakeRandomWalk(7), 0);
  Replay replay(recorded.schedule);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(RunStrategy(body, replay, 0).trace == recorded.trace);
    EXPECT_EQ(replay.Divergence(), std::nullopt);
  }
}

TEST(Replay, FollowsDeviationsInAnyOrder) {
  const Body body = Examples()[2];
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ReplayResult recorded = RunStrategy(body, *MakeRandomWalk(seed), 0);
    Schedule reversed = recorded.schedule;
    std::reverse(reversed.deviations.begin(), reversed.deviations.end());
    EXPECT_TRUE(ReplaySchedule(body, reversed).trace == recorded.trace);
  }
}

// ---- What has changed is named.

// A program that can be changed a little.
struct Variant {
  int first = 2;             // checkpoints of main/0
  int second = 2;            // of main/1
  int tasks = 2;             // with a third, main/2, that has one checkpoint
  std::uint32_t values = 4;  // that main/0 draws from
  const char* label = "fault";
  bool sleeps = false;  // main/0, at its end
  bool throws = false;  // main/1, at its end
};

Task<> Walk(int checkpoints) {
  for (int i = 0; i < checkpoints; ++i) co_await Checkpoint();
}

Task<> First(const Variant& variant) {
  Choose(variant.values, variant.label);
  co_await Walk(variant.first);
  if (variant.sleeps) co_await Sleep(std::chrono::seconds(1));
}

Task<> Second(const Variant& variant) {
  co_await Walk(variant.second);
  if (variant.throws) throw std::runtime_error("second");
}

Task<> Run(const Variant& variant) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(First, std::cref(variant));
    nursery.StartSoon(Second, std::cref(variant));
    for (int i = 2; i < variant.tasks; ++i) nursery.StartSoon(Walk, 1);
    co_return;
  });
}

ReplayResult ReplayVariant(const Variant& variant, const Schedule& schedule) {
  return ReplaySchedule([&] { return Run(variant); }, schedule);
}

// Runs main/0 up to its first checkpoint, and then main/1 to its end. main/0 draws 3.
Schedule Plan() {
  Schedule plan;
  plan.deviations = {{{"main/0", "Checkpoint", 1}, "main/1"}};
  plan.draws = {{{"main/0", "fault", 1}, 3}};
  return plan;
}

Schedule Recorded() { return ReplayVariant({}, Plan()).schedule; }

TEST(Divergence, IsNoneForTheRecordedProgram) {
  EXPECT_EQ(FormatScheduleFile(Recorded()),
            "hocket-schedule 1\n"
            "base stay\n"
            "at main/0 Checkpoint 1 run main/1\n"
            "draw main/0 fault 1 3\n"
            "trace 4 31b8ea752c6a10b0\n"
            "tasks main/0 main/1\n"
            "ops start Checkpoint\n"
            "exact 2.0.0 2.1.0 2.1.1x2\n");
  EXPECT_EQ(ReplayVariant({}, Recorded()).divergence, std::nullopt);
}

TEST(Divergence, NamesATargetThatCannotRun) {
  Schedule schedule = Plan();
  schedule.deviations[0].run = "main/7";
  EXPECT_EQ(ReplayVariant({}, schedule).divergence,
            "decision 2: recorded: run main/7; now: 2 alternatives (main/0 at Checkpoint, main/1 at start)");
}

TEST(Divergence, NamesAPositionThatIsNotReached) {
  EXPECT_EQ(ReplayVariant({.first = 0}, Plan()).divergence,
            "after decision 1: recorded: a decision where main/0 stands at Checkpoint for time 1; now: there is no "
            "such decision");
}

TEST(Divergence, NamesDecisionsThatAreMissing) {
  EXPECT_EQ(ReplayVariant({.second = 1}, Recorded()).divergence,
            "decision 4: recorded: main/1 at Checkpoint, one of 2 alternatives; now: the run ends after 3 decisions");
}

TEST(Divergence, NamesTheFirstDecisionThatIsNew) {
  EXPECT_EQ(
      ReplayVariant({.second = 3}, Recorded()).divergence,
      "decision 5: recorded: no further decision; now: 2 alternatives (main/1 at Checkpoint, main/0 at Checkpoint)");
}

TEST(Divergence, NamesOtherAlternatives) {
  EXPECT_EQ(ReplayVariant({.tasks = 3}, Recorded()).divergence,
            "decision 1: recorded: one of 2 alternatives, main/0 at start; now: 3 alternatives (main/0 at start, "
            "main/1 at start, main/2 at start), "
            "of which main/0 at start is chosen");
}

TEST(Divergence, NamesAnotherChoice) {
  Schedule schedule = Recorded();
  schedule.deviations.clear();
  EXPECT_EQ(ReplayVariant({}, schedule).divergence,
            "decision 2: recorded: one of 2 alternatives, main/1 at start; now: 2 alternatives (main/0 at Checkpoint, "
            "main/1 at start), of which "
            "main/0 at Checkpoint is chosen");
}

TEST(Divergence, NamesADrawnValueOutOfRange) {
  EXPECT_EQ(ReplayVariant({.values = 3}, Recorded()).divergence,
            "decision 2: recorded: the value 3 drawn as 'fault'; now: only values below 3");
}

TEST(Divergence, NamesADrawnValueThatIsNotAskedFor) {
  EXPECT_EQ(ReplayVariant({.label = "reply"}, Recorded()).divergence,
            "after decision 4: recorded: main/0 draws 'fault' for time 1; now: it does not");
}

TEST(Divergence, SaysThatSomethingBetweenTheDecisionsHasChanged) {
  const std::string message =
      "recorded: 4 decisions; now: 4, but another trace: something between the decisions has changed, an operation, a "
      "time, a drawn value or how a "
      "task ends";
  EXPECT_EQ(ReplayVariant({.sleeps = true}, Recorded()).divergence, message);
  // The error cancels main/0, which has a last look at that.
  EXPECT_EQ(ReplayVariant({.throws = true}, Recorded()).divergence, message);
}

TEST(Divergence, OfAScheduleWithoutExactFormIsSeenByItsTrace) {
  Schedule schedule = Recorded();
  schedule.exact.clear();
  EXPECT_EQ(ReplayVariant({}, schedule).divergence, std::nullopt);
  EXPECT_EQ(ReplayVariant({.second = 3}, schedule).divergence,
            "recorded: 4 decisions; now: 5. The schedule has no exact form, which would say where they part");
}

TEST(Divergence, FollowsTheBaseFromThereOn) {
  const ReplayResult result = ReplayVariant({.tasks = 3}, Recorded());
  EXPECT_FALSE(result.failure);
  EXPECT_EQ(result.schedule.deviations, Plan().deviations);  // what still applied
  EXPECT_EQ(result.schedule.draws, Plan().draws);
}

TEST(Divergence, OfAScheduleThatNamesNothingInTheProgramIsNoCrash) {
  Schedule schedule;
  for (const char* word : {"", "/", "main/", "main//0", "main/00", "main/x", "clock", ".", "main/.0", "\n"}) {
    for (const char* target : {"", "main/99999999999999999999", "clock"}) {
      schedule.deviations = {{{word, word, 1}, target}};
      schedule.draws = {{{word, word, 1}, 5}};
      EXPECT_NE(ReplayVariant({}, schedule).divergence, std::nullopt);
    }
  }
}

}  // namespace
}  // namespace hocket::testing
