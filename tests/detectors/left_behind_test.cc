// Primitives that are destroyed in use: found where nobody can have meant it, and nowhere else.
#include "hocket/left_behind.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/detectors/support.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;

const ExploreOptions kShort{.executions = 200, .steps_per_execution = 2000};

ExploreOptions WithPermits() {
  ExploreOptions options = kShort;
  options.detectors.permits = true;
  return options;
}

// ---- A lock that is kept on one of two ways out.

Task<> Update(Lock& lock, int& value, bool keeps) {
  co_await lock.Acquire();
  if (value > 0 && keeps) co_return;
  ++value;
  co_await Checkpoint();
  lock.Release();
}

Task<> UpdateOnce(bool keeps) {
  Lock lock;
  int value = 1;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Update, std::ref(lock), std::ref(value), keeps);
    co_return;
  });
}

TEST(LeftBehind, IsALockThatSomebodyHolds) {
  const Exploration exploration = Explore([] { return UpdateOnce(true); }, kShort);
  ASSERT_TRUE(exploration.failure);
  const ExecutionFailure& failure = exploration.failure->failure;
  EXPECT_EQ(failure.identity.kind, "left-behind");
  EXPECT_TRUE(Contains(failure.message, "\n  left behind: a Lock is held by main/0, which has ended ("))
      << failure.message;
  EXPECT_TRUE(Contains(failure.file, "left_behind_test.cc")) << "where the lock was made";
}

TEST(LeftBehind, IsNoLockThatEverybodyReleases) {
  EXPECT_EQ(KindFound([] { return UpdateOnce(false); }, kShort), "none");
  EXPECT_EQ(KindFound([] { return UpdateOnce(false); }, WithPermits()), "none");
}

TEST(LeftBehind, IsNothingWhereTheBodyAllowsIt) {
  const auto body = []() -> Task<> {
    AllowLeftBehind();
    co_await UpdateOnce(true);
  };
  EXPECT_EQ(KindFound(body, WithPermits()), "none");
}

// ---- A task that waits in what its maker throws away instead of calling it.

struct Ticket {
  Event called;
};

Task<> Await(const std::shared_ptr<Ticket>& ticket) {
  if (ticket != nullptr) co_await ticket->called.Wait();
}

Task<> DropTheTicket(bool calls) {
  auto ticket = std::make_shared<Ticket>();
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Await, std::cref(ticket));
    co_await Checkpoint();
    co_await Checkpoint();
    if (calls) ticket->called.Set();
    co_await Checkpoint();
    if (!calls) ticket.reset();
  });
}

TEST(LeftBehind, IsATaskThatWaitsInWhatIsGone) {
  const std::string message = MessageFound([] { return DropTheTicket(false); }, kShort);
  EXPECT_EQ(message.find("deadlock: "), 0u) << message;
  EXPECT_TRUE(Contains(message, "left behind: main/0 waits in Event.Wait, whose object is gone (")) << message;
}

TEST(LeftBehind, IsNoTaskThatIsCalled) {
  EXPECT_EQ(KindFound([] { return DropTheTicket(true); }, kShort), "none");
}

TEST(LeftBehind, IsEachKindOfWaiter) {
  // What waits in something that is gone must not be woken: these runs are given up.
  const auto run = [](auto wait, auto make) {
    return hocket::Run(
        [&]() -> Task<> {
          auto object = make();
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 2; ++i) nursery.StartSoon([&]() -> Task<> { co_await wait(*object); });
            co_await Checkpoint();
            co_await Checkpoint();
            object.reset();
          });
        },
        {.clock = ClockKind::kVirtual});
  };
  const auto expect = [](const RunOutcome& outcome, const char* operation) {
    ASSERT_EQ(outcome.left_behind.size(), 1u) << outcome.ToString();
    const std::string& what = outcome.left_behind[0].what;
    EXPECT_TRUE(Contains(what, " and 1 other wait in ")) << what;
    EXPECT_TRUE(Contains(what, operation)) << what;
    EXPECT_NE(std::strstr(outcome.left_behind[0].where.file_name(), "left_behind_test.cc"), nullptr);
  };
  expect(run([](Event& event) -> Task<> { co_await event.Wait(); }, [] { return std::make_unique<Event>(); }),
         "Event.Wait");
  expect(run([](Semaphore& semaphore) -> Task<> { co_await semaphore.Acquire(); },
             [] { return std::make_unique<Semaphore>(0); }),
         "Semaphore.Acquire");
  expect(run([](ParkingLot& lot) -> Task<> { co_await lot.Park(); }, [] { return std::make_unique<ParkingLot>(); }),
         "ParkingLot.Park");
}

// ---- Permits.

struct Job {
  Semaphore slots{2};
  bool cached = false;
};

Task<> Work(Job& job, bool leaks) {
  co_await job.slots.Acquire();
  if (job.cached && leaks) co_return;  // the one who comes later finds the result
  co_await Checkpoint();
  job.cached = true;
  job.slots.Release();
}

Task<> WorkTwice(bool leaks) {
  Job job;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Work, std::ref(job), leaks);
    nursery.StartSoon(Work, std::ref(job), leaks);
    co_return;
  });
}

