// The loop around an input costs little, and keeps nothing. Bounded, for every build with libFuzzer; `throughput`
// measures for longer.
#include <gtest/gtest.h>

#include <cstdlib>

#include "fuzz/measure/run3.h"

namespace hocket::measure {
namespace {

bool Config(const char* variable) { return std::getenv(variable) != nullptr; }

TEST(Throughput, OfRun3IsAQuarterOfAnEmptyTargets) {
  if (!Config("HOCKET_CONFIG_LIBFUZZER")) GTEST_SKIP() << "an engine is needed: --config=libfuzzer";
  const bool has_sanitizer = Config("HOCKET_CONFIG_ASAN") || Config("HOCKET_CONFIG_UBSAN");
  const Throughput found = MeasureThroughput(has_sanitizer ? 10'000 : 50'000, 5);
  // docs/fuzzing.md has what was measured; twice as slow is below this, but for sanitizers.
  EXPECT_GE(found.ratio, has_sanitizer ? 0.05 : 0.25);
  // Sanitizers keep freed memory for a while.
  if (!has_sanitizer) EXPECT_LT(found.more_memory, 4'000'000u);
}

}  // namespace
}  // namespace hocket::measure
