#include "hocket/generator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""s;

// A producer of 0, 1, ... below `end`, that logs.
auto Count(Log& log, int end) {
  return [&log, end](Yield<int>& yield) -> Task<> {
    for (int i = 0; i < end; ++i) {
      log.push_back("makes " + std::to_string(i));
      co_await yield(i);
    }
    log.push_back("ends");
  };
}

TEST(Generator, IsExhaustedByItsConsumerInStep) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto consume = [&](Generated<int>& values) -> Task<> {
      while (const std::optional<int> value = co_await values.Next()) {
        log.push_back("takes " + std::to_string(*value));
        co_await Sleep(1s);  // the producer does not run ahead meanwhile
      }
      EXPECT_EQ(co_await values.Next(), std::nullopt);
    };
    co_await WithGenerator<int>(Count(log, 3), consume);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"makes 0", "takes 0", "makes 1", "takes 1", "makes 2", "takes 2", "ends"}));
}

TEST(Generator, DoesNotBeginBeforeItIsAsked) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto consume = [](Generated<int>&) -> Task<> { co_await Sleep(1s); };
    co_await WithGenerator<int>(Count(log, 3), consume);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, Log{});
}

TEST(Generator, UnwindsBeforeWithGeneratorReturns) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto produce = [&](Yield<int>& yield) -> Task<> {
      co_await Finally(
          [&]() -> Task<> {
            for (int i = 0;; ++i) co_await yield(i);
          },
          [&]() -> Task<> {
            co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
            log.push_back("cleaned up");
          });
    };
    const auto consume = [&](Generated<int>& values) -> Task<> {
      EXPECT_EQ(co_await values.Next(), 0);
      log.push_back("consumer ends");
    };
    co_await WithGenerator<int>(produce, consume);
    log.push_back("returned");
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"consumer ends", "cleaned up", "returned"}));
}

TEST(Generator, ThatFailsFailsAsItIs) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto produce = [](Yield<int>& yield) -> Task<> {
      co_await yield(1);
      Throw("producer");
    };
    const auto consume = [](Generated<int>& values) -> Task<> {
      EXPECT_EQ(co_await values.Next(), 1);
      co_await values.Next();
      ADD_FAILURE() << "the consumer is cancelled here";
    };
    co_await WithGenerator<int>(produce, consume);
  });
  EXPECT_TRUE(Says(outcome.failure, "producer")) << outcome.ToString();
}

TEST(Generator, WhoseConsumerFailsFailsAsThatOne) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    Log log;
    const auto consume = [](Generated<int>& values) -> Task<> {
      co_await values.Next();
      Throw("consumer");
    };
    co_await WithGenerator<int>(Count(log, 3), consume);
  });
  EXPECT_TRUE(Says(outcome.failure, "consumer")) << outcome.ToString();
}

TEST(Generator, WhoseBothSidesFailFailsWithAGroup) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto produce = [](Yield<int>& yield) -> Task<> {
      co_await Finally([&]() -> Task<> { co_await yield(1); },
                       []() -> Task<> {
                         Throw("producer");
                         co_return;
                       });
    };
    const auto consume = [](Generated<int>& values) -> Task<> {
      co_await values.Next();
      Throw("consumer");
    };
    co_await WithGenerator<int>(produce, consume);
  });
  EXPECT_EQ(Shape(outcome.failure), "[consumer, producer]");
}

TEST(Generator, IsCancelledFromOutside) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    Log log;
    const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> {
      const auto consume = [](Generated<int>& values) -> Task<> {
        co_await values.Next();
        co_await SleepForever();
      };
      co_await WithGenerator<int>(Count(log, 3), consume);
    });
    EXPECT_TRUE(exit.cancelled_caught);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(Generator, GivesEachValueToOneOfSeveralAskers) {
  Log log;
  Log taken;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto consume = [&](Generated<int>& values) -> Task<> {
      const auto take = [&](std::string who) -> Task<> {
        while (const std::optional<int> value = co_await values.Next()) {
          taken.push_back(who + " takes " + std::to_string(*value));
        }
      };
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon(take, "a");
        nursery.StartSoon(take, "b");
        co_return;
      });
    };
    co_await WithGenerator<int>(Count(log, 4), consume);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(taken, (Log{"a takes 0", "b takes 1", "a takes 2", "b takes 3"}));
}

TEST(Generator, AnAskerThatIsCancelledLosesNoValueAndLetsNoneBeMadeAhead) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto produce = [&](Yield<int>& yield) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        co_await Sleep(2s);
        log.push_back("makes " + std::to_string(i));
        co_await yield(i);
      }
    };
    const auto consume = [&](Generated<int>& values) -> Task<> {
      const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> { co_await values.Next(); });
      EXPECT_TRUE(exit.cancelled_caught);
      co_await Sleep(9s);
      EXPECT_EQ(co_await values.Next(), 0);
      log.push_back("takes 0");
      co_await Sleep(9s);
      log.push_back("asks");
      EXPECT_EQ(co_await values.Next(), 1);
    };
    co_await WithGenerator<int>(produce, consume);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"makes 0", "takes 0", "asks", "makes 1"}));
}

TEST(Generator, MovesItsValues) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    const auto produce = [](Yield<std::unique_ptr<int>>& yield) -> Task<> {
      std::unique_ptr<int> value = std::make_unique<int>(7);
      co_await yield(std::move(value));
    };
    const auto consume = [](Generated<std::unique_ptr<int>>& values) -> Task<> {
      const std::optional<std::unique_ptr<int>> value = co_await values.Next();
      EXPECT_EQ(**value, 7);
    };
    co_await WithGenerator<std::unique_ptr<int>>(produce, consume);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

}  // namespace
}  // namespace hocket
