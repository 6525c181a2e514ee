#include "hocket/testing/linearizability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "examples/bounded_queue.h"
#include "harness/expectations.h"
#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/cancellation.h"
#include "hocket/testing/explore.h"
#include "tests/queue_histories.h"

namespace hocket::testing {
namespace {

// Runs `body` as the main task, outside of any exploration.
void InRun(const std::function<void()>& body) {
  const RunOutcome outcome = hocket::Run([&]() -> Task<> {
    body();
    co_return;
  });
  ASSERT_TRUE(outcome.completed()) << outcome.ToString();
}

// ---- Against an oracle.

TEST(Linearizability, AgreesWithAllPermutations) {
  Random random(20);
  int wrong = 0;
  constexpr int kHistories = 2000;
  for (int i = 0; i < kHistories; ++i) {
    SCOPED_TRACE(i);
    InRun([&] {
      History<QueueSpec> history;
      const std::vector<Noted> calls = DrawCalls([&](std::uint32_t n) { return random.Below(n); }, history);
      const Judgement judgement = CheckAgainstOracle(calls, history);
      wrong += judgement.verdict == Verdict::kNotLinearizable ? 1 : 0;
    });
  }
  // Both verdicts have been compared often.
  EXPECT_GT(wrong, kHistories / 10);
  EXPECT_LT(wrong, kHistories * 9 / 10);
}

TEST(Linearizability, SaysNoMoreThanItsBudgetAllows) {
  int undecided = 0;
  int prefixes_undecided = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    InRun([&] {
      History<QueueSpec> whole;
      Random random(seed);
      DrawCalls([&](std::uint32_t n) { return random.Below(n); }, whole);
      const Judgement truth = whole.Judge();
      for (std::uint64_t budget = 1; budget < 12; ++budget) {
        History<QueueSpec> history({}, {.budget = budget});
        random = Random(seed);
        DrawCalls([&](std::uint32_t n) { return random.Below(n); }, history);
        const Judgement judgement = history.Judge();
        if (judgement.verdict == Verdict::kUndecided) {
          ++undecided;
          EXPECT_GE(truth.configurations, budget);
          continue;
        }
        EXPECT_EQ(judgement.verdict, truth.verdict);
        if (judgement.explained_is_most) {
          EXPECT_EQ(judgement.explained, truth.explained);
        } else {
          ++prefixes_undecided;
          EXPECT_LE(judgement.explained, truth.explained);
        }
      }
    });
  }
  EXPECT_GT(undecided, 0);
  EXPECT_GT(prefixes_undecided, 0);
}

// ---- Right and wrong objects.

Exploration ExploreExpectations(const Body& body, ExploreOptions options = {}) {
  HeldExpectations expectations;
  options.expectations = &expectations;
  return Explore(body, options);
}

// What is wrong with `body`, "" if nothing.
std::string FailureIn(const Body& body) {
  const Exploration exploration = ExploreExpectations(body);
  EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  if (!exploration.failure) return {};
  EXPECT_EQ(exploration.failure->failure.identity.kind, "expect");
  return exploration.failure->failure.message;
}

constexpr char kNoOrder[] = "history: no order of the calls explains what they returned\n";

struct CounterSpec {
  struct Add {};
  struct Get {};
  void Apply(const Add&) { ++value; }
  int Apply(const Get&) const { return value; }
  auto operator<=>(const CounterSpec&) const = default;

  int value = 0;
};

class Counter {
 public:
  explicit Counter(bool is_atomic) : is_atomic_(is_atomic) {}
  Task<> Add() {
    co_await Checkpoint();
    const int value = value_;
    if (!is_atomic_) co_await Checkpoint();
    value_ = value + 1;
  }
  Task<int> Get() {
    co_await Checkpoint();
    co_return value_;
  }

 private:
  const bool is_atomic_;
  int value_ = 0;
};

Task<> CountAndGet(bool is_atomic) {
  Counter counter(is_atomic);
  History<CounterSpec> history;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon([&]() -> Task<> {
        co_await history.Call(CounterSpec::Add{}, [&] { return counter.Add(); });
        co_await history.Call(CounterSpec::Get{}, [&] { return counter.Get(); });
      });
    }
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}

