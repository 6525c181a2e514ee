#include "harness/interleaving_coverage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/bytes.h"
#include "harness/execution.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {
namespace {

using Features = std::vector<std::uint32_t>;

// Runs executions of one program, and gives the features of each.
class Coverage {
 public:
  explicit Coverage(Body body) : body_(std::move(body)) {}

  // The execution of the bytes behind a header whose tail is the base.
  Features Of(const std::vector<int>& decisions) {
    input_ = std::string("\x07\0\0\0\0", 5);
    for (const int byte : decisions) input_ += static_cast<char>(byte);
    bytes_.SetInput(reinterpret_cast<const std::uint8_t*>(input_.data()), input_.size());
    return Under(bytes_);
  }
  Features Under(Chooser& chooser) {
    coverage_.Follow(chooser);
    EXPECT_FALSE(execution_.Run(coverage_).failure);
    return InterleavingCoverage::Features();
  }

 private:
  Body body_;
  ExploreOptions options_;
  Execution execution_{body_, options_};
  std::string input_;
  BytesStrategy bytes_;
  InterleavingCoverage coverage_;
};

std::size_t Beyond(const Features& features, const Features& others) {
  std::size_t beyond = 0;
  for (const std::uint32_t feature : features) {
    if (std::find(others.begin(), others.end(), feature) == others.end()) ++beyond;
  }
  return beyond;
}

using Step = std::function<void()>;

// Each task takes the one step that is given.
Body Tasks(std::vector<Step> steps) {
  return [steps]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const Step& step : steps) {
        nursery.StartSoon([&]() -> Task<> {
          step();
          co_return;
        });
      }
      co_return;
    });
  };
}

// Two variables that are made anew for each execution.
struct Variables {
  Shared<int> x;
  Shared<int> y;
};
Body WithVariables(const std::function<std::vector<Step>(Variables&)>& steps) {
  return [steps]() -> Task<> {
    Variables variables;
    const Body body = Tasks(steps(variables));
    co_await body();
  };
}

TEST(InterleavingCoverage, TellsOrdersApartThatRunTheSameCode) {
  Coverage coverage(
      WithVariables([](Variables& v) -> std::vector<Step> { return {[&] { v.x.Set(1); }, [&] { v.x.Get(); }}; }));
  const Features written_first = coverage.Of({0});
  const Features read_first = coverage.Of({1});
  EXPECT_EQ(Beyond(written_first, read_first), 1u);
  EXPECT_EQ(Beyond(read_first, written_first), 0u);
}

TEST(InterleavingCoverage, IsNotAboutOrdersThatMakeNoDifference) {
  Coverage readers(
      WithVariables([](Variables& v) -> std::vector<Step> { return {[&] { v.x.Get(); }, [&] { v.x.Get(); }}; }));
  EXPECT_EQ(readers.Of({0}), readers.Of({1}));
  Coverage strangers(
      WithVariables([](Variables& v) -> std::vector<Step> { return {[&] { v.x.Set(1); }, [&] { v.y.Get(); }}; }));
  EXPECT_EQ(strangers.Of({0}), strangers.Of({1}));
  Coverage alone(WithVariables([](Variables& v) -> std::vector<Step> {
    return {[&] {
              v.x.Set(1);
              v.x.Get();
            },
            [] {}};
  }));
  EXPECT_EQ(alone.Of({0}), alone.Of({1}));
}

TEST(InterleavingCoverage, TellsWhoWroteWhatIsRead) {
  Coverage coverage(WithVariables([](Variables& v) -> std::vector<Step> {
    return {[&] { v.x.Set(1); }, [&] { v.x.Set(2); }, [&] { v.x.Get(); }};
  }));
  const Features reads_second = coverage.Of({0, 0});  // 0, 1, 2
  const Features reads_first = coverage.Of({1, 0});   // 1, 0, 2
  EXPECT_EQ(Beyond(reads_second, reads_first), 1u);
  EXPECT_EQ(Beyond(reads_first, reads_second), 1u);
}