TEST(LeftBehind, IsAPermitWhereTheExplorationAsks) {
  const std::string message = MessageFound([] { return WorkTwice(true); }, WithPermits());
  EXPECT_TRUE(Contains(message, "left behind: a Semaphore has 1 permit not released (")) << message;
  EXPECT_EQ(KindFound([] { return WorkTwice(true); }, kShort), "none") << "it may have been meant";
  EXPECT_EQ(KindFound([] { return WorkTwice(false); }, WithPermits()), "none");
}

TEST(LeftBehind, IsAPermitWhereTheBodyAsks) {
  const auto body = [](bool leaks) {
    return [leaks]() -> Task<> {
      ExpectNothingLeftBehind();
      co_await WorkTwice(leaks);
    };
  };
  EXPECT_EQ(KindFound(body(true), kShort), "left-behind");
  EXPECT_EQ(KindFound(body(false), kShort), "none");
}

TEST(LeftBehind, IsAPermitTooMany) {
  const auto body = [](bool twice) {
    return [twice]() -> Task<> {
      Semaphore semaphore(1);
      co_await semaphore.Acquire();
      semaphore.Release();
      if (twice) semaphore.Release();
    };
  };
  EXPECT_TRUE(Contains(MessageFound(body(true), WithPermits()), "a Semaphore has 1 permit more than it began with"));
  EXPECT_EQ(KindFound(body(false), WithPermits()), "none");
}

TEST(LeftBehind, IsABorrowerOfALimiter) {
  const auto body = [](bool leaks) {
    return [leaks]() -> Task<> {
      CapacityLimiter limiter(2);
      co_await limiter.AcquireOnBehalfOf(7);
      if (!leaks) limiter.ReleaseOnBehalfOf(7);
    };
  };
  EXPECT_TRUE(Contains(MessageFound(body(true), WithPermits()), "a CapacityLimiter has 1 permit not released"));
  EXPECT_EQ(KindFound(body(false), WithPermits()), "none");
}

// ---- Values: a reader that stops when it is told to, and does not look what is still there.

Task<> Produce(SendChannel<int> values, Event& stop) {
  for (int i = 0; i < 2; ++i) co_await values.Send(i);
  stop.Set();
}

Task<> Consume(ReceiveChannel<int> values, Event& stop, bool drains) {
  while (!stop.is_set()) {
    try {
      static_cast<void>(values.ReceiveNow());
    } catch (const WouldBlock&) {
    } catch (const EndOfChannel&) {
      co_return;
    }
    co_await Checkpoint();
  }
  if (!drains) co_return;
  for (std::optional<int> rest; (rest = co_await values.ReceiveOrEnd());) {
  }
}

Task<> Stream(bool drains) {
  Event stop;
  auto [sender, receiver] = OpenChannel<int>(2);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> { return Produce(std::move(sender), stop); });
    nursery.StartSoon([&]() -> Task<> { return Consume(std::move(receiver), stop, drains); });
    co_return;
  });
}

TEST(LeftBehind, IsAValueThatNobodyReceives) {
  const std::string message = MessageFound([] { return Stream(false); }, WithPermits());
  EXPECT_TRUE(Contains(message, " buffered and never received (")) << message;
  EXPECT_EQ(KindFound([] { return Stream(false); }, kShort), "none") << "it may have been meant";
  EXPECT_EQ(KindFound([] { return Stream(true); }, WithPermits()), "none");
}

// ---- Ways out on which nobody could put anything back.

Task<> HoldEverything(Task<> (*leave)()) {
  auto [sender, receiver] = OpenChannel<int>(1);
  Semaphore semaphore(1);
  Lock lock;
  co_await sender.Send(1);
  co_await semaphore.Acquire();
  co_await lock.Acquire();
  co_await leave();
  ADD_FAILURE() << "it does not come back";
}

TEST(LeftBehind, IsNothingThatGoesWithAnException) {
  const auto body = []() -> Task<> {
    try {
      co_await HoldEverything([]() -> Task<> {
        co_await Checkpoint();
        throw std::runtime_error("out");
      });
    } catch (const std::runtime_error&) {
    }
  };
  EXPECT_EQ(KindFound(body, WithPermits()), "none");
}

TEST(LeftBehind, IsNothingThatGoesWithACancellation) {
  const auto body = []() -> Task<> {
    co_await MoveOnAfter(1ms, []() -> Task<> { co_await HoldEverything([]() -> Task<> { co_await SleepForever(); }); });
  };
  EXPECT_EQ(KindFound(body, WithPermits()), "none");
}

TEST(LeftBehind, IsNothingThatGoesWithTheRun) {
  const auto body = []() -> Task<> {
    co_await HoldEverything([]() -> Task<> {
      Event never;
      co_await never.Wait();
    });
  };
  const Exploration exploration = Explore(body, WithPermits());
  ASSERT_TRUE(exploration.failure);
  EXPECT_EQ(exploration.failure->failure.identity.kind, "deadlock");
  EXPECT_FALSE(Contains(exploration.failure->failure.message, "left behind")) << exploration.failure->failure.message;
}

}  // namespace
}  // namespace hocket::testing
