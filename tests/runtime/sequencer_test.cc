#include "hocket/sequencer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""s;

Task<> Append(Sequencer& sequencer, std::uint32_t position, Log& log, std::string what) {
  const auto turn = co_await sequencer.At(position);
  log.push_back(what + " begins");
  co_await Checkpoint();
  log.push_back(what + " ends");
}

TEST(Sequencer, PutsBlocksIntoTheOrderOfTheirPositions) {  // S87
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    Sequencer sequencer;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Append, std::ref(sequencer), 2u, std::ref(log), "third");
      nursery.StartSoon(Append, std::ref(sequencer), 0u, std::ref(log), "first");
      nursery.StartSoon(Append, std::ref(sequencer), 1u, std::ref(log), "second");
      co_return;
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"first begins", "first ends", "second begins", "second ends", "third begins", "third ends"}));
}

TEST(Sequencer, DoesNotWaitAtTheFirstPosition) {  // S87
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    Sequencer sequencer;
    co_await AssertNoCheckpoints([&]() -> Task<> { const auto turn = co_await sequencer.At(0); });
    co_await AssertCheckpoints([&]() -> Task<> { const auto turn = co_await sequencer.At(1); });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

TEST(Sequencer, RefusesAPositionThatWasUsed) {  // S87
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    Sequencer sequencer;
    co_await [](Sequencer& sequencer) -> Task<> { const auto turn = co_await sequencer.At(0); }(sequencer);
    const auto again = co_await sequencer.At(0);
  });
  EXPECT_EQ(outcome.failure.ToString(), "hocket::MisuseError: the sequencer's position 0 is used twice");
}

TEST(Sequencer, BreaksForEverybodyWhenAWaiterIsCancelled) {  // S87
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    Sequencer sequencer;
    const auto wait = [&](std::uint32_t position) -> Task<> {
      Outcome<> outcome = co_await Capture(Append(sequencer, position, log, "block"));
      log.push_back(std::to_string(position) + ": " + outcome.failure().ToString());
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await MoveOnAfter(1s, [&] { return wait(1); }); });
      nursery.StartSoon(wait, 2u);
      nursery.StartSoon(wait, 3u);
      co_return;
    });
    co_await wait(4);
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  const std::string broken =
      ": hocket::MisuseError: the sequence is broken: a task was cancelled while it waited for its turn";
  EXPECT_EQ(log, (Log{"1" + broken, "2" + broken, "3" + broken, "4" + broken}));
}

TEST(Sequencer, GoesOnWhenABlockFails) {
  Log log;
  RunVirtual([&]() -> Task<> {
    Sequencer sequencer;
    const auto fail = [&]() -> Task<> {
      const auto turn = co_await sequencer.At(0);
      Throw("boom");
    };
    const Outcome<> failed = co_await Capture(fail());
    EXPECT_TRUE(failed.has_error());
    co_await Append(sequencer, 1, log, "next");
  });
  EXPECT_EQ(log, (Log{"next begins", "next ends"}));
}

}  // namespace
}  // namespace hocket
