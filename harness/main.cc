// The main of //:testing_main: GoogleTest's, with hocket's settings as flags, and the fuzzing engine if one is linked.
#include <gmock/gmock.h>

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

int Fuzz(const std::string& test, int argc, char** argv) {
  using namespace hocket::testing;
  const TestBody body = FindBody(test);
  if (body == nullptr) {
    std::string known;
    for (const std::string& name : BodyNames()) known += "\n  " + name;
    return Refuse("HOCKET_FUZZ: expected the name of a HOCKET_TEST in this binary, found '" + test +
                  "'. There are:" + known);
  }
  if (!FuzzEngineLinked())
    return Refuse("HOCKET_FUZZ: this binary has no fuzzing engine: build it with --config=libfuzzer");
  return RunFuzzer(test, body, argc, argv);
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
  if (const char* test = std::getenv("HOCKET_FUZZ")) {
    // `--` keeps the engine's arguments apart in commands; the engine does not know it.
    std::erase_if(kept, [](const char* argument) { return argument != nullptr && std::string(argument) == "--"; });
    return Fuzz(test, static_cast<int>(kept.size()) - 1, kept.data());
  }
  ::testing::InitGoogleMock(&argc, kept.data());
  return RUN_ALL_TESTS();
}
