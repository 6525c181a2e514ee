// Run3 as a target: three tasks that switch and wait ten times in all (bench/run3_bench.cc has the same).
#ifndef HOCKET_FUZZ_MEASURE_RUN3_H_
#define HOCKET_FUZZ_MEASURE_RUN3_H_

#include <cstdint>
#include <functional>

#include "fuzz/measure/engine_run.h"
#include "hocket/hocket.h"

namespace hocket::measure {

Task<> Run3();

// What run3 costs under the engine, against a target that does nothing, with the same counters in the same binary.
struct Throughput {
  double empty_per_second = 0;  // executions
  double run3_per_second = 0;
  double ratio = 0;               // of the second to the first: the median over pairs of runs
  std::uint64_t memory = 0;       // resident bytes, at the end of the longest run of run3
  std::uint64_t more_memory = 0;  // than after a tenth of it
};

// Runs both in turn, `pairs` times, with `executions` each. REQUIRES: executions > 0, pairs > 0.
Throughput MeasureThroughput(std::uint64_t executions, int pairs);

}  // namespace hocket::measure

#endif  // HOCKET_FUZZ_MEASURE_RUN3_H_
