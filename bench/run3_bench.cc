// Run3: make a run, three tasks that switch and wait ten times in all, end the run. What explorers do millions of
// times.
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "bench/measure.h"
#include "bench/raw_ring.h"
#include "harness/describer.h"
#include "harness/execution.h"
#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"

namespace bench {
namespace {

using hocket::testing::Strategy;

constexpr std::uint64_t kRuns = 200;  // a batch's
constexpr std::uint64_t kSeed = 1;

// ---------------------------------------------------------------- raw

template <class Ready, class Memory>
raw::Spawned<Ready, Memory> RawSetter(raw::Ring<Ready>& ring, raw::Event<Ready>& event) {
  for (int i = 0; i < 3; ++i) co_await raw::Yield(ring);
  event.Set(ring);
}
template <class Ready, class Memory>
raw::Spawned<Ready, Memory> RawWaiter(raw::Ring<Ready>& ring, raw::Event<Ready>& event) {
  co_await event.Wait();
  co_await raw::Yield(ring);
}
template <class Ready, class Memory>
raw::Spawned<Ready, Memory> RawBystander(raw::Ring<Ready>& ring) {
  for (int i = 0; i < 3; ++i) co_await raw::Yield(ring);
}
template <class Ready, class Memory>
raw::Spawned<Ready, Memory> RawMain(raw::Ring<Ready>& ring) {
  raw::Event<Ready> event;
  raw::Nursery<Ready> nursery(ring);
  nursery.Start(RawSetter<Ready, Memory>(ring, event));
  nursery.Start(RawWaiter<Ready, Memory>(ring, event));
  nursery.Start(RawBystander<Ready, Memory>(ring));
  co_await nursery.Join();
}

template <class Memory>
double RawFifo() {
  return Timed([] {
    for (std::uint64_t run = 0; run < kRuns; ++run) {
      raw::FifoRing ring;
      RawMain<raw::Fifo, Memory>(ring).Start(ring);
      ring.Run();
    }
  });
}

// The ring keeps its memory from run to run, as hocket's Runner does.
template <class Memory>
auto RawPicked() {
  struct Kept {
    raw::RandomPicker picker;
    raw::PickRing ring{picker};
    std::uint64_t runs = 0;
  };
  return [kept = std::make_shared<Kept>()] {
    return Timed([&kept = *kept] {
      for (std::uint64_t run = 0; run < kRuns; ++run) {
        kept.picker.Seed(hocket::testing::MixSeed(kSeed, kept.runs++));
        kept.ring.ForgetRecord();
        RawMain<raw::Picked, Memory>(kept.ring).Start(kept.ring);
        kept.ring.Run();
      }
    });
  };
}

// It is made anew for each run.
double RawPickedFresh() {
  return Timed([] {
    for (std::uint64_t run = 0; run < kRuns; ++run) {
      raw::RandomPicker picker;
      picker.Seed(hocket::testing::MixSeed(kSeed, run));
      raw::PickRing ring(picker);
      RawMain<raw::Picked, raw::Heap>(ring).Start(ring);
      ring.Run();
    }
  });
}

// ---------------------------------------------------------------- hocket

hocket::Task<> Setter(hocket::Event& event) {
  for (int i = 0; i < 3; ++i) co_await hocket::Checkpoint();
  event.Set();
}
hocket::Task<> Waiter(hocket::Event& event) {
  co_await event.Wait();
  co_await hocket::Checkpoint();
}
hocket::Task<> Bystander() {
  for (int i = 0; i < 3; ++i) co_await hocket::Checkpoint();
}
hocket::Task<> Main() {
  hocket::Event event;
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    nursery.StartSoon(Setter, std::ref(event));
    nursery.StartSoon(Waiter, std::ref(event));
    nursery.StartSoon(Bystander);
    co_return;
  });
}

void Run3Fifo(benchmark::State& state) {
  hocket::Runner runner;
  const auto main = [] { return Main(); };
  const hocket::RunOptions options{.clock = hocket::ClockKind::kVirtual};
  const auto subject = [&] {
    return Timed([&] {
      for (std::uint64_t run = 0; run < kRuns; ++run) benchmark::DoNotOptimize(runner.Run(main, options).steps);
    });
  };
  Compare(state, kRuns, subject, Baseline{"ratio", RawFifo<raw::Pooled>}, Baseline{"ratio_heap", RawFifo<raw::Heap>});
}
BENCH_ROW(Run3Fifo, "Run3/fifo");

// One execution of Main under `strategy`, whose executions it counts.
class Executions {
 public:
  explicit Executions(std::unique_ptr<Strategy> strategy) : strategy_(std::move(strategy)) {}

  void Run() {
    strategy_->StartExecution(index_++);
    benchmark::DoNotOptimize(execution_.Run(*strategy_).hash);
    strategy_->EndExecution();
  }
  // With its whole trace, as when a failure is shown.
  void RunTraced() {
    strategy_->StartExecution(index_++);
    describer_.Follow(*strategy_);
    benchmark::DoNotOptimize(execution_.Run(describer_, &describer_).hash);
    strategy_->EndExecution();
  }
  // The last one, in words.
  hocket::testing::Description Describe() { return describer_.Take(); }
  bool Exhausted() const { return strategy_->Exhausted(); }
  void Restart(std::unique_ptr<Strategy> strategy) {
    strategy_ = std::move(strategy);
    index_ = 0;
  }

