// The main() of a fuzz test's own binary: that of the engine, if one is linked, else one that runs the inputs it is
// given, as engines do in their regression mode.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/statusor.h"
#include "harness/input_files.h"
#include "harness/settings.h"

extern "C" {
int LLVMFuzzerInitialize(int* argc, char*** argv);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// libFuzzer and AFL++'s driver define it.
__attribute__((weak)) int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                              int (*callback)(const std::uint8_t* data, std::size_t size));
}

namespace {

constexpr int kUsageError = 2;

int Refuse(const std::string& message) {
  std::fprintf(stderr, "hocket: %s\n", message.c_str());
  return kUsageError;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerRunDriver != nullptr) return LLVMFuzzerRunDriver(&argc, &argv, &LLVMFuzzerTestOneInput);
  LLVMFuzzerInitialize(&argc, &argv);
  bool has_path = false;
  std::size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind('-', 0) == 0) {
      std::fprintf(stderr, "hocket: no fuzzing engine is linked, which could understand %s\n", argument.c_str());
      continue;
    }
    has_path = true;
    const absl::StatusOr<std::vector<std::string>> files = hocket::testing::InputFiles(argument);
    if (!files.ok()) return Refuse(hocket::testing::MessageOf(files.status()));
    for (const std::string& file : *files) {
      const absl::StatusOr<std::string> bytes = hocket::testing::ReadFile(file);
      if (!bytes.ok()) return Refuse(hocket::testing::MessageOf(bytes.status()));
      std::fprintf(stderr, "running: %s\n", file.c_str());
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size());
      ++inputs;
    }
  }
  if (!has_path) {
    return Refuse(
        "no fuzzing engine is linked: expected files or folders with inputs to run. To fuzz, build with "
        "--config=libfuzzer or --config=afl");
  }
  std::fprintf(stderr, "%zu inputs, no failure\n", inputs);
  return 0;
}
