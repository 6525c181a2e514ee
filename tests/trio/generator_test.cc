// The tests of as_safe_channel in Trio's test_channel.py.

#include "hocket/generator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<> UpToThree(Yield<int>& yield) {
  for (int i = 1; i <= 3; ++i) co_await yield(i);
}

// as_safe_channel_exhaust, _buffer_size_too_small, _close_before_iteration
TEST(GeneratorTest, GivesAllItsValuesAndEnds) {
  RunUnderEveryPolicy([]() -> Task<> {
    std::vector<int> values;
    const auto consume = [&](Generated<int>& generated) -> Task<> {
      while (const std::optional<int> value = co_await generated.Next()) values.push_back(*value);
    };
    co_await WithGenerator<int>(UpToThree, consume);
    EXPECT_EQ(values, (std::vector<int>{1, 2, 3}));
    const auto leave = [](Generated<int>&) -> Task<> { co_return; };
    co_await WithGenerator<int>(UpToThree, leave);
  });
}

TEST(GeneratorTest, RunsInTurnWithItsConsumer) {  // as_safe_channel_no_interleave, _no_race
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    const auto produce = [&](Yield<int>& yield) -> Task<> {
      log.push_back("producing 1");
      co_await yield(1);
      log.push_back("producing 2");
      co_await yield(2);
    };
    const auto consume = [&](Generated<int>& generated) -> Task<> {
      EXPECT_EQ(co_await generated.Next(), 1);
      co_await Settle();
      log.push_back("consumed 1");
      EXPECT_EQ(co_await generated.Next(), 2);
      co_await Settle();
      log.push_back("consumed 2");
    };
    co_await WithGenerator<int>(produce, consume);
    EXPECT_EQ(log, (Log{"producing 1", "consumed 1", "producing 2", "consumed 2"}));
  });
}

// as_safe_channel_cancelled, _genexit_finally, _doesnt_leak_cancellation
TEST(GeneratorTest, CleansUpWhenItsConsumerLeaves) {
  RunUnderEveryPolicy([]() -> Task<> {
    Log log;
    const auto produce = [&](Yield<int>& yield) -> Task<> {
      co_await Finally([&]() { return UpToThree(yield); },
                       [&]() -> Task<> {
                         co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
                         log.push_back("cleaned up");
                       });
    };
    const auto one = [](Generated<int>& generated) -> Task<> { EXPECT_EQ(co_await generated.Next(), 1); };
    co_await WithGenerator<int>(produce, one);
    EXPECT_EQ(log.size(), 1u);
    const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> {
      const auto stay = [](Generated<int>& generated) -> Task<> {
        co_await generated.Next();
        co_await SleepForever();
      };
      co_await WithGenerator<int>(produce, stay);
    });
    EXPECT_TRUE(exit.cancelled_caught);
    EXPECT_EQ(log.size(), 2u);
    co_await Checkpoint();
  });
}

// as_safe_channel_dont_unwrap_user_exceptiongroup, _genexit_exception_group, _swallowing_extra_exceptions
TEST(GeneratorTest, LosesNoErrorAndWrapsOnlyWhatItMust) {
  ForEachPolicy([](const RunOptions& options) {
    const auto outcome_of = [&](bool producer_fails, bool consumer_fails) {
      return hocket::Run(
          [=]() -> Task<> {
            const auto produce = [=](Yield<int>& yield) -> Task<> {
              co_await Finally([&]() { return UpToThree(yield); },
                               [=]() -> Task<> {
                                 if (producer_fails) Throw("producer");
                                 co_return;
                               });
            };
            const auto consume = [=](Generated<int>& generated) -> Task<> {
              co_await generated.Next();
              if (consumer_fails)
                throw ExceptionGroup("mine",
                                     {Failure::FromException(std::make_exception_ptr(std::runtime_error("consumer")))});
            };
            co_await WithGenerator<int>(produce, consume);
          },
          options);
    };
    EXPECT_TRUE(outcome_of(false, false).completed());
    EXPECT_EQ(Shape(outcome_of(true, false).failure), "producer");
    EXPECT_EQ(Shape(outcome_of(false, true).failure), "[consumer]");
    EXPECT_EQ(Shape(outcome_of(true, true).failure), "[[consumer], producer]");
  });
}

TEST(GeneratorTest, ServesSeveralReceivers) {  // as_safe_channel_multiple_receiver
  RunUnderEveryPolicy([]() -> Task<> {
    std::vector<int> values;
    const auto consume = [&](Generated<int>& generated) -> Task<> {
      const auto take = [&]() -> Task<> {
        while (const std::optional<int> value = co_await generated.Next()) values.push_back(*value);
      };
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(take);
        nursery.StartSoon(take);
        co_return;
      });
    };
    co_await WithGenerator<int>(UpToThree, consume);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(values, (std::vector<int>{1, 2, 3}));
  });
}

}  // namespace
}  // namespace hocket
