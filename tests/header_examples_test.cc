// The examples in the comments of the public headers, compiled and run.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/failure_matchers.h"
#include "hocket/testing/linearizability.h"
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

// lock.h and condition.h
Task<> TakeFromQueue() {
  Lock lock;
  Condition changed(lock);
  std::vector<int> queue;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      co_await lock.Acquire();
      const LockGuard guard(lock);  // releases
      while (queue.empty()) co_await changed.Wait();
      queue.pop_back();
    });
    co_await Checkpoint();
    co_await lock.Acquire();
    const LockGuard guard(lock);
    queue.push_back(1);
    changed.Notify();
  });
  EXPECT_TRUE(queue.empty());
}
TEST(HeaderExamples, LockAndCondition) { EXPECT_TRUE(RunVirtual(TakeFromQueue).completed()); }

// channel.h
Task<> ProduceTo(SendChannel<int> sender) {
  for (int i = 0; i < 3; ++i) co_await sender.Send(i);
}
Task<> Consume() {
  int sum = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(1);
    nursery.StartSoon(ProduceTo, std::move(sender));
    while (std::optional<int> value = co_await receiver.ReceiveOrEnd()) sum += *value;
  });
  EXPECT_EQ(sum, 3);
}
TEST(HeaderExamples, Channel) { EXPECT_TRUE(RunVirtual(Consume).completed()); }

// generator.h
Task<> Generate() {
  int sum = 0;
  const auto produce = [](Yield<int>& yield) -> Task<> {
    for (int i = 0; i < 3; ++i) co_await yield(i);
  };
  const auto consume = [&](Generated<int>& values) -> Task<> {
    while (std::optional<int> value = co_await values.Next()) sum += *value;
  };
  co_await WithGenerator<int>(produce, consume);
  EXPECT_EQ(sum, 3);
}
TEST(HeaderExamples, Generator) { EXPECT_TRUE(RunVirtual(Generate).completed()); }

// except.h
struct TimeoutError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct IoError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
Task<> HandleErrors() {
  std::size_t timeouts_seen = 0;
  std::vector<std::string> log;
  const auto body = [](Nursery& nursery) -> Task<> {
    nursery.StartSoon([]() -> Task<> {
      throw IoError("disk full");
      co_return;
    });
    throw TimeoutError("too slow");
    co_return;
  };
  co_await Except([&] { return WithNursery(body); },  //
                  On<TimeoutError>([&](const Caught<TimeoutError>& timeouts) -> Task<> {
                    co_await Checkpoint();
                    timeouts_seen = timeouts.errors().size();
                  }),
                  On<IoError>([&](const Caught<IoError>& caught) -> Task<> {
                    for (const IoError& error : caught.errors()) {
                      co_await Checkpoint();
                      log.push_back(error.what());
                    }
                  }));
  EXPECT_EQ(timeouts_seen, 1u);
  EXPECT_EQ(log, std::vector<std::string>{"disk full"});
}
TEST(HeaderExamples, Except) {
  const RunOutcome outcome = RunVirtual(HandleErrors);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

// cancel_reason.h
Task<> LogReason() {
  std::string log;
  CancelScope scope;
  scope.Cancel("stop was pressed");
  co_await WithScope(scope, [&]() -> Task<> {
    Outcome<> outcome = co_await Capture(Fail());
    if (outcome.is_cancelled()) log = outcome.failure().cancel_reason()->ToString();
  });
  EXPECT_EQ(log.rfind("explicit: stop was pressed (task 0, at ", 0), 0u) << log;
}
TEST(HeaderExamples, CancelReason) { EXPECT_TRUE(RunVirtual(LogReason).completed()); }

// local.h
TaskLocal<std::string> request_id;
Task<> UseLocal() {
  std::string log;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    const LocalValue id = request_id.Set("r-17");
    nursery.StartSoon([&]() -> Task<> {
      log = *request_id.Get();
      co_return;
    });
    co_return;
  });
  EXPECT_EQ(log, "r-17");
}
TEST(HeaderExamples, Local) { EXPECT_TRUE(RunVirtual(UseLocal).completed()); }

