#include "harness/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
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
  return {[] { return TransferAndAudit(Transfer); }, [] { return ProduceAndConsume(Wake::kOne); },
          [] { return ProduceAndConsume(Wake::kAll); }, [] { return QueryWithTimeouts(QueryThenLease); },
          [] { return QueryWithTimeouts(LeaseThenQuery); }};
}

// The bytes that the arguments name; behind a header that makes the tail the base.
std::string WithBaseTail(const std::vector<int>& bytes) {
  std::string text("\x04\0\0\0\0", 5);
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

std::string Hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// Starts `count` tasks, each of which appends its number at each of its `steps` steps.
Task<> Count(int count, int steps, std::vector<int>& log) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < count; ++i) {
      nursery.StartSoon([&, i]() -> Task<> {
        log.push_back(i);
        for (int step = 1; step < steps; ++step) {
          co_await Checkpoint();
          log.push_back(i);
        }
      });
    }
    co_return;
  });
}

// The order in which the tasks step under `bytes`.
std::vector<int> Order(int count, int steps, const std::string& bytes) {
  std::vector<int> log;
  ReplayBytes([&] { return Count(count, steps, log); }, bytes, {});
  return log;
}

// The value of Choose(n) under `bytes`.
std::uint32_t Drawn(std::uint32_t n, const std::string& bytes) {
  std::uint32_t value = 0;
  const Body body = [&]() -> Task<> {
    value = Choose(n, "value");
    co_return;
  };
  ReplayBytes(body, bytes, {});
  return value;
}

// ---- Any bytes.

RC_GTEST_PROP(Bytes, AnyStringIsAnInputAndMeansTheSameAgain, (const std::string& bytes)) {
  for (const Body& body : Examples()) {
    const ReplayResult first = ReplayBytes(body, bytes, {});
    const ReplayResult second = ReplayBytes(body, bytes, {});
    RC_ASSERT(first.trace == second.trace);
    RC_ASSERT(first.schedule == second.schedule);
  }
}

TEST(Bytes, EmptyShortAndLongInputsRun) {
  for (const Body& body : Examples()) {
    for (const std::size_t size : {0, 1, 2, 3, 4, 5, 6, 7, 100, 100'000}) {
      for (const char byte : {'\0', '\x04', '\x7F', '\xBF', '\xC0', '\xFF'}) {
        const ReplayResult result = ReplayBytes(body, std::string(size, byte), {});
        const std::string kind = result.failure ? result.failure->identity.kind : "none";
        EXPECT_TRUE(kind != "step-limit" && kind != "livelock") << kind;
      }
    }
  }
}

TEST(Bytes, ShortInputsShowManySchedules) {
  std::set<std::uint64_t> traces;
  for (int seed = 0; seed < 256; ++seed) {
    traces.insert(ReplayBytes(Examples()[2], std::string(1, '\0') + static_cast<char>(seed), {}).trace.Hash());
  }
  EXPECT_GT(traces.size(), 200u);
}

// ---- There and back.

TEST(Bytes, OfAScheduleRunAsTheSchedule) {
  for (const Body& body : Examples()) {
    const std::unique_ptr<Strategy> walk = MakeRandomWalk(3);
    for (std::uint64_t i = 0; i < 200; ++i) {
      const ReplayResult recorded = RunStrategy(body, *walk, i);
      const ReplayResult again = ReplayBytes(body, EncodeBytes(body, recorded.schedule, {}), {});
      EXPECT_TRUE(again.trace == recorded.trace);
      EXPECT_EQ(again.schedule, recorded.schedule);
    }
  }
}

RC_GTEST_PROP(Bytes, AreEncodedInOneWay, (const std::string& bytes)) {
  for (const Body& body : Examples()) {
    const ReplayResult run = ReplayBytes(body, bytes, {});
    const std::string encoded = EncodeBytes(body, run.schedule, {});
    const ReplayResult again = ReplayBytes(body, encoded, {});
    RC_ASSERT(again.trace == run.trace);
    RC_ASSERT(EncodeBytes(body, again.schedule, {}) == encoded);
  }
}

TEST(Bytes, OfTheBaseAreTheHeaderAlone) {
  Schedule base;
  EXPECT_EQ(Hex(EncodeBytes(Examples()[1], base, {})), "0400000000");
}

// A change of the byte `place` behind the header, in the input of a run that asked for `input.size() - 5` bytes.
RC_GTEST_PROP(Bytes, ChangeOfOneByteLeavesEarlierDecisionsAlone, ()) {
  const auto decisions = *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(0, 256));
  const auto place = *rc::gen::inRange<std::size_t>(0, 20);
  const auto value = *rc::gen::inRange(0, 256);
  std::vector<int> changed = decisions;
  changed[place] = value;
  for (const Body& body : Examples()) {  // fewer than 64 alternatives and no drawn values: one byte a decision
    const std::vector<Decision> before = ReplayBytes(body, WithBaseTail(decisions), {}).schedule.exact;
    const std::vector<Decision> after = ReplayBytes(body, WithBaseTail(changed), {}).schedule.exact;
    for (std::size_t i = 0; i < std::min({place, before.size(), after.size()}); ++i) RC_ASSERT(before[i] == after[i]);
  }
}

