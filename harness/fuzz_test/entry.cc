// What a fuzzing engine calls: the one test of the binary as a function of bytes. It always returns 0, for some engines
// take anything else for a crash, and never leaves by exit().
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "harness/fuzz_target.h"
#include "harness/registry.h"
#include "harness/settings.h"
#include "harness/test_run.h"

namespace hocket::testing {

namespace {

constexpr int kUsageError = 2;

[[noreturn]] void Refuse(const absl::Status& status) {
  std::fprintf(stderr, "hocket: %s\n", MessageOf(status).c_str());
  std::exit(kUsageError);
}

FuzzTarget* MakeTarget() {
  const absl::StatusOr<PlainTest> test = OnlyTest();
  if (!test.ok()) Refuse(test.status());
  const TestOptions given = test->options();
  const absl::StatusOr<Settings> settings = ReadSettings(given);
  if (!settings.ok()) Refuse(settings.status());
  return new FuzzTarget(test->body, OptionsFor(test->full_name, *settings, given),
                        KnownFailures(*settings, test->full_name));
}

FuzzTarget& Target() {
  static FuzzTarget* const target = MakeTarget();
  return *target;
}

}  // namespace

}  // namespace hocket::testing

// Engines that do not call it find the same out with the first input.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  hocket::testing::Target();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hocket::testing::Target().RunOne(data, size);
  return 0;
}