 private:
  const hocket::testing::Body body_ = Main;
  const hocket::testing::ExploreOptions options_;
  hocket::testing::Execution execution_{body_, options_};
  hocket::testing::Describer describer_;
  std::unique_ptr<Strategy> strategy_;
  std::uint64_t index_ = 0;
};

std::unique_ptr<Strategy> Make(const char* spelling) {
  // The program shares nothing but an event.
  auto strategy =
      hocket::testing::ParseStrategy(spelling, {.seed = kSeed, .memory = hocket::testing::PlainMemory::kReported});
  HOCKET_CHECK(strategy.ok()) << strategy.status().ToString();
  return *std::move(strategy);
}

template <class Run>
void CompareRun3(benchmark::State& state, Run run) {
  const auto subject = [&] {
    return Timed([&] {
      for (std::uint64_t i = 0; i < kRuns; ++i) run();
    });
  };
  Compare(state, kRuns, subject, Baseline{"ratio", RawPicked<raw::Pooled>()},
          Baseline{"ratio_heap", RawPicked<raw::Heap>()}, Baseline{"ratio_fresh", RawPickedFresh});
}

void Run3(benchmark::State& state, const char* spelling) {
  Executions executions(Make(spelling));
  CompareRun3(state, [&] {
    executions.Run();
    if (executions.Exhausted()) executions.Restart(Make(spelling));
  });
}
void Run3Traced(benchmark::State& state) {
  Executions executions(Make("random"));
  CompareRun3(state, [&] { executions.RunTraced(); });
}
void Run3Described(benchmark::State& state) {
  Executions executions(Make("random"));
  CompareRun3(state, [&] {
    executions.RunTraced();
    benchmark::DoNotOptimize(executions.Describe().trace.events.size());
  });
}
void Run3Replay(benchmark::State& state) {
  const hocket::testing::Body body = Main;
  const std::unique_ptr<Strategy> walk = Make("random");
  hocket::testing::Schedule schedule = hocket::testing::RunStrategy(body, *walk, 0).schedule;
  schedule.exact.clear();  // as a token has it
  Executions executions(hocket::testing::MakePrefix(schedule, Make("stay")));
  CompareRun3(state, [&] { executions.Run(); });
}
// What an exploration takes of all processors together, its workers included.
double ProcessorSeconds() {
  double seconds = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    seconds += static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  }
  return seconds;
}

// An exploration by two processes beside one by this process alone. `ratio` is of the processor time that they take;
// `speedup` of the time that passes, which means something only if nobody else uses the processors.
void Run3Jobs(benchmark::State& state, const char* spelling) {
  constexpr std::uint64_t kExecutions = 300'000;
  const auto explore = [&](unsigned jobs) {
    hocket::testing::ExploreOptions options{.executions = kExecutions, .jobs = jobs};
    options.strategy = [&](std::uint64_t) { return Make(spelling); };
    return hocket::testing::Explore([] { return Main(); }, options).executions;
  };
  std::array<std::vector<double>, 2> passed;
  const auto by = [&](unsigned jobs) {
    return [&, jobs] {
      const double before = ProcessorSeconds();
      const auto start = std::chrono::steady_clock::now();
      benchmark::DoNotOptimize(explore(jobs));
      passed[jobs - 1].push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      return ProcessorSeconds() - before;
    };
  };
  Compare(state, kExecutions, by(2), Baseline{"ratio", by(1)});
  std::vector<double> speedups;
  for (std::size_t i = 0; i < passed[0].size(); ++i) speedups.push_back(passed[0][i] / passed[1][i]);
  state.counters["speedup"] = Median(std::move(speedups));
}
constexpr int kExplorations = 11;  // each takes as long as a row's other batches together
BENCHMARK_CAPTURE(Run3Jobs, random, "random")
    ->Name("Run3/jobs:2")
    ->UseManualTime()
    ->Iterations(kExplorations)
    ->Unit(benchmark::kNanosecond);

BENCHMARK_CAPTURE(Run3, random, "random")->Name("Run3/random") BENCH_MEASURED;
BENCH_ROW(Run3Traced, "Run3/random+trace");
BENCH_ROW(Run3Described, "Run3/random+described");
BENCHMARK_CAPTURE(Run3, pct, "pct")->Name("Run3/pct") BENCH_MEASURED;
BENCHMARK_CAPTURE(Run3, pos, "pos")->Name("Run3/pos") BENCH_MEASURED;
BENCHMARK_CAPTURE(Run3, surw, "surw")->Name("Run3/surw") BENCH_MEASURED;
BENCHMARK_CAPTURE(Run3, urw, "urw")->Name("Run3/urw") BENCH_MEASURED;
BENCH_ROW(Run3Replay, "Run3/replay");
BENCHMARK_CAPTURE(Run3, exhaustive, "exhaustive")->Name("Run3/exhaustive") BENCH_MEASURED;

}  // namespace
}  // namespace bench
