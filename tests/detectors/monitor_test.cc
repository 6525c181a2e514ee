// Monitors: what is owed at the end, or for ever, is a failure; what is owed for a while is none.
#include "hocket/testing/monitor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/detectors/support.h"

namespace hocket::testing {
namespace {

const ExploreOptions kShort{.executions = 50, .steps_per_execution = 2000, .shrink_executions = 30};

// A server that reads requests and answers them, or forgets the last one when it is told to stop.
Task<> Serve(ReceiveChannel<int> requests, Monitor& answered, bool forgets) {
  while (const std::optional<int> request = co_await requests.ReceiveOrEnd()) {
    co_await Checkpoint();
    if (forgets && *request == 2) continue;
    answered.Cold();
  }
}

Task<> AskTwice(bool forgets) {
  Monitor answered("each request is answered");
  auto [sender, receiver] = OpenChannel<int>(0);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> { return Serve(std::move(receiver), answered, forgets); });
    for (int request = 1; request <= 2; ++request) {
      answered.Hot("request " + std::to_string(request));
      co_await sender.Send(request);
    }
    sender.Close();
  });
}

TEST(Monitor, FailsWhereTheRunEndsWhileItIsHot) {
  const std::string message = MessageFound([] { return AskTwice(true); }, kShort);
  EXPECT_EQ(message.find("liveness: 'each request is answered' is still hot when the run ends: hot since step "), 0u)
      << message;
  EXPECT_TRUE(Contains(message, ", in the state 'request 2'")) << message;
}

TEST(Monitor, IsSilentWhereItIsColdAtTheEnd) {
  EXPECT_EQ(KindFound([] { return AskTwice(false); }, kShort), "none");
}

// The body returns, and the monitor is gone, before a task of a nursery around it has paid.
TEST(Monitor, IsJudgedWhenEverythingHasEnded) {
  const auto body = [](bool pays) {
    return [pays]() -> Task<> {
      Monitor monitor("the debt is paid");
      monitor.Hot();
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          co_await Checkpoint();
          if (pays) monitor.Cold();
        });
        co_return;
      });
    };
  };
  EXPECT_EQ(KindFound(body(true), kShort), "none");
  EXPECT_EQ(KindFound(body(false), kShort), "liveness");
}

Task<> WaitForLeader(bool elects) {
  Monitor elected("there is a leader");
  Shared<bool> leader{false};
  elected.Hot();
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      while (!leader) co_await Checkpoint();
      elected.Cold();
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await Checkpoint();
      leader = elects;
    });
    co_return;
  });
}

TEST(Monitor, FailsWhereItStaysHotUnderAFairSchedule) {
  const std::string message = MessageFound([] { return WaitForLeader(false); }, kShort);
  EXPECT_EQ(message.find("liveness: 'there is a leader' stays hot under a fair schedule: hot since step "), 0u)
      << message;
  EXPECT_TRUE(Contains(message, "main/0 is ready at Checkpoint")) << message;
}

TEST(Monitor, IsSilentWhereOnlyAnUnfairScheduleKeepsItHot) {
  EXPECT_EQ(KindFound([] { return WaitForLeader(true); }, kShort), "none");
}

// ---- A bound on how long it may be hot.

Task<> PollFor(int rounds) {
  Monitor monitor("it is done");
  Shared<int> count{0};
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      while (count == 0) co_await Checkpoint();  // up to the fair steps, where a schedule starves the other
      monitor.Hot();
      while (count < rounds) co_await Checkpoint();
      monitor.Cold();
    });
    nursery.StartSoon([&]() -> Task<> {
      for (int i = 0; i < rounds; ++i) {
        count += 1;
        co_await Checkpoint();
      }
    });
    co_return;
  });
}

TEST(Monitor, MayBeHotForSoManyFairSteps) {
  ExploreOptions options = kShort;
  options.strategy = [](std::uint64_t) { return MakeBaseStrategy(Base::kStay); };
  options.executions = 1;
  options.detectors.hot_steps = 100;
  EXPECT_EQ(KindFound([] { return PollFor(20); }, options), "none");
  const std::string message = MessageFound([] { return PollFor(200); }, options);
  EXPECT_EQ(message.find("liveness: 'it is done' stayed hot for too long"), 0u) << message;
  options.detectors.hot_steps.reset();
  EXPECT_EQ(KindFound([] { return PollFor(200); }, options), "none");
}

// ---- Beside other failures.

TEST(Monitor, IsNamedByADeadlock) {
  const auto body = []() -> Task<> {
    Monitor monitor("somebody answers");
    Event answer;
    monitor.Hot("asked");
    co_await answer.Wait();
    monitor.Cold();
  };
  const std::string message = MessageFound(body, kShort);
  EXPECT_EQ(message.find("deadlock: "), 0u) << message;
  EXPECT_TRUE(Contains(message, "\n  hot: 'somebody answers' is owed: hot since step ")) << message;
  EXPECT_TRUE(Contains(message, "'asked'")) << message;
}

TEST(Monitor, DoesNotJudgeARunThatFails) {
  const auto body = []() -> Task<> {
    Monitor monitor("it is done");
    monitor.Hot();
    throw std::runtime_error("it cannot be done");
    co_return;
  };
  EXPECT_EQ(KindFound(body, kShort), "exception");
}

TEST(Monitor, HasOneIdentityForEachName) {
  const auto body = [](std::string name, std::string state) {
    return [name, state]() -> Task<> {
      Monitor monitor(name);
      monitor.Hot(state);
      co_return;
    };
  };
  const auto identity = [&](const std::string& name, const std::string& state) {
    return Explore(body(name, state), kShort).failure->failure.identity;
  };
  EXPECT_EQ(identity("a", "1"), identity("a", "2"));
  EXPECT_NE(identity("a", "1"), identity("b", "1"));
}

TEST(Monitor, DoesNothingOutsideOfExploredExecutions) {
  const RunOutcome outcome = hocket::Run([]() -> Task<> {
    Monitor monitor("nobody looks");
    monitor.Hot();
    co_return;
  });
  EXPECT_TRUE(outcome.completed());
}

}  // namespace
}  // namespace hocket::testing
