// What operations on primitives cost: how often the task is scheduled, and after how many passes of the run loop it
// goes on. The rows for checkpoints, sleeps and nurseries are in checkpoint_test.cc.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

enum class Ending { kValue, kError, kCancelled };

void PrintTo(Ending ending, std::ostream* out) {
  *out << (ending == Ending::kValue ? "value" : ending == Ending::kError ? "error" : "cancelled");
}

struct Cost {
  std::uint64_t schedule_points;
  std::uint64_t passes;
  Ending ending;

  friend bool operator==(const Cost&, const Cost&) = default;
};

void PrintTo(const Cost& cost, std::ostream* out) {
  *out << cost.schedule_points << " schedule points, " << cost.passes << " passes, ";
  PrintTo(cost.ending, out);
}

// A pass counter: a task that runs first in every pass. While it ticks, the run is never idle.
class TickerFirst final : public Chooser {
 public:
  void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
  AlternativeId Pick() noexcept override {
    for (const AlternativeId id : ready_) {
      if (executor_->Path(id) == "main/ticker.0") return id;
    }
    return ready_.front();
  }
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

 private:
  const Executor* executor_ = nullptr;
  std::vector<AlternativeId> ready_;
};

Ending EndingOf(const Outcome<>& outcome) {
  return outcome.has_value() ? Ending::kValue : outcome.has_error() ? Ending::kError : Ending::kCancelled;
}

using Operation = std::function<Task<>()>;

// Measures one call of `operation`, in a scope that is cancelled already or is not.
Cost Measure(const Operation& operation, bool cancelled) {
  Cost cost = {};
  TickerFirst chooser;
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        std::uint64_t ticks = 0;
        CancelScope ticking;
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(TaskName("ticker"), [&]() -> Task<> {
            while (!ticking.cancel_called()) {
              ++ticks;
              co_await ShieldedCheckpoint();
            }
          });
          co_await Checkpoint();
          CancelScope scope;
          if (cancelled) scope.Cancel();
          co_await WithScope(scope, [&]() -> Task<> {
            const std::uint64_t steps = recorder.steps[0];
            const std::uint64_t passes = ticks;
            const Outcome<> ending = co_await Capture(operation());
            cost.schedule_points = recorder.steps[0] - steps;
            cost.passes = ticks - passes;
            cost.ending = EndingOf(ending);
          });
          ticking.Cancel();
        });
      },
      {.pass = PassLength::kBatch, .chooser = &chooser, .observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  return cost;
}

