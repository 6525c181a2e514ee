// The examples in the comments of the public headers, compiled and run.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct Connection {
  Task<> Send(std::string text) {
    co_await Checkpoint();
    last = std::move(text);
  }
  Task<int> Receive() {
    co_await Checkpoint();
    co_return static_cast<int>(last.size());
  }
  Task<> Close() {
    co_await Checkpoint();
    closed = true;
  }
  std::string last;
  bool closed = false;
};

// task.h
Task<int> Fetch(Connection& connection) {
  co_await connection.Send("GET");
  co_return co_await connection.Receive();
}

RunOutcome RunVirtual(Task<> (*main)()) { return Run(main, {.clock = ClockKind::kVirtual}); }

TEST(HeaderExamples, Task) {
  Connection connection;
  EXPECT_EQ(hocket::Run([&] { return Fetch(connection); }).value, 3);
}

TEST(HeaderExamples, Run) {
  RunOutcome outcome = hocket::Run([]() -> Task<> { co_await Sleep(1ms); });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kCompleted) << outcome.ToString();
}

// capture.h
Task<> FetchAndClose() {
  Connection connection;
  Outcome<int> outcome = co_await Capture(Fetch(connection));
  co_await Shielded([&] { return connection.Close(); });  // cleanup that may wait
  int value = co_await Resolve(std::move(outcome));       // value, throw, or unwind on
  EXPECT_EQ(value, 3);
  EXPECT_TRUE(connection.closed);
}
TEST(HeaderExamples, Capture) { EXPECT_TRUE(RunVirtual(FetchAndClose).completed()); }

// cancel_scope.h
Task<> DownloadForAWhile() {
  ScopeExit exit = co_await MoveOnAfter(5s, [&](CancelScope&) -> Task<> { co_await SleepForever(); });
  EXPECT_TRUE(exit.cancelled_caught);
}
TEST(HeaderExamples, CancelScope) { EXPECT_TRUE(RunVirtual(DownloadForAWhile).completed()); }

// event.h and nursery.h
Task<> Serve(Event& ready) {
  co_await Checkpoint();
  ready.Set();
}
Task<> ServeTwo() {
  Event ready;
  Event other;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Serve, std::ref(ready));
    nursery.StartSoon(Serve, std::ref(other));
    co_await ready.Wait();
  });  // both have ended here
  EXPECT_TRUE(other.is_set());
}
TEST(HeaderExamples, EventAndNursery) { EXPECT_TRUE(RunVirtual(ServeTwo).completed()); }

// exception_group.h
Task<> Fail() {
  co_await Checkpoint();
  throw std::runtime_error("connection reset");
}
Task<> CatchGroup() {
  std::vector<std::string> log;
  try {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Fail);
      co_return;
    });
  } catch (const ExceptionGroup& group) {
    for (const Failure& member : group.members()) log.push_back(member.ToString());
  }
  EXPECT_EQ(log, std::vector<std::string>{"std::runtime_error: connection reset"});
}
TEST(HeaderExamples, ExceptionGroup) { EXPECT_TRUE(RunVirtual(CatchGroup).completed()); }

// poster.h
Task<int> Compute(Poster poster) {
  Event done;
  int result = 0;
  std::jthread worker([&] {
    int r = 42;
    poster.Post([&, r] {
      result = r;
      done.Set();
    });
  });
  co_await Shielded([&]() -> Task<> { co_await done.Wait(); });  // the post refers to this frame
  co_return result;
}
TEST(HeaderExamples, Poster) {
  EXPECT_EQ(hocket::Run([] { return Compute(OpenPoster()); }).value, 42);
}

// testing/schedule.h
TEST(HeaderExamples, Schedule) {
  absl::StatusOr<testing::Schedule> schedule = testing::ParseToken("h1:base=stay:at=main/0,Checkpoint,1,main/1");
  ASSERT_TRUE(schedule.ok());
  EXPECT_EQ(schedule->deviations[0].run, "main/1");
  EXPECT_EQ(testing::FormatScheduleFile(*schedule).rfind("hocket-schedule 1\nbase stay\nat ", 0), 0u);
}

// testing/strategy.h
class Newest final : public testing::Strategy {  // always the alternative that was added last
 public:
  std::string Name() const override { return "newest"; }
  void StartExecution(std::uint64_t) override { ready_.clear(); }
  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
  AlternativeId Pick() noexcept override { return ready_.back(); }
  std::uint32_t Draw(std::uint32_t, const char*) noexcept override { return 0; }

 private:
  std::vector<AlternativeId> ready_;
};

TEST(HeaderExamples, StrategyAndExplore) {
  testing::ExploreOptions options;
  options.strategy = [](std::uint64_t) { return std::make_unique<Newest>(); };
  options.executions = 3;
  const testing::Exploration exploration = testing::Explore([] { return ServeTwo(); }, options);
  EXPECT_FALSE(exploration.failure.has_value());
  EXPECT_EQ(exploration.distinct, 1u);
}

}  // namespace
}  // namespace hocket
