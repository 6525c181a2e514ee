// Measures a subject against baselines in one process, so that what disturbs the machine disturbs all of them.
//
// Time is of one operation of the subject. `ratio` and its like are how many times the baseline's time that is: the
// median over many short batches, each of which is compared with the baseline's batch right after it. Ratios hold on a
// busy machine where times do not.
#ifndef HOCKET_BENCH_MEASURE_H_
#define HOCKET_BENCH_MEASURE_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace bench {

inline constexpr int kBatches = 151;  // a row's iterations: enough for a steady median

// Tells the processor time of this thread. Time that passes would count what others do with the processor meanwhile,
// which for the longer batches on a busy machine is several times as much.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + duration(time.tv_nsec));
  }
};

// The processor time that `batch()` takes, in seconds.
template <class Batch>
double Timed(Batch&& batch) {
  const Clock::time_point start = Clock::now();
  batch();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// What a subject is measured against: `batch` runs as many operations as the subject's, and gives the seconds that they
// took.
template <class Batch>
struct Baseline {
  const char* counter;
  Batch batch;
};
template <class Batch>
Baseline(const char*, Batch) -> Baseline<Batch>;

// Runs `subject`, a callable that runs `operations` operations and gives the seconds that they took, and the baselines
// in turn.
template <class Subject, class... Batches>
void Compare(benchmark::State& state, std::uint64_t operations, Subject subject, Baseline<Batches>... baselines) {
  subject();  // fills caches and pools
  (baselines.batch(), ...);
  const double count = static_cast<double>(operations);
  std::vector<double> times;
  std::array<std::vector<double>, sizeof...(Batches)> ratios;
  std::array<std::vector<double>, sizeof...(Batches)> baseline_times;
  for (auto _ : state) {
    const double time = subject();
    state.SetIterationTime(time / count);
    times.push_back(time / count);
    std::size_t i = 0;
    const auto compare = [&](double baseline) {
      ratios[i].push_back(time / baseline);
      baseline_times[i++].push_back(baseline / count);
    };
    (compare(baselines.batch()), ...);
  }
  state.counters["median_ns"] = Median(std::move(times)) * 1e9;
  std::size_t i = 0;
  const auto report = [&](const char* counter) {
    state.counters[counter] = Median(std::move(ratios[i]));
    state.counters[std::string(counter) + "_base_ns"] = Median(std::move(baseline_times[i++])) * 1e9;
  };
  (report(baselines.counter), ...);
}

}  // namespace bench

// How every row is measured: what is registered, `BENCHMARK_CAPTURE(...) BENCH_MEASURED`.
#define BENCH_MEASURED ->UseManualTime()->Iterations(::bench::kBatches)->Unit(benchmark::kNanosecond)

// Registers `function` as the row `name`; further calls on the result are Google Benchmark's, `->Arg(n)`.
#define BENCH_ROW(function, name) BENCHMARK(function)->Name(name) BENCH_MEASURED

#endif  // HOCKET_BENCH_MEASURE_H_
