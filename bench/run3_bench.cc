// Run3: make a run, three tasks that switch and wait ten times in all, end the run. What explorers do millions of
// times.
#include <cstdint>
#include <memory>

#include "bench/measure.h"
#include "bench/raw_ring.h"
#include "harness/describer.h"
#include "harness/execution.h"
#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace bench {
namespace {

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

// `describe`: as when a failure is shown, with its whole trace.
void Run3Random(benchmark::State& state, bool describe) {
  const hocket::testing::Body body = Main;
  const hocket::testing::ExploreOptions options;
  hocket::testing::Execution execution(body, options);
  const std::unique_ptr<hocket::testing::Strategy> strategy = hocket::testing::MakeRandomWalk(kSeed);
  std::uint64_t runs = 0;
  const auto subject = [&] {
    return Timed([&] {
      for (std::uint64_t run = 0; run < kRuns; ++run) {
        strategy->StartExecution(runs++);
        if (describe) {
          hocket::testing::Describer describer(*strategy);
          benchmark::DoNotOptimize(execution.Run(describer, &describer).hash);
        } else {
          benchmark::DoNotOptimize(execution.Run(*strategy).hash);
        }
      }
    });
  };
  Compare(state, kRuns, subject, Baseline{"ratio", RawPicked<raw::Pooled>()},
          Baseline{"ratio_heap", RawPicked<raw::Heap>()}, Baseline{"ratio_fresh", RawPickedFresh});
}
void Run3Recorded(benchmark::State& state) { Run3Random(state, false); }
void Run3Traced(benchmark::State& state) { Run3Random(state, true); }
BENCH_ROW(Run3Recorded, "Run3/random");
BENCH_ROW(Run3Traced, "Run3/random+trace");

}  // namespace
}  // namespace bench
