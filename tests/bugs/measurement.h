// How soon a strategy finds a program's bug, and at which price.
#ifndef HOCKET_TESTS_BUGS_MEASUREMENT_H_
#define HOCKET_TESTS_BUGS_MEASUREMENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "hocket/testing/strategy.h"
#include "tests/bugs/program.h"

namespace hocket::bugs {

struct MeasurementOptions {
  bool fixed = false;  // the twin, in which nothing should be found
  Regime regime = Regime::kPlain;
  std::uint64_t seeds = 21;       // explorations, with seeds from 1 on; the padding of each is its seed's
  std::uint64_t budget = 10'000;  // executions of each, at most
};

struct Measurement {
  std::uint64_t found = 0;  // in how many of the explorations an execution failed
  // Up to and with the first execution that failed. An exploration that finds nothing counts as the budget, also if
  // its strategy says that nothing is left.
  double median_executions = 0;
  double ns_per_execution = 0;
};

// Makes the strategy of the exploration with this seed.
using MakeStrategy = std::function<std::unique_ptr<testing::Strategy>(std::uint64_t seed)>;

Measurement Measure(const Program& program, const MakeStrategy& make_strategy, const MeasurementOptions& options);

// Of numbers above 0. REQUIRES: at least one.
double GeometricMean(const std::vector<double>& values);

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_MEASUREMENT_H_