struct Row {
  const char* name;
  Operation operation;
  Cost free;
  Cost cancelled;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class TickTable : public testing::TestWithParam<Row> {};

TEST_P(TickTable, WhenReadyOrFree) { EXPECT_EQ(Measure(GetParam().operation, false), GetParam().free); }

TEST_P(TickTable, WhenCancelledAlready) { EXPECT_EQ(Measure(GetParam().operation, true), GetParam().cancelled); }

// ---------------------------------------------------------------- the rows

Task<> AwaitCheckpoint() { co_await Checkpoint(); }  // shows that what measures is right
Task<> AwaitShielded() { co_await ShieldedCheckpoint(); }

Task<> SendWithRoom() {
  auto ends = OpenChannel<int>(1);
  co_await ends.first.Send(1);
}
Task<> ReceiveAnItem() {
  auto ends = OpenChannel<int>(1);
  ends.first.SendNow(1);
  co_await ends.second.Receive();
}
Task<> AcquireALock() {
  Lock lock;
  co_await lock.Acquire();
}
Task<> AcquireASemaphore() {
  Semaphore semaphore(1);
  co_await semaphore.Acquire();
}
Task<> AcquireALimiter() {
  CapacityLimiter limiter(1);
  co_await limiter.Acquire();
}

Task<> ReceiveTheEnd() {
  auto ends = OpenChannel<int>(1);
  ends.first.Close();
  co_await ends.second.Receive();
}
Task<> ReceiveClosed() {
  auto ends = OpenChannel<int>(1);
  ends.second.Close();
  co_await ends.second.Receive();
}
Task<> SendBroken() {
  auto ends = OpenChannel<int>(1);
  ends.second.Close();
  co_await ends.first.Send(1);
}
Task<> SendClosed() {
  auto ends = OpenChannel<int>(1);
  ends.first.Close();
  co_await ends.first.Send(1);
}
Task<> AcquireALockAgain() {
  Lock lock;
  lock.AcquireNow();
  co_await lock.Acquire();
}
Task<> AcquireALimiterAgain() {
  CapacityLimiter limiter(2);
  limiter.AcquireNow();
  co_await limiter.Acquire();
}

Task<> StartedAtOnce() {
  co_await WithNursery([](Nursery& nursery) -> Task<> {
    co_await nursery.Start([](TaskStatus<> status) -> Task<> {
      status.Started();
      co_return;
    });
  });
}
Task<> StartedAfterACheckpoint() {
  co_await WithNursery([](Nursery& nursery) -> Task<> {
    co_await nursery.Start([](TaskStatus<> status) -> Task<> {
      co_await Checkpoint();
      status.Started();
    });
  });
}
Task<> NeverStarted() {
  co_await WithNursery(
      [](Nursery& nursery) -> Task<> { co_await nursery.Start([](TaskStatus<>) -> Task<> { co_return; }); });
}

// Waits that end at once because the task is cancelled already.
Task<> ParkInALot() {
  ParkingLot lot;
  co_await lot.Park();
}
Task<> ParkInABrokenLot() {
  ParkingLot lot;
  lot.Break();
  co_await lot.Park();
}

constexpr Cost kCheckpoint = {1, 1, Ending::kValue};
constexpr Cost kErrorAtOnce = {0, 0, Ending::kError};
constexpr Cost kCancelledInTwo = {2, 2, Ending::kCancelled};

INSTANTIATE_TEST_SUITE_P(
    All, TickTable,
    testing::Values(
        Row{"Checkpoint", AwaitCheckpoint, kCheckpoint, kCancelledInTwo},  // as in checkpoint_test.cc
        Row{"ShieldedCheckpoint", AwaitShielded, kCheckpoint, kCheckpoint},
        Row{"SendWithRoom", SendWithRoom, kCheckpoint, kCancelledInTwo},
        Row{"ReceiveAnItem", ReceiveAnItem, kCheckpoint, kCancelledInTwo},
        Row{"AcquireALock", AcquireALock, kCheckpoint, kCancelledInTwo},
        Row{"AcquireASemaphore", AcquireASemaphore, kCheckpoint, kCancelledInTwo},
        Row{"AcquireALimiter", AcquireALimiter, kCheckpoint, kCancelledInTwo},
        Row{"ReceiveTheEnd", ReceiveTheEnd, kErrorAtOnce, kCancelledInTwo},
        Row{"ReceiveClosed", ReceiveClosed, kErrorAtOnce, kCancelledInTwo},
        Row{"SendBroken", SendBroken, kErrorAtOnce, kCancelledInTwo},
        Row{"SendClosed", SendClosed, kErrorAtOnce, kCancelledInTwo},
        Row{"AcquireALockAgain", AcquireALockAgain, kErrorAtOnce, kCancelledInTwo},
        Row{"AcquireALimiterAgain", AcquireALimiterAgain, kErrorAtOnce, kCancelledInTwo},
        Row{"ParkInABrokenLot", ParkInABrokenLot, kErrorAtOnce, kErrorAtOnce},
        Row{"StartedAtOnce", StartedAtOnce, {2, 3, Ending::kValue}, {2, 3, Ending::kValue}},
        Row{"StartedAfterACheckpoint", StartedAfterACheckpoint, {2, 4, Ending::kValue}, {2, 5, Ending::kCancelled}},
        Row{"NeverStarted", NeverStarted, {2, 3, Ending::kError}, {2, 3, Ending::kError}}),
    [](const testing::TestParamInfo<Row>& row) { return std::string(row.param.name); });

// ---------------------------------------------------------------- rows that wait

TEST(Ticks, AParkThatIsCancelledAlreadyEndsInOnePass) {
  EXPECT_EQ(Measure(ParkInALot, true), (Cost{1, 1, Ending::kCancelled}));
}

TEST(Ticks, ASettleThatIsCancelledAlreadyEndsInOnePass) {
  EXPECT_EQ(Measure([]() -> Task<> { co_await Settle(); }, true), (Cost{1, 1, Ending::kCancelled}));
}

TEST(Ticks, AConditionWaitThatIsCancelledAlreadyTakesTwoPasses) {  // the second takes the lock again
  EXPECT_EQ(Measure(
                []() -> Task<> {
                  Lock lock;
                  Condition condition(lock);
                  lock.AcquireNow();
                  co_await condition.Wait();
                },
                true),
            kCancelledInTwo);
}

// Steps of the main task from the first to the last of `operation`, which lets the run be idle.
std::uint64_t StepsOf(const Operation& operation, Duration takes) {
  Recorder recorder;
  std::uint64_t steps = 0;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        co_await operation();
        steps = recorder.steps[0] - 1;
      },
      {.pass = PassLength::kBatch, .observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(outcome.ended_at, At(takes));
  EXPECT_EQ(outcome.steps, steps + 1);
  return steps;
}

TEST(Ticks, AConditionWaitThatTimesOutIsScheduledTwice) {
  EXPECT_EQ(StepsOf(
                []() -> Task<> {
                  Lock lock;
                  Condition condition(lock);
                  lock.AcquireNow();
                  const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> { co_await condition.Wait(); });
                  EXPECT_TRUE(exit.cancelled_caught);
                  EXPECT_TRUE(lock.owner() == CurrentTask());
                },
                1s),
            2u);
}

