#include "fuzz/measure/run3.h"

#include <algorithm>
#include <vector>

#include "harness/fuzz_target.h"
#include "hocket/check.h"
#include "hocket/testing/explore.h"

namespace hocket::measure {

namespace {

Task<> Setter(Event& event) {
  for (int i = 0; i < 3; ++i) co_await Checkpoint();
  event.Set();
}
Task<> Waiter(Event& event) {
  co_await event.Wait();
  co_await Checkpoint();
}
Task<> Bystander() {
  for (int i = 0; i < 3; ++i) co_await Checkpoint();
}

double PerSecond(const EngineRun& run) { return static_cast<double>(run.executions) / run.seconds; }

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

Task<> Run3() {
  Event event;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Setter, std::ref(event));
    nursery.StartSoon(Waiter, std::ref(event));
    nursery.StartSoon(Bystander);
    co_return;
  });
}

Throughput MeasureThroughput(std::uint64_t executions, int pairs) {
  HOCKET_CHECK(pairs > 0) << "nothing is measured without a run";
  testing::FuzzTarget target(Run3, testing::ExploreOptions{}, {});
  const auto run3 = [&](const std::uint8_t* data, std::size_t size) {
    target.RunOne(data, size);
    return false;
  };
  const auto empty = [](const std::uint8_t*, std::size_t) { return false; };
  Throughput throughput;
  std::vector<double> empties;
  std::vector<double> run3s;
  std::vector<double> ratios;
  for (int pair = 0; pair < pairs; ++pair) {
    const std::vector<std::string> arguments = {"-len_control=0", "-max_len=512", "-seed=" + std::to_string(pair + 1)};
    empties.push_back(PerSecond(RunEngine(empty, executions, arguments)));
    const EngineRun run = RunEngine(run3, executions, arguments);
    run3s.push_back(PerSecond(run));
    ratios.push_back(run3s.back() / empties.back());
    throughput.memory = std::max(throughput.memory, run.memory);
    throughput.more_memory = std::max(throughput.more_memory, run.memory - std::min(run.memory, run.early_memory));
  }
  throughput.empty_per_second = Median(empties);
  throughput.run3_per_second = Median(run3s);
  throughput.ratio = Median(ratios);
  return throughput;
}

}  // namespace hocket::measure
