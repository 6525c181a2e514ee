#include "harness/fuzz.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "harness/fuzz_target.h"
#include "hocket/check.h"

// libFuzzer, AFL++'s driver and Centipede's runner all define it.
extern "C" __attribute__((weak)) int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                                         int (*callback)(const std::uint8_t* data, std::size_t size));

namespace hocket::testing {

namespace {

FuzzTarget* target = nullptr;

struct FuzzRequest {
  std::string test;
  int argc;
  char** argv;
  int status = EXIT_FAILURE;
};
FuzzRequest* request = nullptr;

int RunOneInput(const std::uint8_t* data, std::size_t size) {
  target->RunOne(data, size);
  return 0;
}

}  // namespace

void SetFuzzedTest(const std::string& test, int argc, char** argv) { request = new FuzzRequest{test, argc, argv}; }

bool IsFuzzed(const std::string& test) { return request != nullptr && request->test == test; }

int FuzzStatus() { return request == nullptr ? EXIT_FAILURE : request->status; }

bool FuzzEngineLinked() { return LLVMFuzzerRunDriver != nullptr; }

void RunFuzzer(const Body& body, const ExploreOptions& options, std::vector<FailureIdentity> known) {
  HOCKET_CHECK(FuzzEngineLinked()) << "no fuzzing engine is linked: build with --config=libfuzzer";
  HOCKET_CHECK(request != nullptr) << "which test is fuzzed is said before it runs";
  target = new FuzzTarget(body, options, std::move(known));
  request->status = LLVMFuzzerRunDriver(&request->argc, &request->argv, &RunOneInput);
}

}  // namespace hocket::testing