TEST(Ticks, ASettleIsScheduledOnce) {
  EXPECT_EQ(StepsOf([]() -> Task<> { co_await Settle(); }, 0s), 1u);
}

// Each wait ends in one step, in the pass after the one that ended it.
TEST(Ticks, EveryWaitEndsInOneStep) {
  struct Wait {
    const char* name;
    std::function<Task<>()> wait;
    std::function<void()> end;
  };
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        Lock lock;
        Semaphore semaphore(0);
        CapacityLimiter limiter(0);
        ParkingLot lot, broken;
        auto ends = OpenChannel<int>(0);
        auto others = OpenChannel<int>(0);
        auto closing = OpenChannel<int>(0);
        TaskRef parked;
        lock.AcquireNow();
        const std::vector<Wait> waits = {
            {"lock", [&]() -> Task<> { co_await lock.Acquire(); }, [&] { lock.Release(); }},
            {"semaphore", [&]() -> Task<> { co_await semaphore.Acquire(); }, [&] { semaphore.Release(); }},
            {"limiter", [&]() -> Task<> { co_await limiter.Acquire(); }, [&] { limiter.set_total(1); }},
            {"lot", [&]() -> Task<> { co_await lot.Park(); }, [&] { lot.Unpark(); }},
            {"broken lot",
             [&]() -> Task<> {
               const Outcome<> error =
                   co_await Capture([](ParkingLot& where) -> Task<> { co_await where.Park(); }(broken));
               EXPECT_TRUE(error.has_error());
             },
             [&] { broken.Break(); }},
            {"receive", [&]() -> Task<> { co_await ends.second.Receive(); }, [&] { ends.first.SendNow(1); }},
            {"send", [&]() -> Task<> { co_await others.first.Send(1); }, [&] { others.second.ReceiveNow(); }},
            {"closing",
             [&]() -> Task<> {
               const std::optional<int> end = co_await closing.second.ReceiveOrEnd();
               EXPECT_FALSE(end);
             },
             [&] { closing.first.Close(); }},
            {"park",
             [&]() -> Task<> {
               parked = CurrentTask();
               co_await Park("Test", [] { return Abort::kSucceeded; });
             },
             [&] { Wake(parked); }}};
        for (const Wait& wait : waits) {
          bool ended = false;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> {
              co_await wait.wait();
              ended = true;
            });
            co_await Checkpoint();
            co_await Checkpoint();
            EXPECT_FALSE(ended) << wait.name;
            wait.end();
            EXPECT_FALSE(ended) << wait.name;
            co_await Checkpoint();
            EXPECT_TRUE(ended) << wait.name;
          });
          EXPECT_EQ(recorder.steps.back(), 2u) << wait.name;
        }
      },
      {.pass = PassLength::kBatch, .observer = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

}  // namespace
}  // namespace hocket
