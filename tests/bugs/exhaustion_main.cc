// How large the gallery's programs are: exhaustive search of the ten of the study that are about cancellation, with
// what may be decided besides who runs off and on.
//
//   bazel run -c opt //tests/bugs:exhaustion
//   bazel run -c opt --config=observe //tests/bugs:exhaustion
//
// Without --config=observe it rests on what the programs report (PlainMemory::kReported).
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "harness/execution.h"
#include "harness/strategy/search.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/observe.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

constexpr std::uint64_t kMost = 200'000;  // executions

void Exhaust(const Program& program, TimePasses time_passes, WakeOrder wake_order) {
  testing::ExploreOptions options;
  options.time_passes = time_passes;
  options.wake_order = wake_order;
  options.memory = testing::MemoryIsObserved() ? testing::PlainMemory::kObserved : testing::PlainMemory::kReported;
  const testing::Body body = BodyOf(program, /*fixed=*/true, Regime::kPlain, /*padding=*/1);
  testing::Execution execution(body, options);
  testing::Search search({.kind = testing::SearchOptions::Kind::kReduced, .memory = options.memory});
  std::uint64_t steps = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t index = 0; index < kMost && !search.Exhausted(); ++index) {
    search.StartExecution(index);
    steps += execution.Run(search).steps;
    search.EndExecution();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const testing::Coverage coverage = *search.Covered();
  std::printf("%-28s %-9s %-6s %8llu%s classes %8llu cut %9.1f ms %9.0f steps/s\n", program.name,
              time_passes == TimePasses::kAnytime ? "anytime" : "idle", wake_order == WakeOrder::kAny ? "any" : "first",
              static_cast<unsigned long long>(coverage.schedules), coverage.complete ? "" : "+",
              static_cast<unsigned long long>(coverage.cut), seconds * 1e3, static_cast<double>(steps) / seconds);
}

}  // namespace
}  // namespace hocket::bugs

int main() {
  for (const hocket::bugs::Program& program : hocket::bugs::Gallery()) {
    if (!program.study || !program.cancels) continue;
    hocket::bugs::Exhaust(program, hocket::TimePasses::kWhenIdle, hocket::WakeOrder::kFirst);
    hocket::bugs::Exhaust(program, hocket::TimePasses::kAnytime, hocket::WakeOrder::kFirst);
    hocket::bugs::Exhaust(program, hocket::TimePasses::kWhenIdle, hocket::WakeOrder::kAny);
  }
}
