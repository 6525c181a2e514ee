// The main of //:testing_main: GoogleTest's, with hocket's settings as flags, and the fuzzing engine if one is linked.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harness/fuzz.h"
#include "harness/registry.h"
#include "harness/settings.h"
#include "harness/settings_check.h"

namespace {

constexpr int kUsageError = 2;

int Refuse(const std::string& message) {
  std::fprintf(stderr, "hocket: %s\n", message.c_str());
  return kUsageError;
}

int Refuse(const absl::Status& status) { return Refuse(hocket::testing::MessageOf(status)); }

// Says what is wrong with HOCKET_FUZZ, or leaves that one test to run.
absl::Status ChooseFuzzedTest(const std::string& test, int argc, char** argv) {
  using namespace hocket::testing;
  const std::vector<std::string> tests = RegisteredTests();
  if (std::find(tests.begin(), tests.end(), test) == tests.end()) {
    std::string known;
    for (const std::string& name : tests) known += "\n  " + name;
    return absl::InvalidArgumentError("HOCKET_FUZZ: expected the name of a HOCKET_TEST in this binary, found '" + test +
                                      "'. There are:" + known);
  }
  if (!FuzzEngineLinked()) {
    return absl::InvalidArgumentError(
        "HOCKET_FUZZ: this binary has no fuzzing engine: build it with --config=libfuzzer or --config=afl");
  }
  SetFuzzedTest(test, argc, argv);
  GTEST_FLAG_SET(filter, test);
  GTEST_FLAG_SET(repeat, 1);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  // argv must stay terminated: GoogleTest moves the terminator along.
  std::vector<char*> kept;
  for (int i = 0; i < argc; ++i) {
    const absl::StatusOr<bool> consumed = i == 0 ? false : hocket::testing::ConsumeFlag(argv[i]);
    if (!consumed.ok()) return Refuse(consumed.status());
    if (!*consumed) kept.push_back(argv[i]);
  }
  argc = static_cast<int>(kept.size());
  kept.push_back(nullptr);

  if (const absl::Status status = hocket::testing::CheckSettings(); !status.ok()) return Refuse(status);
  ::testing::InitGoogleMock(&argc, kept.data());
  const char* const fuzzed = std::getenv("HOCKET_FUZZ");
  if (fuzzed == nullptr) return RUN_ALL_TESTS();
  // `--` keeps the engine's arguments apart in commands; the engine does not know it.
  std::erase_if(kept, [](const char* argument) { return argument != nullptr && std::string(argument) == "--"; });
  kept.erase(std::find(kept.begin(), kept.end(), nullptr) + 1, kept.end());
  const absl::Status status = ChooseFuzzedTest(fuzzed, static_cast<int>(kept.size()) - 1, kept.data());
  if (!status.ok()) return Refuse(status);
  // What the engine found is what counts.
  [[maybe_unused]] const int tests_failed = RUN_ALL_TESTS();
  return hocket::testing::FuzzStatus();
}