TEST(InterleavingCoverage, TellsChainsOfThreeApart) {
  // Task 2 reads what task 1 has written in both; task 1 has read what task 0 wrote in the first only.
  Coverage coverage(WithVariables([](Variables& v) -> std::vector<Step> {
    return {[&] { v.x.Set(1); },
            [&] {
              v.x.Get();
              v.y.Set(1);
            },
            [&] { v.y.Get(); }};
  }));
  const Features chain = coverage.Of({0, 0});       // 0, 1, 2: the pairs 0-1 and 1-2, and the chain
  const Features last_pair = coverage.Of({1, 1});   // 1, 2, 0: the pair 1-2
  const Features first_pair = coverage.Of({2, 0});  // 2, 0, 1: the pair 0-1
  EXPECT_EQ(Beyond(chain, first_pair), 2u);
  EXPECT_EQ(Beyond(chain, last_pair), 2u);
  Features pairs = first_pair;
  pairs.insert(pairs.end(), last_pair.begin(), last_pair.end());
  EXPECT_EQ(Beyond(chain, pairs), 1u);
}

// Locks, an event, a channel, and tasks that start tasks.
Task<> Mixed() {
  Lock lock;
  Event event;
  Shared<int> value;
  auto [send, receive] = OpenChannel<int>(1);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      nursery.StartSoon([&]() -> Task<> {
        co_await lock.Acquire();
        const LockGuard guard(lock);
        value += 1;
        co_await Checkpoint();
        if (value == 2) event.Set();
      });
    }
    nursery.StartSoon([&]() -> Task<> {
      co_await event.Wait();
      co_await send.Send(value);
    });
    nursery.StartSoon([&]() -> Task<> {
      const int received = co_await receive.Receive();
      value += received;
    });
    co_return;
  });
}

TEST(InterleavingCoverage, IsAFunctionOfTheSchedule) {
  // Not of addresses, nor of what was run before: a second one that has seen other programs says the same.
  const std::unique_ptr<Strategy> walk = MakeRandomWalk(1);
  Coverage first(Mixed);
  std::vector<Features> features;
  for (std::uint64_t i = 0; i < 50; ++i) {
    walk->StartExecution(i);
    features.push_back(first.Under(*walk));
  }
  EXPECT_GT(std::set<Features>(features.begin(), features.end()).size(), 10u);
  EXPECT_FALSE(features[0].empty());

  std::vector<std::unique_ptr<Lock>> in_the_way;
  Coverage second(Mixed);
  for (std::uint64_t i = 50; i-- > 0;) {
    in_the_way.push_back(std::make_unique<Lock>());
    walk->StartExecution(i);
    EXPECT_EQ(second.Under(*walk), features[i]);
  }
}

TEST(InterleavingCoverage, ForgetsTheExecutionBefore) {
  Coverage coverage(Mixed);
  EXPECT_FALSE(coverage.Of({}).empty());
  Coverage nothing(Tasks({[] {}}));
  EXPECT_LT(nothing.Of({}).size(), coverage.Of({}).size());
  EXPECT_TRUE(Coverage([]() -> Task<> { co_return; }).Of({}).empty());
}

TEST(InterleavingCoverage, DecidesNothing) {
  const Body body = Mixed;
  const ExploreOptions options;
  Execution execution(body, options);
  InterleavingCoverage coverage;
  // pos listens to what steps touch; the random walk does not.
  for (const char* spelling : {"random", "pos"}) {
    const std::unique_ptr<Strategy> strategy = *ParseStrategy(spelling, {});
    for (std::uint64_t i = 0; i < 50; ++i) {
      strategy->StartExecution(i);
      const std::uint64_t alone = execution.Run(*strategy).hash;
      strategy->StartExecution(i);
      coverage.Follow(*strategy);
      EXPECT_EQ(execution.Run(coverage).hash, alone);
    }
  }
}

TEST(InterleavingCoverage, OfLongExecutionsFits) {
  Coverage coverage([]() -> Task<> {
    Shared<int> value;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 200; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          for (int step = 0; step < 50; ++step) {
            value += 1;
            co_await Checkpoint();
          }
        });
      }
      co_return;
    });
  });
  const std::unique_ptr<Strategy> walk = MakeRandomWalk(1);
  walk->StartExecution(0);
  const Features features = coverage.Under(*walk);
  EXPECT_GT(features.size(), 1000u);
  for (const std::uint32_t feature : features) EXPECT_LT(feature, InterleavingCoverage::kCounters);
}

}  // namespace
}  // namespace hocket::testing
