// Measures what the fuzz target's own loop costs, and whether it keeps memory:
//
//   bazel run -c opt --config=libfuzzer //fuzz/measure:throughput -- 10000000 1
//
// The arguments are the executions of each run and how many pairs of runs.
#include <cstdio>
#include <cstdlib>

#include "fuzz/measure/run3.h"

int main(int argc, char** argv) {
  const unsigned long long executions = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const int pairs = argc > 2 ? std::atoi(argv[2]) : 5;
  const hocket::measure::Throughput found = hocket::measure::MeasureThroughput(executions, pairs);
  std::printf("an empty target: %.0f executions per second of processor time\n", found.empty_per_second);
  std::printf("run3: %.0f, a ratio of %.2f\n", found.run3_per_second, found.ratio);
  std::printf("resident after %llu executions: %.1f MB, %.1f MB more than after a tenth of them\n", executions,
              static_cast<double>(found.memory) / 1e6, static_cast<double>(found.more_memory) / 1e6);
}
