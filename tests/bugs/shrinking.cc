#include "tests/bugs/shrinking.h"

#include <algorithm>
#include <memory>

#include "harness/execution.h"
#include "harness/strategy/replay.h"
#include "harness/strategy/search.h"
#include "hocket/testing/explore.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {

namespace {

using testing::Exploration;
using testing::ExploreOptions;
using testing::FailureIdentity;
using testing::Schedule;

std::size_t Size(const Schedule& schedule) { return schedule.deviations.size() + schedule.draws.size(); }

std::optional<std::size_t> FewestDelays(const testing::Body& body, const FailureIdentity& identity, std::size_t below) {
  constexpr std::uint64_t kMost = 20'000;  // executions of each search
  const ExploreOptions options;
  testing::Execution execution(body, options);
  for (std::uint32_t bound = 0; bound < below; ++bound) {
    testing::Search search({.kind = testing::SearchOptions::Kind::kDelays, .bound = bound});
    for (std::uint64_t index = 0; !search.Exhausted(); ++index) {
      if (index == kMost) return std::nullopt;
      search.StartExecution(index);
      const testing::Record& record = execution.Run(search);
      search.EndExecution();
      if (record.failure && record.failure->identity == identity) return bound;
    }
  }
  return below;  // nothing below it fails; what was shrunk has as many
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace

std::optional<Shrinking> ShrinkFound(const Program& program, std::uint64_t seed) {
  const testing::Body body = BodyOf(program, /*fixed=*/false, Regime::kPlain, /*padding=*/seed);
  const Exploration exploration = testing::Explore(body, {.seed = seed, .executions = 3000});
  if (!exploration.failure) return std::nullopt;
  const testing::FoundFailure& found = *exploration.failure;
  Shrinking shrinking;
  shrinking.program = &program;
  shrinking.seed = seed;
  shrinking.found = found.deviations_found;
  shrinking.shrunk = Size(found.schedule);
  shrinking.executions = found.shrink_executions;
  shrinking.fewest_delays = FewestDelays(body, found.failure.identity, shrinking.shrunk);
  ExploreOptions once{.executions = 1};
  once.strategy = [&](std::uint64_t) { return std::make_unique<testing::Replay>(found.schedule); };
  const Exploration again = testing::Explore(body, once);
  shrinking.pair = found.pair.has_value();
  shrinking.idempotent = again.failure && again.failure->schedule == found.schedule;
  return shrinking;
}

ShrinkingSummary Summarize(const std::vector<Shrinking>& all) {
  ShrinkingSummary summary;
  std::vector<double> shrunk;
  std::vector<double> executions;
  for (const Shrinking& one : all) {
    shrunk.push_back(static_cast<double>(one.shrunk));
    executions.push_back(static_cast<double>(one.executions));
    summary.most_shrunk = std::max(summary.most_shrunk, one.shrunk);
    summary.most_executions = std::max(summary.most_executions, executions.back());
    summary.idempotent += one.idempotent;
    summary.pairs += one.pair;
    if (!one.fewest_delays) continue;
    ++summary.proven;
    summary.within_one += one.shrunk <= *one.fewest_delays + 1;
    summary.equal += one.shrunk <= *one.fewest_delays;
  }
  summary.median_shrunk = Median(shrunk);
  summary.median_executions = Median(executions);
  return summary;
}

}  // namespace hocket::bugs
