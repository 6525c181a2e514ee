#include "tests/bugs/measurement.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "harness/execution.h"
#include "hocket/check.h"
#include "hocket/testing/explore.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {

namespace {

struct Search {
  std::uint64_t executions = 0;
  bool found = false;
};

// Explore would shrink what it finds, and count what is distinct; neither is to be timed.
Search RunSearch(const testing::Body& body, testing::Strategy& strategy, std::uint64_t budget) {
  const testing::ExploreOptions options;
  testing::Execution execution(body, options);
  Search search;
  while (!search.found && search.executions < budget && !strategy.Exhausted()) {
    strategy.StartExecution(search.executions);
    search.found = execution.Run(strategy).failure.has_value();
    strategy.EndExecution();
    ++search.executions;
  }
  return search;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace

Measurement Measure(const Program& program, const MakeStrategy& make_strategy, const MeasurementOptions& options) {
  HOCKET_CHECK(options.seeds > 0 && options.budget > 0) << "nothing is measured without seeds and a budget";
  using Clock = std::chrono::steady_clock;
  Measurement measurement;
  std::vector<double> counts;
  std::uint64_t executions = 0;
  Clock::duration spent{};
  for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
    const testing::Body body = BodyOf(program, options.fixed, options.regime, seed);
    const std::unique_ptr<testing::Strategy> strategy = make_strategy(seed);
    const Clock::time_point start = Clock::now();
    const Search search = RunSearch(body, *strategy, options.budget);
    spent += Clock::now() - start;
    executions += search.executions;
    if (search.found) ++measurement.found;
    counts.push_back(static_cast<double>(search.found ? search.executions : options.budget));
  }
  measurement.median_executions = Median(std::move(counts));
  measurement.ns_per_execution = std::chrono::duration<double, std::nano>(spent).count() /
                                 static_cast<double>(std::max<std::uint64_t>(1, executions));
  return measurement;
}

double GeometricMean(const std::vector<double>& values) {
  HOCKET_CHECK(!values.empty()) << "there is no mean of nothing";
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace hocket::bugs