TEST(Linearizability, FindsALostUpdateOfACounter) {
  EXPECT_EQ(FailureIn([] { return CountAndGet(true); }), "");
  EXPECT_EQ(FailureIn([] { return CountAndGet(false); }).rfind(kNoOrder, 0), 0u);
}

// Gives out the newest item first.
class StackForAQueue {
 public:
  Task<> Push(int item) {
    co_await Checkpoint();
    items_.push_back(item);
    pushed_.Release();
  }
  Task<int> Pop() {
    co_await pushed_.Acquire();
    const int item = items_.back();
    items_.pop_back();
    co_return item;
  }

 private:
  std::vector<int> items_;
  Semaphore pushed_{0};
};

template <class Queue>
Task<> PushAndPop(Queue& queue) {
  History<QueueSpec> history;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon([&, i]() -> Task<> {
        for (int item = 10 * i; item < 10 * i + 2; ++item)
          co_await history.Call(QueueSpec::Push{item}, [&] { return queue.Push(item); });
      });
      nursery.StartSoon([&]() -> Task<> {
        for (int j = 0; j < 2; ++j) co_await history.Call(QueueSpec::Pop{}, [&] { return queue.Pop(); });
      });
    }
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}

TEST(Linearizability, FindsAQueueThatIsAStack) {
  EXPECT_EQ(FailureIn([]() -> Task<> {
              examples::BoundedQueue queue(2, examples::Wake::kAll);
              co_await PushAndPop(queue);
            }),
            "");
  EXPECT_EQ(FailureIn([]() -> Task<> {
              StackForAQueue queue;
              co_await PushAndPop(queue);
            }).rfind(kNoOrder, 0),
            0u);
}

// One entry of a map: the specification is of the values of a key.
struct EntrySpec {
  struct PutIfAbsent {
    std::string key;
    int value;
    std::string ToString() const { return "PutIfAbsent(" + key + ", " + std::to_string(value) + ")"; }
  };
  struct Get {
    std::string key;
    std::string ToString() const { return "Get(" + key + ")"; }
  };
  using Key = std::string;
  template <class Op>
  static Key KeyOf(const Op& op) {
    return op.key;
  }

  bool Apply(const PutIfAbsent& put) {
    if (value) return false;
    value = put.value;
    return true;
  }
  std::optional<int> Apply(const Get&) const { return value; }
  auto operator<=>(const EntrySpec&) const = default;

  std::optional<int> value;
};

class Store {
 public:
  explicit Store(bool is_atomic) : is_atomic_(is_atomic) {}
  Task<bool> PutIfAbsent(std::string key, int value) {
    co_await Checkpoint();
    const bool is_new = values_.count(key) == 0;
    if (!is_atomic_) co_await Checkpoint();
    if (is_new) values_[key] = value;
    co_return is_new;
  }
  Task<std::optional<int>> Get(std::string key) {
    co_await Checkpoint();
    const auto found = values_.find(key);
    co_return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  const bool is_atomic_;
  std::map<std::string, int> values_;
};

Task<> PutAndGet(bool is_atomic) {
  Store store(is_atomic);
  History<EntrySpec> history;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon([&, i]() -> Task<> {
        for (const char* key : {"a", "b"}) {
          const EntrySpec::PutIfAbsent put{key, i};
          co_await history.Call(put, [&] { return store.PutIfAbsent(put.key, put.value); });
          const EntrySpec::Get get{key};
          co_await history.Call(get, [&] { return store.Get(get.key); });
        }
      });
    }
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}

TEST(Linearizability, FindsAnEntryOfAMapThatIsPutTwice) {
  EXPECT_EQ(FailureIn([] { return PutAndGet(true); }), "");
  const std::string failure = FailureIn([] { return PutAndGet(false); });
  EXPECT_EQ(failure.rfind(kNoOrder, 0), 0u);
  EXPECT_NE(failure.find("    of the key \""), std::string::npos) << failure;
}

struct LockSpec {
  struct Acquire {};
  struct Release {};
  bool Apply(const Acquire&) { return !std::exchange(is_held, true); }
  bool Apply(const Release&) { return std::exchange(is_held, false); }
  auto operator<=>(const LockSpec&) const = default;

  bool is_held = false;
};

