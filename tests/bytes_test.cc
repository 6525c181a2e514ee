#include "harness/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "harness/execution.h"
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
  std::string text("\x07\0\0\0\0", 5);
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
      for (const char byte : {'\0', '\x01', '\x04', '\x05', '\x07', '\x7F', '\xBF', '\xC0', '\xFF'}) {
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
  EXPECT_EQ(Hex(EncodeBytes(Examples()[1], base, {})), "0700000000");
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

TEST(Bytes, OfADrawnValueAreAsManyAsItNeedsFromTheEnd) {
  EXPECT_EQ(Drawn(2, WithBaseTail({3})), 1u);
  EXPECT_EQ(Drawn(256, WithBaseTail({1, 255})), 255u);
  EXPECT_EQ(Drawn(257, WithBaseTail({0, 1})), 256u);
  EXPECT_EQ(Drawn(257, WithBaseTail({2, 1})), 1u);
  EXPECT_EQ(Drawn(65536, WithBaseTail({9, 0x34, 0x12})), 0x1234u);
  EXPECT_EQ(Drawn(65537, WithBaseTail({0, 0, 1})), 65536u);
  EXPECT_EQ(Drawn(0xFFFFFFFFu, WithBaseTail({0xFE, 0xFF, 0xFF, 0xFF})), 0xFFFFFFFEu);
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

// Draws values, faults and who is woken, beside its schedule.
Task<> DrawAll(std::string& log) {
  Event event;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int client = 0; client < 3; ++client) {
      nursery.StartSoon([&, client]() -> Task<> {
        for (int i = 0; i < 3; ++i) {
          log += std::to_string(client) + ":" + std::to_string(Choose(300, "amount")) + (Fault("disk") ? "! " : " ");
          co_await Checkpoint();
        }
        if (client == 0) event.Set();
        co_await event.Wait();
      });
    }
    co_return;
  });
}

TEST(Bytes, DrawnValuesDoNotMoveTheSchedule) {
  // The same decisions in front, with one, two and no values behind them.
  const auto order = [](const std::string& bytes) {
    std::string log;
    ReplayBytes([&] { return DrawAll(log); }, bytes, {});
    std::string clients;
    for (std::size_t i = 1; i < log.size(); ++i) {
      if (log[i] == ':') clients += log[i - 1];
    }
    return clients;
  };
  const std::vector<int> decisions = {2, 0, 200, 0, 1, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const std::string without = WithBaseTail(decisions) + std::string(30, '\0');
  std::string with = without;
  with[with.size() - 1] = '\1';
  with[with.size() - 4] = '\7';
  EXPECT_EQ(order(with), order(without));
  EXPECT_NE(order(without), order(WithBaseTail({})));
}

TEST(Bytes, AndBackFromATokenAreTheSameToken) {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {
    std::string log;
    const Body body = [&] { return DrawAll(log); };
    ExploreOptions options;
    options.wake_order = WakeOrder::kAny;
    const std::string token = FormatToken(RunStrategy(body, *MakeRandomWalk(seed), seed, options).schedule);
    const std::string expected = std::exchange(log, {});
    const absl::StatusOr<Schedule> schedule = ParseToken(token);
    ASSERT_TRUE(schedule.ok()) << schedule.status();
    const std::string bytes = EncodeBytes(body, *schedule, options);
    log.clear();
    EXPECT_EQ(FormatToken(ReplayBytes(body, bytes, options).schedule), token);
    EXPECT_EQ(log, expected);
  }
}

// ---- The tail.

// The spellings of docs/fuzz_format.md, by tail; empty: a strategy that has none.
constexpr const char* kTails[] = {"random", "sticky:30", "sticky:10", "sticky:3", "pos", "", "random", "stay"};

TEST(Bytes, OfAHeaderAloneRunAsTheStrategyThatItNames) {
  for (std::size_t tail = 0; tail < std::size(kTails); ++tail) {
    if (*kTails[tail] == '\0') continue;
    const std::unique_ptr<Strategy> strategy = *ParseStrategy(kTails[tail], {.seed = 0});
    for (const std::uint32_t seed : {0u, 1u, 255u, 0x04030201u}) {
      std::string header(1, static_cast<char>(tail | 0xF8));  // the upper bits say nothing
      for (int shift = 0; shift < 32; shift += 8) header += static_cast<char>(seed >> shift);
      for (const Body& body : Examples()) {
        strategy->StartExecution(seed);
        EXPECT_TRUE(ReplayBytes(body, header, {}).trace == RunStrategy(body, *strategy, seed).trace) << kTails[tail];
      }
    }
  }
}

TEST(Bytes, TailOfPrioritiesChangesThemWithinTheFirst64Decisions) {
  // Three tasks of fifty steps: without changes a task runs on to its end.
  int late = 0;
  int switches = 0;
  for (int seed = 0; seed < 100; ++seed) {
    const std::vector<int> order = Order(3, 50, std::string("\x05", 1) + static_cast<char>(seed));
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (order[i] == order[i - 1]) continue;
      ++switches;
      if (i > 66 && std::count(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(i), order[i - 1]) < 50)
        ++late;
    }
  }
  EXPECT_EQ(late, 0);
  EXPECT_GT(switches, 100 * 4);
  EXPECT_LT(switches, 100 * 12);
}

TEST(Bytes, TailsHaveNoMemory) {
  // What an input means does not depend on those before it.
  const Body body = [] { return ProduceAndConsume(examples::Wake::kOne); };
  const ExploreOptions options;
  Execution execution(body, options);
  BytesStrategy strategy;
  const auto run = [&](const std::string& bytes) {
    strategy.SetInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return execution.Run(strategy).hash;
  };
  std::vector<std::string> inputs;
  for (int tail = 0; tail < 8; ++tail) {
    for (const char* rest : {"", "\1", "\1\2\3\4", "\1\2\3\4\1\xC8", "\1\2\3\4\xFF\xC1\1\xC2\1\2\3"}) {
      inputs.push_back(static_cast<char>(tail) + std::string(rest));
    }
  }
  std::vector<std::uint64_t> forward;
  for (const std::string& input : inputs) forward.push_back(run(input));
  for (std::size_t i = inputs.size(); i-- > 0;) EXPECT_EQ(run(inputs[i]), forward[i]) << Hex(inputs[i]);
  EXPECT_GT(std::set<std::uint64_t>(forward.begin(), forward.end()).size(), 20u);
}

TEST(Bytes, TailGoesOnWithWhoSteppedLast) {
  // The byte goes on with task 0; the tails that stay with a task 97 times in 100 nearly always do so with that one.
  int stays = 0;
  for (int seed = 0; seed < 200; ++seed) {
    const std::string header = std::string("\x03", 1) + static_cast<char>(seed) + std::string(3, '\0');
    const std::vector<int> order = Order(3, 8, header + std::string(2, '\0'));
    stays += order[0] == 0 && order[3] == 0 ? 1 : 0;
  }
  EXPECT_GT(stays, 180);
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

TEST(Bytes, TailsValuesAreTheDocumentedOnes) {
  // mix(a, b): splitmix64's output function of a + (b + 1) * 0x9e3779b97f4a7c15.
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    std::uint64_t z = a + 0x9e3779b97f4a7c15u * (b + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  };
  const std::uint64_t stream = mix(mix(0, 0x05040302), 1);
  std::vector<std::uint32_t> expected;
  for (std::uint64_t i = 0; i < 4; ++i) {
    expected.push_back(static_cast<std::uint32_t>(((mix(stream, i) >> 32) * 1000) >> 32));
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
