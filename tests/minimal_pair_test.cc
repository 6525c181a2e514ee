#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include "examples/bank.h"
#include "harness/report/failure_report.h"
#include "harness/report/pair_sentence.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {
namespace {

std::size_t Size(const Schedule& schedule) { return schedule.deviations.size() + schedule.draws.size(); }

// What is wrong with the pair of a failure; empty if nothing is.
std::string WrongAbout(const Body& body, const FoundFailure& found) {
  if (!found.pair) return "there is none";
  const MinimalPair& pair = *found.pair;
  const ReplayResult passing = ReplaySchedule(body, PlanOf(pair.schedule));
  if (passing.failure) return "it does not pass";
  if (!(passing.trace == pair.trace)) return "its trace is another one";
  if (passing.marked != pair.marked) return "other steps deviate";
  if (pair.deviates_more != (Size(pair.schedule) >= Size(found.schedule))) return "it says wrongly which is longer";
  for (std::size_t i = 0; i < pair.parting; ++i) {
    if (!(pair.trace.events[i] == found.trace.events[i])) return "they part before they do";
  }
  if (pair.parting >= pair.trace.events.size() || pair.parting >= found.trace.events.size()) return "they do not part";
  if (pair.trace.events[pair.parting] == found.trace.events[pair.parting]) return "they do not part there";
  return "";
}

Task<> Write(int& value) {
  const int read = value;
  co_await Checkpoint();
  value = read + 1;
}

Task<> Check(const int& value) {
  if (value == 1) throw std::runtime_error("one");
  co_await Checkpoint();
}

// ---- Whoever runs makes the difference.

TEST(MinimalPair, PartsAtOneDecisionOfTheExample) {
  const Body body = [] { return examples::TransferAndAudit(examples::Transfer); };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Exploration exploration = Explore(body, {.seed = seed});
    ASSERT_TRUE(exploration.failure);
    EXPECT_EQ(WrongAbout(body, *exploration.failure), "") << "seed " << seed;
    EXPECT_FALSE(exploration.failure->pair->deviates_more);
  }
}

TEST(MinimalPair, IsSaidInWordsWithTheFunctionsAndTheLine) {
  const Body body = []() -> Task<> {
    int value = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Write, std::ref(value));
      // Sees 1 only where it runs last.
      nursery.StartSoon(Check, std::cref(value));
      co_return;
    });
  };
  // Every base ends Write first, so every base fails, and Check must come first.
  const Exploration exploration = Explore(body, {.executions = 1});
  ASSERT_TRUE(exploration.failure);
  const FoundFailure& found = *exploration.failure;
  EXPECT_EQ(WrongAbout(body, found), "");
  EXPECT_EQ(Size(found.schedule), 0u);
  EXPECT_TRUE(found.pair->deviates_more);
  const std::string sentence = PairSentence(found);
  EXPECT_EQ(sentence.find("passes if `Check` runs before `Write` resumes at minimal_pair_test.cc:"), 0u) << sentence;
  const std::string report = FailureReport(found, exploration, {.executions = 1});
  EXPECT_NE(report.find(sentence + " (h1:base="), std::string::npos) << report;
}

// ---- A drawn value makes the difference.

TEST(MinimalPair, NamesTheDrawnValue) {
  const Body body = []() -> Task<> {
    if (Choose(3, "reply") == 2) throw std::runtime_error("two");
    co_return;
  };
  const Exploration exploration = Explore(body);
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(WrongAbout(body, *exploration.failure), "");
  EXPECT_EQ(PairSentence(*exploration.failure), "passes if main draws 0 instead of 2 as 'reply'");
}

TEST(MinimalPair, AddsADrawnValueWhereTheBaseFails) {
  const Body body = []() -> Task<> {
    if (Choose(3, "reply") != 2) throw std::runtime_error("not two");
    co_return;
  };
  const Exploration exploration = Explore(body);
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(WrongAbout(body, *exploration.failure), "");
  EXPECT_TRUE(exploration.failure->pair->deviates_more);
  EXPECT_EQ(PairSentence(*exploration.failure), "passes if main draws 2 instead of 0 as 'reply'");
}

// ---- Time makes the difference.

TEST(MinimalPair, NamesTheClock) {
  const Body body = []() -> Task<> {
    bool cut = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&cut]() -> Task<> {
        const auto body = [](CancelScope&) -> Task<> {
          for (int i = 0; i < 3; ++i) co_await Checkpoint();
        };
        const ScopeExit exit = co_await MoveOnAfter(std::chrono::seconds(1), body);
        cut = exit.cancelled_caught;
      });
      co_return;
    });
    if (cut) throw std::runtime_error("cut");
  };
  const Exploration exploration = Explore(body);
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(WrongAbout(body, *exploration.failure), "");
  const std::string sentence = PairSentence(*exploration.failure);
  EXPECT_NE(sentence.find(" before time passes"), std::string::npos) << sentence;
}

// ---- Nothing makes a difference.

TEST(MinimalPair, IsNoneWhereAllFailAndSaysHowManyWereTried) {
  const Body body = []() -> Task<> {
    int value = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Write, std::ref(value));
      nursery.StartSoon(Write, std::ref(value));
      co_return;
    });
    throw std::runtime_error("always");
  };
  const Exploration exploration = Explore(body);
  ASSERT_TRUE(exploration.failure);
  const FoundFailure& found = *exploration.failure;
  EXPECT_FALSE(found.pair);
  EXPECT_GT(found.pair_executions, 0u);
  EXPECT_EQ(PairSentence(found),
            "no schedule next to it passes: all " + std::to_string(found.pair_executions) + " that were tried fail");
}

TEST(MinimalPair, IsTheSameAgain) {
  const Body body = [] { return examples::TransferAndAudit(examples::Transfer); };
  EXPECT_EQ(Explore(body).failure->pair, Explore(body).failure->pair);
}

}  // namespace
}  // namespace hocket::testing
