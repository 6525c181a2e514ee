// What a test draws as its input: which values there are, that they replay, and what they shrink to.
#include "hocket/testing/draw_input.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {
namespace {

// Draws from many executions.
void ForManyDraws(const std::function<void()>& draw, std::uint64_t executions = 2000) {
  const Exploration exploration = Explore(
      [&]() -> Task<> {
        draw();
        co_return;
      },
      {.executions = executions,
       .strategy = [](std::uint64_t seed) { return *ParseStrategy("random", {.seed = seed}); }});
  EXPECT_FALSE(exploration.failure) << exploration.Statement();
}

// Draws with decisions whose values are all 0: what shrinking tends to.
void ForSimplestDraw(const std::function<void()>& draw) {
  ReplaySchedule(
      [&]() -> Task<> {
        draw();
        co_return;
      },
      Schedule());
}

class Unwanted : public std::exception {};

// The input that is left of one for which `is_unwanted(draw())` after shrinking.
template <class Draw, class IsUnwanted>
auto Shrunk(Draw draw, IsUnwanted is_unwanted) {
  decltype(draw()) drawn{};
  const Body body = [&]() -> Task<> {
    drawn = draw();
    if (is_unwanted(drawn)) throw Unwanted();
    co_return;
  };
  const Exploration exploration = Explore(body, {.executions = 100'000, .strategy = [](std::uint64_t seed) {
                                                   return *ParseStrategy("random", {.seed = seed});
                                                 }});
  EXPECT_TRUE(exploration.failure) << exploration.Statement();
  // From the token alone.
  const ReplayResult replay = ReplaySchedule(body, *ParseToken(FormatToken(PlanOf(exploration.failure->schedule))));
  EXPECT_TRUE(replay.failure);
  return drawn;
}

TEST(DrawBetween, GivesEveryNumberOfTheRangeAndNoOther) {
  std::set<int> seen;
  ForManyDraws([&] { seen.insert(DrawBetween(-2, 3, "number")); });
  EXPECT_EQ(seen, (std::set<int>{-2, -1, 0, 1, 2, 3}));
}

TEST(DrawBetween, TakesTheLargestRangesOfEachType) {
  using Int64 = std::numeric_limits<std::int64_t>;
  using Uint64 = std::numeric_limits<std::uint64_t>;
  using Int8 = std::numeric_limits<std::int8_t>;
  std::set<std::int8_t> small;
  bool is_negative = false;
  bool is_positive = false;
  std::uint64_t ones = 0;  // every bit is 1 sometimes
  ForManyDraws(
      [&] {
        const std::int64_t number = DrawBetween(Int64::min(), Int64::max(), "signed");
        is_negative |= number < 0;
        is_positive |= number > 0;
        ones |= DrawBetween(Uint64::min(), Uint64::max(), "unsigned");
        small.insert(DrawBetween(Int8::min(), Int8::max(), "small"));
      },
      5000);
  EXPECT_TRUE(is_negative && is_positive);
  EXPECT_EQ(ones, Uint64::max());
  EXPECT_EQ(small.size(), 256u);
}

TEST(DrawBetween, KeepsToWideRangesAtBothEnds) {
  constexpr std::uint64_t kFirst = 5;
  constexpr std::uint64_t kLast = kFirst + (std::uint64_t{1} << 32) + 1;  // three digits, of which the first is 0 or 1
  bool is_wide = false;
  ForManyDraws([&] {
    const std::uint64_t number = DrawBetween(kFirst, kLast, "number");
    EXPECT_GE(number, kFirst);
    EXPECT_LE(number, kLast);
    is_wide |= number > kFirst + std::numeric_limits<std::uint32_t>::max();
  });
  EXPECT_TRUE(is_wide);
}

TEST(DrawBetween, OfOneNumberDrawsNothing) {
  const auto draw = []() -> Task<> {
    EXPECT_EQ(DrawBetween(7, 7, "number"), 7);
    co_return;
  };
  for (const TraceEvent& event : ReplaySchedule(draw, Schedule()).trace.events) {
    EXPECT_NE(event.kind, TraceEvent::Kind::kDraw);
  }
}

TEST(DrawBetween, ShrinksToTheFirstNumberThatWillDo) {
  EXPECT_EQ(Shrunk([] { return DrawBetween(-50, 50, "number"); }, [](int number) { return number >= 17; }), 17);
  EXPECT_EQ(Shrunk([] { return DrawBetween(std::uint64_t{0}, ~std::uint64_t{0}, "number"); },
                   [](std::uint64_t number) { return number >= (std::uint64_t{1} << 48); }),
            std::uint64_t{1} << 48);
}