// Sees that it is free, and takes itself later.
class LateLock {
 public:
  Task<> Acquire() {
    do {
      co_await Checkpoint();
    } while (is_held_);
    co_await Checkpoint();
    is_held_ = true;
  }
  void Release() { is_held_ = false; }

 private:
  bool is_held_ = false;
};

template <class SomeLock>
Task<> TakeTurns() {
  SomeLock lock;
  History<LockSpec> history;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon([&]() -> Task<> {
        co_await history.Call(LockSpec::Acquire{}, [&]() -> Task<> { co_await lock.Acquire(); });
        co_await Checkpoint();
        const std::size_t release = history.Called(LockSpec::Release{});
        lock.Release();
        history.Returned(release);
      });
    }
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}

TEST(Linearizability, FindsALockThatTwoHold) {
  EXPECT_EQ(FailureIn([] { return TakeTurns<Lock>(); }), "");
  EXPECT_EQ(FailureIn([] { return TakeTurns<LateLock>(); }).rfind(kNoOrder, 0), 0u);
}

// ---- Calls that are interrupted.

// A push that can be cancelled after it has taken effect.
class LateQueue {
 public:
  Task<> Push(int item) {
    items_.push_back(item);
    co_await Checkpoint();
  }
  std::vector<int> TakeAll() { return std::exchange(items_, {}); }

 private:
  std::vector<int> items_;
};

struct BagSpec {
  struct Push {
    int item;
    std::string ToString() const { return "Push(" + std::to_string(item) + ")"; }
  };
  struct TakeAll {};
  void Apply(const Push& push) { items.push_back(push.item); }
  std::vector<int> Apply(const TakeAll&) { return std::exchange(items, {}); }
  auto operator<=>(const BagSpec&) const = default;

  std::vector<int> items;
};

Task<> PushCancelled(Interrupted interrupted) {
  LateQueue queue;
  History<BagSpec> history;
  co_await CancelAnywhere(
      [&]() -> Task<> { co_await history.Call(BagSpec::Push{1}, [&] { return queue.Push(1); }, interrupted); });
  const std::size_t take = history.Called<std::vector<int>>(BagSpec::TakeAll{});
  history.Returned(take, queue.TakeAll());
  EXPECT_LINEARIZABLE(history);
}

TEST(Linearizability, TakesACancelledCallForOneThatMayHaveTakenEffect) {
  EXPECT_EQ(FailureIn([] { return PushCancelled(Interrupted::kMaybe); }), "");
  EXPECT_EQ(FailureIn([] { return PushCancelled(Interrupted::kMaybeYet); }), "");
  const std::string failure = FailureIn([] { return PushCancelled(Interrupted::kNever); });
  EXPECT_EQ(failure.rfind(kNoOrder, 0), 0u);
  EXPECT_NE(failure.find("interrupted (no effect)"), std::string::npos) << failure;
}

TEST(Linearizability, HoldsAnInterruptedCallToWhatItWasSaidToBe) {
  const auto verdict = [](Interrupted interrupted, std::vector<int> seen, std::vector<int> seen_later) {
    Verdict result{};
    InRun([&] {
      History<BagSpec> history;
      history.CutOff(history.Called(BagSpec::Push{1}), interrupted);
      history.Returned(history.Called<std::vector<int>>(BagSpec::TakeAll{}), std::move(seen));
      history.Returned(history.Called<std::vector<int>>(BagSpec::TakeAll{}), std::move(seen_later));
      result = history.Judge().verdict;
    });
    return result;
  };
  for (const Interrupted interrupted : {Interrupted::kMaybe, Interrupted::kNever, Interrupted::kMaybeYet}) {
    EXPECT_EQ(verdict(interrupted, {}, {}), Verdict::kLinearizable);
    EXPECT_EQ(verdict(interrupted, {1}, {1}), Verdict::kNotLinearizable);
    EXPECT_EQ(verdict(interrupted, {1}, {}) == Verdict::kLinearizable, interrupted != Interrupted::kNever);
    EXPECT_EQ(verdict(interrupted, {}, {1}) == Verdict::kLinearizable, interrupted == Interrupted::kMaybeYet);
  }
}