// sequencer.h and assert_checkpoints.h
Task<> InSequence() {
  Sequencer sequencer;
  std::string log;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      const auto turn = co_await sequencer.At(1);
      log += "second";
    });
    const auto turn = co_await sequencer.At(0);
    log += "first ";
  });
  EXPECT_EQ(log, "first second");
  co_await AssertCheckpoints([] { return TakeFromQueue(); });
  co_await AssertNoCheckpoints([]() -> Task<> { co_return; });
}
TEST(HeaderExamples, SequencerAndAssertCheckpoints) {
  const RunOutcome outcome = RunVirtual(InSequence);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
}

// instruments.h and watchdog.h
class CountSteps : public Instrument {
 public:
  void BeforeStep(std::uint32_t) override { ++steps; }
  int steps = 0;
};
TEST(HeaderExamples, InstrumentsAndWatchdog) {
  CountSteps counter;
  Watchdog watchdog(1s);
  Instruments instruments;
  instruments.Add(counter);
  instruments.Add(watchdog);
  EXPECT_TRUE(hocket::Run(TakeFromQueue, {.observer = &instruments}).completed());
  EXPECT_GT(counter.steps, 2);
}

// tree_on_signal.h
TEST(HeaderExamples, TreeOnSignal) {
  TreeOnSignal tree_on_signal(SIGUSR1);
  Instruments instruments;
  instruments.Add(tree_on_signal);
  EXPECT_TRUE(hocket::Run([]() -> Task<> { co_await Checkpoint(); }, {.observer = &instruments}).completed());
}

// wait_graph.h
TEST(HeaderExamples, WaitGraph) {
  const RunOutcome outcome = hocket::Run([]() -> Task<> { co_await SleepForever(); });
  const std::string file = ::testing::TempDir() + "/deadlock.dot";
  std::ofstream(file) << FormatWaitGraph(outcome.unfinished, GraphFormat::kDot);
  std::string first_line;
  std::getline(std::ifstream(file), first_line);
  EXPECT_EQ(first_line, "digraph waits {");
}

// testing/failure_matchers.h
TEST(HeaderExamples, FailureMatchers) {
  const auto main = []() -> Task<> { co_await WithNursery([](Nursery&) { return Fail(); }); };
  RunOutcome outcome = hocket::Run(main);
  EXPECT_THAT(outcome.failure, testing::GroupOf(testing::IsError<std::runtime_error>("connection reset")));
}

// testing/linearizability.h
struct QueueSpec {
  struct Push {
    int item;
    std::string ToString() const { return "Push(" + std::to_string(item) + ")"; }
  };
  struct Pop {};

  void Apply(const Push& push) { items.push_back(push.item); }
  std::optional<int> Apply(const Pop&) {  // none: it cannot happen now
    if (items.empty()) return std::nullopt;
    const int item = items.front();
    items.pop_front();
    return item;
  }
  auto operator<=>(const QueueSpec&) const = default;

  std::deque<int> items;
};
struct Queue {
  Task<> Push(int item) {
    co_await Checkpoint();
    items.push_back(item);
    pushed.Release();
  }
  Task<int> Pop() {
    co_await pushed.Acquire();
    const int item = items.front();
    items.pop_front();
    co_return item;
  }
  std::deque<int> items;
  Semaphore pushed{0};
};
Task<> QueueIsLinearizable() {
  Queue queue;
  testing::History<QueueSpec> history;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> { co_await history.Call(QueueSpec::Push{1}, [&] { return queue.Push(1); }); });
    nursery.StartSoon([&]() -> Task<> { co_await history.Call(QueueSpec::Pop{}, [&] { return queue.Pop(); }); });
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}
TEST(HeaderExamples, Linearizability) { EXPECT_TRUE(hocket::Run(QueueIsLinearizable).completed()); }

// testing/draw_input.h
Task<> BufferGivesBackWhatItTook() {
  const auto capacity = testing::DrawBetween<std::size_t>(0, 8, "capacity");
  const std::string bytes = testing::DrawBytes(20, "bytes");
  auto [sender, receiver] = OpenChannel<char>(capacity);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&]() -> Task<> {
      for (const char byte : bytes) co_await sender.Send(byte);
    });
    for (const char byte : bytes) EXPECT_EQ(co_await receiver.Receive(), byte);
  });
}
TEST(HeaderExamples, DrawInput) {
  const testing::Exploration exploration = testing::Explore(BufferGivesBackWhatItTook, {.executions = 10});
  EXPECT_FALSE(exploration.failure.has_value());
  EXPECT_GT(exploration.distinct, 1u);
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
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

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
