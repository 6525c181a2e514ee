// The runtime's operations, first in, first out on a virtual clock as production runs them, but for SwitchRandom.
#include <malloc.h>

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/measure.h"
#include "bench/raw_ring.h"
#include "harness/execution.h"
#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/strategy.h"

namespace bench {
namespace {

using hocket::CancelScope;
using hocket::Checkpoint;
using hocket::Event;
using hocket::Nursery;
using hocket::Task;
using hocket::WithNursery;

using FifoSpawned = raw::Spawned<raw::Fifo>;

// Runs `main`, a callable that returns a Task, and gives what it left in `seconds`.
template <class Main>
double RunFifo(hocket::Runner& runner, double& seconds, Main&& main) {
  const hocket::RunOutcome outcome = runner.Run(main, {.clock = hocket::ClockKind::kVirtual});
  HOCKET_CHECK(outcome.completed()) << outcome.ToString();
  return seconds;
}

// The same on a raw ring: `main` takes the ring and returns a Spawned.
template <class Main>
double RunRawFifo(double& seconds, Main&& main) {
  raw::FifoRing ring;
  main(ring).Start(ring);
  ring.Run();
  return seconds;
}

// For a row whose frames come and go: `baseline` is told where the ring's frames come from.
template <class Subject, class Base>
void CompareFrames(benchmark::State& state, std::uint64_t operations, Subject subject, Base baseline) {
  Compare(state, operations, subject, Baseline{"ratio", [&] { return baseline(raw::Pooled()); }},
          Baseline{"ratio_heap", [&] { return baseline(raw::Heap()); }});
}

// ---------------------------------------------------------------- Switch

// The first task stands for all: between two of its turns each of the others has one.
Task<> Switcher(std::uint64_t laps, double* seconds) {
  co_await Checkpoint();
  const Clock::time_point start = Clock::now();
  for (std::uint64_t lap = 0; lap < laps; ++lap) co_await Checkpoint();
  if (seconds != nullptr) *seconds = std::chrono::duration<double>(Clock::now() - start).count();
}

template <class Ready>
raw::Spawned<Ready> RawSwitcher(raw::Ring<Ready>& ring, std::uint64_t laps, double* seconds) {
  co_await raw::Yield(ring);
  const Clock::time_point start = Clock::now();
  for (std::uint64_t lap = 0; lap < laps; ++lap) co_await raw::Yield(ring);
  if (seconds != nullptr) *seconds = std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr std::uint64_t kSwitches = 16'000;

void Switch(benchmark::State& state) {
  const auto tasks = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t laps = kSwitches / tasks;
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        for (std::uint64_t i = 0; i < tasks; ++i) nursery.StartSoon(Switcher, laps, i == 0 ? &seconds : nullptr);
        co_return;
      });
    });
  };
  const auto baseline = [&] {
    raw::FifoRing ring;
    for (std::uint64_t i = 0; i < tasks; ++i) RawSwitcher(ring, laps, i == 0 ? &seconds : nullptr).Start(ring);
    ring.Run();
    return seconds;
  };
  Compare(state, laps * tasks, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(Switch, "Switch")->Arg(2)->Arg(1000);

// With a random walk that is recorded. The spawning is measured too: no task stands for all here.
void SwitchRandom(benchmark::State& state) {
  const auto tasks = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t laps = 4 * kSwitches / tasks;
  const hocket::testing::Body body = [&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::uint64_t i = 0; i < tasks; ++i) nursery.StartSoon(Switcher, laps, nullptr);
      co_return;
    });
  };
  const hocket::testing::ExploreOptions options{.steps_per_execution = 1'000'000};
  hocket::testing::Execution execution(body, options);
  const std::unique_ptr<hocket::testing::Strategy> strategy = hocket::testing::MakeRandomWalk(1);
  const auto subject = [&] {
    return Timed([&] {
      strategy->StartExecution(0);
      HOCKET_CHECK(!execution.Run(*strategy).failure);
    });
  };
  raw::RandomPicker picker;
  raw::PickRing ring(picker);
  const auto baseline = [&] {
    return Timed([&] {
      picker.Seed(1);
      ring.ForgetRecord();
      for (std::uint64_t i = 0; i < tasks; ++i) RawSwitcher(ring, laps, nullptr).Start(ring);
      ring.Run();
    });
  };
  Compare(state, laps * tasks, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(SwitchRandom, "SwitchRandom")->Arg(2)->Arg(1000);

// ---------------------------------------------------------------- RunScaling

// A whole run under a random walk that is recorded: tasks that each switch a few times, from the first to the last.
// Time is of one switch.
void RunScaling(benchmark::State& state) {
  const auto tasks = static_cast<std::uint64_t>(state.range(0));
  constexpr std::uint64_t kLaps = 10;
  const std::uint64_t runs = std::max<std::uint64_t>(2'000 / tasks, 1);
  const hocket::testing::Body body = [&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::uint64_t i = 0; i < tasks; ++i) nursery.StartSoon(Switcher, kLaps, nullptr);
      co_return;
    });
  };
  const hocket::testing::ExploreOptions options{.steps_per_execution = 1'000'000};
  hocket::testing::Execution execution(body, options);
  const std::unique_ptr<hocket::testing::Strategy> strategy = hocket::testing::MakeRandomWalk(1);
  const auto subject = [&] {
    return Timed([&] {
      for (std::uint64_t run = 0; run < runs; ++run) {
        strategy->StartExecution(run);
        HOCKET_CHECK(!execution.Run(*strategy).failure);
      }
    });
  };
  raw::RandomPicker picker;
  raw::PickRing ring(picker);
  const auto baseline = [&] {
    return Timed([&] {
      for (std::uint64_t run = 0; run < runs; ++run) {
        picker.Seed(run);
        ring.ForgetRecord();
        for (std::uint64_t i = 0; i < tasks; ++i) RawSwitcher(ring, kLaps, nullptr).Start(ring);
        ring.Run();
      }
    });
  };
  Compare(state, runs * tasks * kLaps, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(RunScaling, "RunScaling")->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000);

