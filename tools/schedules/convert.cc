#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "harness/settings.h"
#include "tools/schedules/commands.h"
#include "tools/schedules/input.h"
#include "tools/schedules/test_binary.h"

namespace hocket::tools {

namespace {

using testing::Schedule;

// What a failing replay leaves in its outputs, by the end of the file's name.
struct OutputForm {
  const char* name;
  const char* suffix;
};
constexpr std::array<OutputForm, 4> kOutputForms = {
    {{"html", ".html"}, {"perfetto", ".trace.json"}, {"dot", ".waits.dot"}, {"mermaid", ".waits.mmd"}}};

std::optional<std::string> InForm(const Schedule& schedule, const std::string& form) {
  if (form == "token") return testing::FormatToken(schedule) + "\n";
  if (form == "without-exact") return testing::FormatTokenWithin(schedule, 0) + "\n";
  if (form == "file") return testing::FormatScheduleFile(schedule);
  return std::nullopt;
}

absl::StatusOr<CommandResult> IntoBytes(const Arguments& arguments, const Input& input) {
  const std::string path = (std::filesystem::temp_directory_path() / absl::StrCat("hocket-bytes-", getpid())).string();
  const absl::StatusOr<TestRun> run =
      TestBinary(arguments.binary, arguments.test).Replay(input, {{"HOCKET_WRITE_BYTES", path}});
  absl::StatusOr<std::string> bytes = testing::ReadFile(path);
  std::error_code error;
  std::filesystem::remove(path, error);
  if (!run.ok()) return run.status();
  if (!bytes.ok()) return absl::NotFoundError("the test wrote no bytes. It says:\n" + run->output);
  return CommandResult{.text = *std::move(bytes)};
}

}  // namespace

absl::StatusOr<CommandResult> RunConvert(const Arguments& arguments) {
  const std::string& form = arguments.to;
  const OutputForm* output_form = nullptr;
  std::string names = "token, without-exact, file, bytes";
  for (const OutputForm& known : kOutputForms) {
    absl::StrAppend(&names, ", ", known.name);
    if (form == known.name) output_form = &known;
  }
  if (output_form == nullptr && form != "bytes" && !InForm(Schedule(), form)) {
    return absl::InvalidArgumentError("--to: expected one of " + names + ", found " +
                                      (form.empty() ? "nothing" : "'" + form + "'"));
  }
  const absl::StatusOr<Input> input = ReadInput(arguments.inputs[0]);
  if (!input.ok()) return input.status();
  const bool needs_program = output_form != nullptr || form == "bytes" || !input->schedule;
  if (!needs_program) return CommandResult{.text = *InForm(*input->schedule, form)};
  if (arguments.binary.empty()) {
    const std::string test = input->schedule ? input->schedule->test : arguments.test;
    return absl::InvalidArgumentError(absl::StrCat(
        "convert: expected --binary=PATH, because the program has to run for this",
        form == "bytes" ? absl::StrCat("; by hand: HOCKET_REPLAY=", input->word, " HOCKET_WRITE_BYTES=<file> <binary> ",
                                       "--gtest_filter=", test.empty() ? "<test>" : test)
                        : ""));
  }
  if (form == "bytes") return IntoBytes(arguments, *input);
  const absl::StatusOr<TestRun> run = TestBinary(arguments.binary, arguments.test).Replay(*input);
  if (!run.ok()) return run.status();
  if (output_form != nullptr) {
    if (std::optional<std::string> file = FileOf(*run, output_form->suffix)) return CommandResult{.text = *file};
    return CommandResult{.notes = absl::StrCat("the replay left no ", form,
                                               ": no task was waiting when it ended. It says:\n", run->output),
                         .status = 1};
  }
  if (!run->schedule) return absl::NotFoundError("the replay left no schedule. It says:\n" + run->output);
  return CommandResult{.text = *InForm(*run->schedule, form)};
}

}  // namespace hocket::tools
