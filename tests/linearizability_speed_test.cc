// How fast histories of 64 calls by up to 8 tasks are judged. All tasks call all the time, so that as many calls
// overlap as there are tasks; in half of the histories one result is wrong, and all orders must be excluded.
//     bazel test -c opt --test_output=all //tests:linearizability_speed_test
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/linearizability.h"

namespace hocket::testing {
namespace {

constexpr int kCalls = 64;
constexpr int kHistories = 50;

struct QueueSpec {
  struct Push {
    int item;
    std::string ToString() const { return "Push(" + std::to_string(item) + ")"; }
  };
  struct TryPop {};

  static QueueSpec::Push Mutation(int item) { return {item}; }
  static QueueSpec::TryPop Query(int) { return {}; }
  void Apply(const Push& push) { items.push_back(push.item); }
  int Apply(const TryPop&) {
    if (items.empty()) return -1;
    const int item = items.front();
    items.pop_front();
    return item;
  }
  auto operator<=>(const QueueSpec&) const = default;

  std::deque<int> items;
};

struct CounterSpec {
  struct Add {};
  struct Get {};
  static Add Mutation(int) { return {}; }
  static Get Query(int) { return {}; }
  void Apply(const Add&) { ++value; }
  int Apply(const Get&) const { return value; }
  auto operator<=>(const CounterSpec&) const = default;

  int value = 0;
};

struct MapSpec {
  struct Put {
    int key;
    int value;
    std::string ToString() const { return "Put(" + std::to_string(key) + ", " + std::to_string(value) + ")"; }
  };
  struct Get {
    int key;
    std::string ToString() const { return "Get(" + std::to_string(key) + ")"; }
  };
  static Put Mutation(int item) { return {item % 4, item}; }
  static Get Query(int item) { return {item % 4}; }
  void Apply(const Put& put) { values[put.key] = put.value; }
  int Apply(const Get& get) const {
    const auto found = values.find(get.key);
    return found == values.end() ? -1 : found->second;
  }
  auto operator<=>(const MapSpec&) const = default;

  std::map<int, int> values;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// What takes effect between two checkpoints, as each call of a right object does. A wrong one gives one result that it
// should not.
template <class Spec>
Task<> CallOften(int tasks, bool is_right, History<Spec>& history) {
  Spec object;
  int calls = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < tasks; ++task) {
      nursery.StartSoon([&, task]() -> Task<> {
        for (int i = 0; i < kCalls / tasks; ++i) {
          const int item = 100 * task + i;
          if ((task + i) % 2 == 0) {
            const auto op = Spec::Mutation(item);
            co_await history.Call(op, [&]() -> Task<> {
              co_await Checkpoint();
              object.Apply(op);
              co_await Checkpoint();
            });
          } else {
            const auto op = Spec::Query(item);
            co_await history.Call(op, [&]() -> Task<int> {
              co_await Checkpoint();
              const bool is_wrong = !is_right && ++calls == kCalls / 4;
              const int result = is_wrong ? 12345 : object.Apply(op);
              co_await Checkpoint();
              co_return result;
            });
          }
        }
      });
    }
    co_return;
  });
}

// The times to judge some histories, in microseconds, added to `times`. Gives their median.
template <class Spec>
double Measure(int tasks, bool is_right, std::vector<double>& times) {
  const std::size_t before = times.size();
  const Exploration exploration = Explore(
      [&]() -> Task<> {
        History<Spec> history;
        co_await CallOften<Spec>(tasks, is_right, history);
        const auto begin = std::chrono::steady_clock::now();
        const Judgement judgement = history.Judge();
        times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
        HOCKET_CHECK(history.size() == kCalls) << "each history has as many calls";
        HOCKET_CHECK((judgement.verdict == Verdict::kLinearizable) == is_right) << history.Explain(judgement);
      },
      {.executions = kHistories, .check_determinism = false, .strategy = MakeRandomWalk});
  EXPECT_FALSE(exploration.failure) << exploration.failure->failure.message;
  return Median({times.begin() + static_cast<std::ptrdiff_t>(before), times.end()});
}

template <class Spec>
void MeasureAll(const char* name, std::vector<double>& times) {
  for (const int tasks : {2, 4, 8}) {
    for (const bool is_right : {true, false}) {
      const double median = Measure<Spec>(tasks, is_right, times);
      std::printf("%-8s %d tasks, %s: median %8.1f us\n", name, tasks, is_right ? "right" : "wrong", median);
      if (is_right) {
        EXPECT_LT(median, 1000.0) << name << ", " << tasks << " tasks";
      }
    }
  }
}

TEST(LinearizabilitySpeed, JudgesSixtyFourCallsInLessThanAMillisecond) {
  std::vector<double> times;
  MeasureAll<CounterSpec>("counter", times);
  MeasureAll<MapSpec>("map", times);
  MeasureAll<QueueSpec>("queue", times);
  std::printf("all: median %8.1f us\n", Median(times));
  EXPECT_LT(Median(times), 1000.0);
}

}  // namespace
}  // namespace hocket::testing