// ---- docs/fuzz_format.md, number by number.

TEST(Bytes, BelowThreeQuartersGoOn) {
  // Three tasks of two steps. First a forced choice among three, then: go on, or one of two others.
  EXPECT_EQ(Order(3, 2, WithBaseTail({0, 0})), (std::vector<int>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(Order(3, 2, WithBaseTail({0, 191})), (std::vector<int>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(Order(3, 2, WithBaseTail({0, 192})), (std::vector<int>{0, 1, 1, 2, 2, 0}));
  EXPECT_EQ(Order(3, 2, WithBaseTail({0, 193})), (std::vector<int>{0, 2, 2, 1, 1, 0}));
  EXPECT_EQ(Order(3, 2, WithBaseTail({0, 194})), (std::vector<int>{0, 1, 1, 2, 2, 0}));
  EXPECT_EQ(Order(3, 2, WithBaseTail({0, 255})), (std::vector<int>{0, 2, 2, 1, 1, 0}));
}

TEST(Bytes, AreTakenModuloTheAlternativesIfTheTaskCannotGoOn) {
  EXPECT_EQ(Order(3, 1, WithBaseTail({0})), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(Order(3, 1, WithBaseTail({1})), (std::vector<int>{1, 0, 2}));
  EXPECT_EQ(Order(3, 1, WithBaseTail({2, 1})), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(Order(3, 1, WithBaseTail({3})), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(Order(3, 1, WithBaseTail({255, 255})), (std::vector<int>{0, 2, 1}));
}

TEST(Bytes, TakeASecondByteOnlyForMoreThan64AlternativesToSwitchTo) {
  // 65 tasks: the one that goes on has 64 others, and one byte is enough. The byte behind it is the next decision.
  EXPECT_EQ(Order(65, 2, WithBaseTail({0, 255}))[1], 64);
  EXPECT_EQ(Order(65, 2, WithBaseTail({0, 192, 0}))[2], 1);
  EXPECT_EQ(Order(65, 2, WithBaseTail({0, 192, 192}))[2], 2);
  // 66 tasks: 65 others, and two bytes.
  EXPECT_EQ(Order(66, 2, WithBaseTail({0, 192, 64}))[1], 65);
  EXPECT_EQ(Order(66, 2, WithBaseTail({0, 192, 65}))[1], 1);
  EXPECT_EQ(Order(66, 2, WithBaseTail({0, 193, 0}))[1], 1 + 256 % 65);
  EXPECT_EQ(Order(66, 2, WithBaseTail({0, 0, 0}))[1], 0);  // going on takes one
}

TEST(Bytes, TakeASecondByteOnlyForMoreThan256AlternativesToChooseFrom) {
  EXPECT_EQ(Order(256, 1, WithBaseTail({255, 7}))[0], 255);
  EXPECT_EQ(Order(256, 1, WithBaseTail({255, 7}))[1], 7);
  EXPECT_EQ(Order(257, 1, WithBaseTail({1, 0, 7}))[0], 256);
  EXPECT_EQ(Order(257, 1, WithBaseTail({1, 1, 7}))[0], 0);
  EXPECT_EQ(Order(257, 1, WithBaseTail({1, 0, 7}))[1], 7);
}

TEST(Bytes, OfManyAlternativesRunAsTheSchedule) {
  for (const int count : {2, 3, 64, 65, 66, 67, 255, 256, 257, 258, 300, 700}) {
    std::vector<int> log;
    const Body body = [&] { return Count(count, 2, log); };
    const ReplayResult recorded = RunStrategy(body, *MakeRandomWalk(static_cast<std::uint64_t>(count)), 0);
    const std::vector<int> order = std::exchange(log, {});
    const std::string bytes = EncodeBytes(body, recorded.schedule, {});
    log.clear();
    ReplayBytes(body, bytes, {});
    EXPECT_EQ(log, order) << count << " tasks";
  }
}

TEST(Bytes, OfADrawnValueAreAsManyAsItNeeds) {
  EXPECT_EQ(Drawn(2, WithBaseTail({3})), 1u);
  EXPECT_EQ(Drawn(256, WithBaseTail({255, 1})), 255u);
  EXPECT_EQ(Drawn(257, WithBaseTail({1, 0})), 256u);
  EXPECT_EQ(Drawn(257, WithBaseTail({1, 2})), 1u);
  EXPECT_EQ(Drawn(65536, WithBaseTail({0x12, 0x34, 9})), 0x1234u);
  EXPECT_EQ(Drawn(65537, WithBaseTail({1, 0, 0})), 65536u);
  EXPECT_EQ(Drawn(0xFFFFFFFFu, WithBaseTail({0xFF, 0xFF, 0xFF, 0xFE})), 0xFFFFFFFEu);
  EXPECT_EQ(Drawn(65536, WithBaseTail({0x12})), 0x1200u);  // missing bytes are 0
}

TEST(Bytes, OfDrawnValuesRunAsTheSchedule) {
  for (const std::uint32_t n : {2u, 255u, 256u, 257u, 65536u, 65537u, 16777217u, 0xFFFFFFFFu}) {
    std::vector<std::uint32_t> values;
    const Body body = [&]() -> Task<> {
      for (int i = 0; i < 5; ++i) values.push_back(Choose(n, "value"));
      co_return;
    };
    const ReplayResult recorded = RunStrategy(body, *MakeRandomWalk(n), 0);
    const std::vector<std::uint32_t> drawn = std::exchange(values, {});
    const std::string bytes = EncodeBytes(body, recorded.schedule, {});
    values.clear();
    ReplayBytes(body, bytes, {});
    EXPECT_EQ(values, drawn);
  }
}

TEST(Bytes, HeaderChoosesHowOftenTheTailSwitches) {
  // Two tasks with many steps: how often the tail switches when the task could go on.
  const auto switches = [](int header) {
    int switched = 0;
    int asked = 0;
    for (int seed = 0; seed < 40; ++seed) {
      const std::string bytes = std::string(1, static_cast<char>(header)) + static_cast<char>(seed);
      const std::vector<int> order = Order(2, 200, bytes);
      int left[2] = {200, 200};
      for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        if (--left[order[i]] == 0 || left[1 - order[i]] == 0) continue;  // no decision, or a forced one
        ++asked;
        switched += order[i + 1] != order[i] ? 1 : 0;
      }
    }
    return static_cast<double>(switched) / asked;
  };
  EXPECT_NEAR(switches(0), 0.7, 0.02);
  EXPECT_NEAR(switches(1), 0.3, 0.02);
  EXPECT_NEAR(switches(2), 0.1, 0.02);
  EXPECT_NEAR(switches(3), 0.02, 0.01);
  EXPECT_EQ(switches(4), 0.0);
  EXPECT_EQ(switches(7), 0.0);
  EXPECT_EQ(Order(2, 200, "\xF8"), Order(2, 200, "\xF8"));
}

TEST(Bytes, ChangedBehindTheHeaderLeaveTheTailsNumbersAlone) {
  // Only drawn values: the first byte is one value, the tail draws the others.
  const auto values = [](const std::string& bytes) {
    std::vector<std::uint32_t> drawn;
    const Body body = [&]() -> Task<> {
      for (int i = 0; i < 6; ++i) drawn.push_back(Choose(200, "value"));
      co_return;
    };
    ReplayBytes(body, bytes, {});
    return drawn;
  };
  const std::string header("\0\x07\0\0\0", 5);
  const std::vector<std::uint32_t> a = values(header + '\x01');
  const std::vector<std::uint32_t> b = values(header + '\x02');
  EXPECT_EQ(a[0], 1u);
  EXPECT_EQ(b[0], 2u);
  EXPECT_EQ(std::vector(a.begin() + 1, a.end()), std::vector(b.begin() + 1, b.end()));
  EXPECT_NE(values(std::string("\0\x08\0\0\0", 5) + '\x01'), a);
}

TEST(Bytes, TailIsTheDocumentedGenerator) {
  // splitmix64 seeded with bytes 0 to 4, little-endian; values below n by multiplication of the upper half.
  std::uint64_t state = 0x05040302'00;
  std::vector<std::uint32_t> expected;
  for (int i = 0; i < 4; ++i) {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    expected.push_back(static_cast<std::uint32_t>(((z >> 32) * 1000) >> 32));
  }
  std::vector<std::uint32_t> drawn;
  const Body body = [&]() -> Task<> {
    for (int i = 0; i < 4; ++i) drawn.push_back(Choose(1000, "value"));
    co_return;
  };
  ReplayBytes(body, std::string("\0\x02\x03\x04\x05", 5), {});
  EXPECT_EQ(drawn, expected);
}

}  // namespace
}  // namespace hocket::testing