TEST(Linearizability, LetsACallThatIsUnderWayTakeEffect) {
  InRun([] {
    History<CounterSpec> history;
    history.Called(CounterSpec::Add{});
    history.Returned(history.Called<int>(CounterSpec::Get{}), 1);
    EXPECT_LINEARIZABLE(history);
    history.Returned(history.Called<int>(CounterSpec::Get{}), 2);
    EXPECT_EQ(history.Judge().verdict, Verdict::kNotLinearizable);
  });
}

TEST(History, EndsACallAsTheCallDoes) {
  const RunOutcome outcome = hocket::Run([]() -> Task<> {
    History<CounterSpec> history;
    const int got = co_await history.Call(CounterSpec::Get{}, []() -> Task<int> { co_return 0; });
    EXPECT_EQ(got, 0);
    Outcome<> failed = co_await Capture(history.Call(CounterSpec::Add{}, []() -> Task<> {
      co_await Checkpoint();
      throw std::runtime_error("no");
    }));
    EXPECT_TRUE(failed.has_error());
    const ScopeExit exit = co_await MoveOnAfter(std::chrono::seconds(0), [&]() -> Task<> {
      co_await history.Call(CounterSpec::Add{}, []() -> Task<> { co_await Checkpoint(); });
    });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(history.size(), 3u);
    // Both that did not return may have been added.
    history.Returned(history.Called<int>(CounterSpec::Get{}), 2);
    EXPECT_LINEARIZABLE(history);
    history.Returned(history.Called<int>(CounterSpec::Get{}), 1);
    EXPECT_EQ(history.Judge().verdict, Verdict::kNotLinearizable);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

// ---- Specifications.

// Gives any of the tickets that it has.
struct TicketsSpec {
  struct Draw {};
  bool Apply(const Draw&, const std::optional<int>& result) {
    if (!result) return false;
    return std::erase(tickets, *result) == 1;
  }
  bool operator==(const TicketsSpec&) const = default;

  std::vector<int> tickets = {1, 2, 3};
};

}  // namespace
}  // namespace hocket::testing

template <>
struct std::hash<hocket::testing::TicketsSpec> {
  std::size_t operator()(const hocket::testing::TicketsSpec& spec) const {
    std::size_t hash = 0;
    for (const int ticket : spec.tickets) hash = 31 * hash + static_cast<std::size_t>(ticket);
    return hash;
  }
};

namespace hocket::testing {
namespace {

TEST(Linearizability, JudgesSpecificationsThatAllowSeveralResults) {
  InRun([] {
    History<TicketsSpec> history;
    for (const int ticket : {3, 1}) history.Returned(history.Called<int>(TicketsSpec::Draw{}), ticket);
    EXPECT_LINEARIZABLE(history);
    history.Returned(history.Called<int>(TicketsSpec::Draw{}), 3);
    EXPECT_EQ(history.Judge().verdict, Verdict::kNotLinearizable);
  });
}

TEST(Linearizability, BeginsWithTheStateThatItIsGiven) {
  InRun([] {
    History<CounterSpec> history(CounterSpec{.value = 5});
    history.Returned(history.Called<int>(CounterSpec::Get{}), 5);
    EXPECT_LINEARIZABLE(history);
  });
}

// Many pushes at once, of which each order is another state: too much for any search.
void PushAtOnce(int pushes, History<QueueSpec>& history) {
  for (int i = 0; i < pushes; ++i) history.Called(QueueSpec::Push{i});
  for (int i = 0; i < pushes; ++i) history.Returned(static_cast<std::size_t>(i));
  history.Returned(history.Called<int>(QueueSpec::Pop{}), -1);
}

TEST(Linearizability, SaysUndecidedOverItsBudget) {
  InRun([] {
    History<QueueSpec> history({}, {.budget = 100});
    PushAtOnce(6, history);
    const Judgement judgement = history.Judge();
    EXPECT_EQ(judgement.verdict, Verdict::kUndecided);
    EXPECT_EQ(judgement.configurations, 100u);
    EXPECT_EQ(history.Explain(judgement),
              "undecided: the budget ended before there was an order of the calls, or none\n"
              "    100 configurations of 7 calls were looked at: record fewer calls, give them keys (KeyOf), or allow "
              "more (JudgementOptions)\n");
    History<QueueSpec> again;
    PushAtOnce(6, again);
    EXPECT_EQ(again.Judge().verdict, Verdict::kNotLinearizable);
  });
}

TEST(Linearizability, FailsAnExpectationThatIsUndecided) {
  const std::string failure = FailureIn([]() -> Task<> {
    History<QueueSpec> history({}, {.budget = 100});
    PushAtOnce(6, history);
    EXPECT_LINEARIZABLE(history);
    co_return;
  });
  EXPECT_EQ(failure.rfind("history: undecided", 0), 0u) << failure;
}

// ---- Searches.

// Each reads its own copy, which nobody writes: plain memory, of which a search knows nothing.
Task<> WriteThenReadStale() {
  History<CounterSpec> history;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(
        [&]() -> Task<> { co_await history.Call(CounterSpec::Get{}, []() -> Task<int> { co_return 0; }); });
    nursery.StartSoon([&]() -> Task<> { co_await history.Call(CounterSpec::Add{}, []() -> Task<> { co_return; }); });
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}

TEST(Linearizability, LetsSearchesKnowThatTheOrderOfCallsMatters) {
  ExploreOptions options{.memory = PlainMemory::kReported};
  options.strategy = [](std::uint64_t) { return *ParseStrategy("exhaustive", {.memory = PlainMemory::kReported}); };
  const Exploration exploration = ExploreExpectations(WriteThenReadStale, options);
  ASSERT_TRUE(exploration.failure) << exploration.Statement();
}

// ---- Reports.

TEST(Linearizability, ShowsTheCallsAsLanesUpToTheOneThatHasNoOrder) {
  const std::string failure = FailureIn([]() -> Task<> {
    History<CounterSpec> history;
    Event added;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await history.Call(CounterSpec::Get{}, [&]() -> Task<int> {
          co_await added.Wait();
          co_return 0;
        });
      });
      nursery.StartSoon(TaskName("adder"), [&]() -> Task<> {
        co_await history.Call(CounterSpec::Add{}, []() -> Task<> { co_return; });
        const std::size_t get = history.Called<int>(CounterSpec::Get{});
        added.Set();
        co_await Checkpoint();
        history.Returned(get, 5);
      });
      co_return;
    });
    EXPECT_LINEARIZABLE(history);
  });
  EXPECT_EQ(failure, R"(history: no order of the calls explains what they returned
         main/0  main/adder.0
      1  Get
      2  |       Add
      3  |       returns
      4  |       Get
    > 5  |       -> 5
    what explains rows 1 to 4: Get, Add
)");
}