TEST(DrawFrom, GivesEachValueOfAList) {
  const std::vector<std::string> words = {"one", "two", "three"};
  std::set<std::string> seen;
  std::set<char> letters;
  ForManyDraws([&] {
    seen.insert(DrawFrom(words, "word"));
    letters.insert(DrawFrom({'a', 'b'}, "letter"));
  });
  EXPECT_EQ(seen, std::set<std::string>(words.begin(), words.end()));
  EXPECT_EQ(letters, (std::set<char>{'a', 'b'}));
  ForSimplestDraw([&] { EXPECT_EQ(DrawFrom(words, "word"), "one"); });
}

TEST(DrawWeighted, GivesIndexesAsOftenAsTheirWeightsSay) {
  std::map<std::size_t, int> count;
  ForManyDraws([&] { ++count[DrawWeighted({0, 6, 2, 0}, "index")]; }, 8000);
  EXPECT_EQ(count.size(), 2u);
  EXPECT_NEAR(count[1], 6000, 300);
  EXPECT_NEAR(count[2], 2000, 300);
  ForSimplestDraw([] { EXPECT_EQ(DrawWeighted(std::vector<std::uint32_t>{0, 6, 2}, "index"), 1u); });
}

TEST(DrawChance, IsTrueAsOftenAsItSaysAndFalseWhenShrunk) {
  int count = 0;
  ForManyDraws(
      [&] {
        if (DrawChance(1, 4, "chance")) ++count;
        EXPECT_FALSE(DrawChance(0, 4, "chance"));
        EXPECT_TRUE(DrawChance(4, 4, "chance"));
      },
      8000);
  EXPECT_NEAR(count, 2000, 300);
  ForSimplestDraw([] { EXPECT_FALSE(DrawChance(3, 4, "chance")); });
}

TEST(DrawBytes, HasEachLengthAndEachByte) {
  std::map<std::size_t, int> lengths;
  std::set<char> bytes;
  ForManyDraws(
      [&] {
        const std::string drawn = DrawBytes(3, "bytes");
        ++lengths[drawn.size()];
        bytes.insert(drawn.begin(), drawn.end());
      },
      4000);
  EXPECT_EQ(lengths.size(), 4u);
  for (const auto& [length, count] : lengths) EXPECT_NEAR(count, 1000, 200) << length;
  EXPECT_EQ(bytes.size(), 256u);
  ForSimplestDraw([] { EXPECT_EQ(DrawBytes(3, "bytes"), ""); });
}

TEST(DrawBytes, ShrinksToTheShortestWithTheSmallestBytes) {
  const std::string shrunk = Shrunk([] { return DrawBytes(30, "bytes"); },
                                    [](const std::string& bytes) { return bytes.size() >= 5 && bytes[3] >= 'a'; });
  EXPECT_EQ(shrunk, std::string("\0\0\0a\0", 5));
}

TEST(DrawText, HoldsAnyBytesUpToItsLength) {
  std::set<std::string> texts;
  ForManyDraws(
      [&] {
        const std::string drawn = DrawText(1, "text");
        EXPECT_LE(drawn.size(), 1u);
        texts.insert(drawn);
      },
      20'000);
  EXPECT_EQ(texts.size(), 257u);  // the empty one, and one for each byte, 0 included
}

TEST(DrawText, ShrinksByEndingEarlier) {
  const std::string shrunk =
      Shrunk([] { return DrawText(30, "text"); },
             [](const std::string& text) { return text.size() >= 5 && static_cast<unsigned char>(text[3]) >= 'a'; });
  EXPECT_EQ(shrunk.size(), 5u);
  EXPECT_EQ(shrunk[3], 'a');
}

TEST(DrawInput, ChecksWhatItIsAskedFor) {
  EXPECT_DEATH(ForSimplestDraw([] { DrawBetween(2, 1, "number"); }),
               "DrawBetween needs at least one value for 'number'");
  EXPECT_DEATH(ForSimplestDraw([] { DrawFrom(std::vector<int>(), "list"); }), "at least one value for 'list'");
  EXPECT_DEATH(ForSimplestDraw([] { DrawWeighted({0, 0}, "index"); }), "the weights for 'index'");
  EXPECT_DEATH(ForSimplestDraw([] { DrawChance(3, 2, "chance"); }), "a chance for 'chance' is at most 1: 3 of 2");
}

}  // namespace
}  // namespace hocket::testing
