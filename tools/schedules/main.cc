// Looks at stored schedules, and changes them: see Usage().
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "harness/settings.h"
#include "tools/schedules/arguments.h"
#include "tools/schedules/commands.h"

namespace {

using namespace hocket::tools;

constexpr int kUsageError = 2;

absl::StatusOr<CommandResult> RunCommand(const Arguments& arguments) {
  if (arguments.command == "show") return RunShow(arguments);
  if (arguments.command == "diff") return RunDiff(arguments);
  if (arguments.command == "minimize") return RunMinimize(arguments);
  if (arguments.command == "convert") return RunConvert(arguments);
  if (arguments.command == "import") return RunImport(arguments);
  return RunStats(arguments);
}

int Refuse(const absl::Status& status) {
  std::fprintf(stderr, "schedule: %s\n", hocket::testing::MessageOf(status).c_str());
  return kUsageError;
}

}  // namespace

int main(int argc, char** argv) {
  // Paths are meant from where `bazel run` was called.
  if (const char* folder = std::getenv("BUILD_WORKING_DIRECTORY"); folder != nullptr && chdir(folder) != 0) {
    return Refuse(absl::NotFoundError(std::string("folder '") + folder + "' cannot be entered"));
  }
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "help") {
    std::fputs(Usage().c_str(), stdout);
    return words.empty() ? kUsageError : 0;
  }
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) return Refuse(arguments.status());
  const absl::StatusOr<CommandResult> result = RunCommand(*arguments);
  if (!result.ok()) return Refuse(result.status());
  std::fputs(result->notes.c_str(), stderr);
  if (arguments->output.empty()) {
    std::fwrite(result->text.data(), 1, result->text.size(), stdout);
  } else if (!(std::ofstream(arguments->output, std::ios::binary) << result->text).flush()) {
    return Refuse(absl::NotFoundError("--output: file '" + arguments->output + "' cannot be written"));
  }
  return result->status;
}