TEST(Linearizability, NamesTheTaskInEachRowWhereLanesHaveNoRoom) {
  InRun([] {
    History<EntrySpec> history;
    const std::string key(80, 'k');
    history.Returned(history.Called<std::optional<int>>(EntrySpec::Get{key}), std::optional(1));
    Judgement judgement = history.Judge();
    const std::string lines = "no order of the calls explains what they returned\n    of the key \"" + key +
                              "\":\n         main\n      1  Get(" + key +
                              ")\n    > 2  -> (1)\n    what explains row 1: no call has taken effect\n";
    EXPECT_EQ(history.Explain(judgement), lines);
    judgement.explained_is_most = false;
    EXPECT_EQ(history.Explain(judgement),
              lines + "    (more rows may be explained: the budget ended before that was known)\n");
  });
  InRun([] {
    History<EntrySpec> history;
    const std::string key(120, 'k');
    history.Returned(history.Called<std::optional<int>>(EntrySpec::Get{key}), std::optional(1));
    const std::string text = history.Explain(history.Judge());
    EXPECT_NE(text.find("      1  main: Get(" + key + ")\n    > 2  main: -> (1)\n"), std::string::npos) << text;
  });
}

TEST(Linearizability, LeavesOutTheFirstOfManyRows) {
  InRun([] {
    History<CounterSpec> history;
    for (int i = 0; i < 40; ++i) history.Returned(history.Called(CounterSpec::Add{}));
    history.Returned(history.Called<int>(CounterSpec::Get{}), 41);
    const std::string text = history.Explain(history.Judge());
    EXPECT_EQ(text.find("    22 rows before\n"),
              std::string("no order of the calls explains what they returned\n").size())
        << text;
    EXPECT_NE(text.find("\n    > 82  -> 41\n    what explains rows 1 to 81: Add, Add"), std::string::npos) << text;
  });
}

}  // namespace
}  // namespace hocket::testing