// One long run of ten tasks, by the number of its steps: what a step costs does not depend on how many were before it.
void RunLength(benchmark::State& state) {
  constexpr std::uint64_t kTasks = 10;
  const auto steps = static_cast<std::uint64_t>(state.range(0));
  const hocket::testing::Body body = [&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::uint64_t i = 0; i < kTasks; ++i) nursery.StartSoon(Switcher, steps / kTasks, nullptr);
      co_return;
    });
  };
  const hocket::testing::ExploreOptions options{.steps_per_execution = 4 * steps};
  hocket::testing::Execution execution(body, options);
  const std::unique_ptr<hocket::testing::Strategy> strategy = hocket::testing::MakeRandomWalk(1);
  const auto subject = [&] {
    return Timed([&] {
      strategy->StartExecution(0);
      HOCKET_CHECK(!execution.Run(*strategy).failure);
    });
  };
  raw::RandomPicker picker;
  raw::PickRing ring(picker);
  const auto baseline = [&] {
    return Timed([&] {
      picker.Seed(1);
      ring.ForgetRecord();
      for (std::uint64_t i = 0; i < kTasks; ++i) RawSwitcher(ring, steps / kTasks, nullptr).Start(ring);
      ring.Run();
    });
  };
  Compare(state, steps, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(RunLength, "RunLength")->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Iterations(9);

// ---------------------------------------------------------------- SpawnJoin

Task<> Nothing() { co_return; }
template <class Memory>
raw::Spawned<raw::Fifo, Memory> RawNothing() {
  co_return;
}

// A nursery, its children, and the wait for them; time is of one child.
void SpawnJoin(benchmark::State& state) {
  const auto children = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t nurseries = 2'000 / children;
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      const Clock::time_point start = Clock::now();
      for (std::uint64_t i = 0; i < nurseries; ++i) {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          for (std::uint64_t child = 0; child < children; ++child) nursery.StartSoon(Nothing);
          co_return;
        });
      }
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&]<class Memory>(Memory) {
    return RunRawFifo(seconds, [&](raw::FifoRing& ring) -> FifoSpawned {
      const Clock::time_point start = Clock::now();
      for (std::uint64_t i = 0; i < nurseries; ++i) {
        raw::Nursery<raw::Fifo> nursery(ring);
        for (std::uint64_t child = 0; child < children; ++child) nursery.Start(RawNothing<Memory>());
        co_await nursery.Join();
      }
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  CompareFrames(state, nurseries * children, subject, baseline);
}
BENCH_ROW(SpawnJoin, "SpawnJoin")->Arg(1)->Arg(1000);

// ---------------------------------------------------------------- NestedAwait

[[gnu::noinline]] Task<int> Answer(int value) { co_return value; }
template <class Memory>
[[gnu::noinline]] raw::Task<Memory> RawAnswer(int value) {
  co_return value;
}

void NestedAwait(benchmark::State& state) {
  constexpr int kAwaits = 4'000;
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      const Clock::time_point start = Clock::now();
      for (int i = 0; i < kAwaits; ++i) benchmark::DoNotOptimize(co_await Answer(i));
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&]<class Memory>(Memory) {
    return RunRawFifo(seconds, [&](raw::FifoRing&) -> FifoSpawned {
      const Clock::time_point start = Clock::now();
      for (int i = 0; i < kAwaits; ++i) benchmark::DoNotOptimize(co_await RawAnswer<Memory>(i));
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  CompareFrames(state, kAwaits, subject, baseline);
}
BENCH_ROW(NestedAwait, "NestedAwait");

// ---------------------------------------------------------------- EventPingPong

// Two tasks that wake each other; time is of one round trip, with the making of its two events.
constexpr std::size_t kRounds = 1'000;

void EventPingPong(benchmark::State& state) {
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      const Clock::time_point start = Clock::now();
      std::vector<Event> pings(kRounds);
      std::vector<Event> pongs(kRounds);
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          for (std::size_t i = 0; i < kRounds; ++i) {
            pings[i].Set();
            co_await pongs[i].Wait();
          }
        });
        nursery.StartSoon([&]() -> Task<> {
          for (std::size_t i = 0; i < kRounds; ++i) {
            co_await pings[i].Wait();
            pongs[i].Set();
          }
        });
        co_return;
      });
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&] {
    return RunRawFifo(seconds, [&](raw::FifoRing& ring) -> FifoSpawned {
      const Clock::time_point start = Clock::now();
      std::vector<raw::Event<raw::Fifo>> pings(kRounds);
      std::vector<raw::Event<raw::Fifo>> pongs(kRounds);
      raw::Nursery<raw::Fifo> nursery(ring);
      const auto ping = [&]() -> FifoSpawned {
        for (std::size_t i = 0; i < kRounds; ++i) {
          pings[i].Set(ring);
          co_await pongs[i].Wait();
        }
      };
      const auto pong = [&]() -> FifoSpawned {
        for (std::size_t i = 0; i < kRounds; ++i) {
          co_await pings[i].Wait();
          pongs[i].Set(ring);
        }
      };
      nursery.Start(ping());
      nursery.Start(pong());
      co_await nursery.Join();
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  Compare(state, kRounds, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(EventPingPong, "EventPingPong");

// ---------------------------------------------------------------- ChannelPingPong

// The same through two channels for one value. The raw ones are slots whose sender never waits, so that it does not
// switch where hocket's Send does.
void ChannelPingPong(benchmark::State& state) {
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      auto [ping_in, ping_out] = hocket::OpenChannel<int>(1);
      auto [pong_in, pong_out] = hocket::OpenChannel<int>(1);
      const Clock::time_point start = Clock::now();
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          for (std::size_t i = 0; i < kRounds; ++i) {
            co_await ping_in.Send(1);
            benchmark::DoNotOptimize(co_await pong_out.Receive());
          }
        });
        nursery.StartSoon([&]() -> Task<> {
          for (std::size_t i = 0; i < kRounds; ++i) {
            benchmark::DoNotOptimize(co_await ping_out.Receive());
            co_await pong_in.Send(1);
          }
        });
        co_return;
      });
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&] {
    return RunRawFifo(seconds, [&](raw::FifoRing& ring) -> FifoSpawned {
      raw::Slot<raw::Fifo> ping;
      raw::Slot<raw::Fifo> pong;
      const Clock::time_point start = Clock::now();
      raw::Nursery<raw::Fifo> nursery(ring);
      const auto first = [&]() -> FifoSpawned {
        for (std::size_t i = 0; i < kRounds; ++i) {
          ping.Send(ring, 1);
          benchmark::DoNotOptimize(co_await pong.Receive());
        }
      };
      const auto second = [&]() -> FifoSpawned {
        for (std::size_t i = 0; i < kRounds; ++i) {
          benchmark::DoNotOptimize(co_await ping.Receive());
          pong.Send(ring, 1);
        }
      };
      nursery.Start(first());
      nursery.Start(second());
      co_await nursery.Join();
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  Compare(state, kRounds, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(ChannelPingPong, "ChannelPingPong");

// ---------------------------------------------------------------- Timer

// Many sleepers at a time, with deadlines in no order; time is of one sleep.
constexpr int kSleeps = 8;
std::uint64_t SleepLength(std::uint64_t task, int sleep) {
  return 1 + hocket::testing::MixSeed(task, static_cast<std::uint64_t>(sleep)) % 1'000'000;
}

Task<> Sleeper(std::uint64_t task) {
  for (int i = 0; i < kSleeps; ++i)
    co_await hocket::Sleep(hocket::Duration(static_cast<std::int64_t>(SleepLength(task, i))));
}
FifoSpawned RawSleeper(raw::FifoRing& ring, std::uint64_t task) {
  for (int i = 0; i < kSleeps; ++i) co_await raw::Sleep(ring, SleepLength(task, i));
}

void Timer(benchmark::State& state) {
  const auto sleepers = static_cast<std::uint64_t>(state.range(0));
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      const Clock::time_point start = Clock::now();
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        for (std::uint64_t i = 0; i < sleepers; ++i) nursery.StartSoon(Sleeper, i);
        co_return;
      });
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&] {
    return RunRawFifo(seconds, [&](raw::FifoRing& ring) -> FifoSpawned {
      const Clock::time_point start = Clock::now();
      raw::Nursery<raw::Fifo> nursery(ring);
      for (std::uint64_t i = 0; i < sleepers; ++i) nursery.Start(RawSleeper(ring, i));
      co_await nursery.Join();
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  Compare(state, sleepers * kSleeps, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(Timer, "Timer")->Arg(1000);

// ---------------------------------------------------------------- CancelDepth

struct Guard {
  ~Guard() { benchmark::ClobberMemory(); }
};

Task<int> Deep(int depth, Event& never) {
  const Guard guard;
  if (depth > 1) co_return co_await Deep(depth - 1, never);
  co_await never.Wait();
  co_return 0;
}
template <class Memory>
raw::Task<Memory> RawDeep(int depth, raw::Event<raw::Fifo>& never) {
  const Guard guard;
  if (depth > 1) co_return co_await RawDeep<Memory>(depth - 1, never);
  co_await never.Wait();
  co_return 0;
}

// Starts a task, lets it block some frames deep, and cancels it. The raw one has no nursery, no scope, and is just
// destroyed.
//
// frame_ns: what one more frame costs, by the difference to a task that is one frame deep.
void CancelDepth(benchmark::State& state) {
  const auto depth = static_cast<int>(state.range(0));
  constexpr std::uint64_t kCancels = 500;
  double seconds = 0;
  hocket::Runner runner;
  const auto cancel = [&](int frames) {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      Event never;
      const Clock::time_point start = Clock::now();
      for (std::uint64_t i = 0; i < kCancels; ++i) {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(Deep, frames, std::ref(never));
          co_await Checkpoint();
          nursery.cancel_scope().Cancel();
        });
      }
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&]<class Memory>(Memory) {
    return RunRawFifo(seconds, [&](raw::FifoRing& ring) -> FifoSpawned {
      using Spawned = raw::Spawned<raw::Fifo, Memory>;
      const auto deep = [&](raw::Event<raw::Fifo>& never) -> Spawned { co_await RawDeep<Memory>(depth, never); };
      const Clock::time_point start = Clock::now();
      for (std::uint64_t i = 0; i < kCancels; ++i) {
        raw::Event<raw::Fifo> never;
        Spawned task = deep(never);
        task.Start(ring);
        co_await raw::Yield(ring);
        task.handle.destroy();
      }
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  Compare(
      state, kCancels, [&] { return cancel(depth); }, Baseline{"ratio", [&] { return baseline(raw::Pooled()); }},
      Baseline{"ratio_heap", [&] { return baseline(raw::Heap()); }},
      Baseline{"ratio_shallow", [&] { return cancel(1); }});
  if (depth > 1) {
    state.counters["frame_ns"] = (state.counters["median_ns"] - state.counters["ratio_shallow_base_ns"]) / (depth - 1);
  }
}
BENCH_ROW(CancelDepth, "CancelDepth")->Arg(1)->Arg(10);

// ---------------------------------------------------------------- FailDepth

// Throws some frames deep, and catches at the top. The raw one hands the exception from frame to frame, too.
Task<int> Failing(int depth) {
  const Guard guard;
  if (depth > 1) co_return co_await Failing(depth - 1);
  throw std::runtime_error("deep");
}

class RawFailing {
 public:
  struct promise_type : raw::PromiseBase<raw::Pooled> {
    struct Final {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
        return handle.promise().parent;
      }
      void await_resume() const noexcept {}
    };
    RawFailing get_return_object() { return RawFailing(std::coroutine_handle<promise_type>::from_promise(*this)); }
    Final final_suspend() const noexcept { return {}; }
    void return_value(int) {}
    void unhandled_exception() noexcept { exception = std::current_exception(); }

    std::coroutine_handle<> parent;
    std::exception_ptr exception;
  };

  RawFailing(const RawFailing&) = delete;
  ~RawFailing() { handle_.destroy(); }
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) noexcept {
    handle_.promise().parent = parent;
    return handle_;
  }
  int await_resume() const {
    if (handle_.promise().exception) std::rethrow_exception(handle_.promise().exception);
    return 0;
  }

 private:
  explicit RawFailing(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

RawFailing RawFails(int depth) {
  const Guard guard;
  if (depth > 1) co_return co_await RawFails(depth - 1);
  throw std::runtime_error("deep");
}

void FailDepth(benchmark::State& state) {
  const auto depth = static_cast<int>(state.range(0));
  constexpr std::uint64_t kFailures = 20;
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      const Clock::time_point start = Clock::now();
      for (std::uint64_t i = 0; i < kFailures; ++i) {
        try {
          co_await Failing(depth);
        } catch (const std::runtime_error& error) {
          benchmark::DoNotOptimize(&error);
        }
      }
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&] {
    return RunRawFifo(seconds, [&](raw::FifoRing&) -> FifoSpawned {
      const Clock::time_point start = Clock::now();
      for (std::uint64_t i = 0; i < kFailures; ++i) {
        try {
          co_await RawFails(depth);
        } catch (const std::runtime_error& error) {
          benchmark::DoNotOptimize(&error);
        }
      }
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  Compare(state, kFailures, subject, Baseline{"ratio", baseline});
}
BENCH_ROW(FailDepth, "FailDepth")->Arg(10);

// ---------------------------------------------------------------- ScopeEnterExit

// A body in a cancel scope, without and with a deadline. The raw one is two nested awaits: a combinator and its body.
void ScopeEnterExit(benchmark::State& state) {
  const hocket::Time deadline = state.range(0) == 0 ? hocket::kForever : hocket::Time(hocket::Duration(1'000'000));
  constexpr int kScopes = 2'000;
  double seconds = 0;
  hocket::Runner runner;
  const auto subject = [&] {
    return RunFifo(runner, seconds, [&]() -> Task<> {
      const Clock::time_point start = Clock::now();
      for (int i = 0; i < kScopes; ++i) co_await WithScope(CancelScope({.deadline = deadline}), Nothing);
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  const auto baseline = [&]<class Memory>(Memory) {
    return RunRawFifo(seconds, [&](raw::FifoRing&) -> FifoSpawned {
      const auto combinator = [](int value) -> raw::Task<Memory> { co_return co_await RawAnswer<Memory>(value); };
      const Clock::time_point start = Clock::now();
      for (int i = 0; i < kScopes; ++i) benchmark::DoNotOptimize(co_await combinator(i));
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
  };
  CompareFrames(state, kScopes, subject, baseline);
}
BENCH_ROW(ScopeEnterExit, "ScopeEnterExit")->ArgName("deadline")->Arg(0)->Arg(1);

// ---------------------------------------------------------------- IdleTaskBytes

// The heap that one task takes while it waits for an event, its share of the tables of the run included.
double HeapInUse() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

Task<> Idle(Event& event) { co_await event.Wait(); }
FifoSpawned RawIdle(raw::Event<raw::Fifo>& event) { co_await event.Wait(); }

void IdleTaskBytes(benchmark::State& state) {
  constexpr int kTasks = 10'000;
  double bytes = 0;
  double raw_bytes = 0;
  // On threads of their own, whose caches of blocks are empty.
  const auto measure = [&] {
    std::thread([&] {
      hocket::Run(
          [&]() -> Task<> {
            Event event;
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              const double before = HeapInUse();
              for (int i = 0; i < kTasks; ++i) nursery.StartSoon(Idle, std::ref(event));
              co_await hocket::Settle();
              bytes = (HeapInUse() - before) / kTasks;
              event.Set();
            });
          },
          {.clock = hocket::ClockKind::kVirtual});
    }).join();
    std::thread([&] {
      raw::FifoRing ring;
      raw::Event<raw::Fifo> event;
      const double before = HeapInUse();
      for (int i = 0; i < kTasks; ++i) RawIdle(event).Start(ring);
      ring.Run();
      raw_bytes = (HeapInUse() - before) / kTasks;
      event.Set(ring);
      ring.Run();
    }).join();
  };
  for (auto _ : state) {
    state.SetIterationTime(Timed(measure));
  }
  state.counters["bytes"] = bytes;
  state.counters["ratio"] = bytes / raw_bytes;
  state.counters["ratio_base_bytes"] = raw_bytes;
}
BENCHMARK(IdleTaskBytes)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bench
