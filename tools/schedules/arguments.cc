#include "tools/schedules/arguments.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace hocket::tools {

namespace {

struct Command {
  const char* name;
  std::size_t least;  // inputs
  std::size_t most;
  const char* inputs;
};
constexpr std::size_t kAny = static_cast<std::size_t>(-1);
constexpr std::array<Command, 6> kCommands = {{{"show", 1, 1, "one schedule"},
                                               {"diff", 2, 2, "two schedules"},
                                               {"minimize", 1, 1, "one schedule"},
                                               {"convert", 1, 1, "one schedule"},
                                               {"import", 1, kAny, "an input that fails, or several"},
                                               {"stats", 1, kAny, "a folder of schedules, or several"}}};

std::string Names() {
  std::string names;
  for (const Command& command : kCommands) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", command.name);
  }
  return names;
}

absl::Status WordError(std::size_t number, const std::string& expected, const std::string& found) {
  return absl::InvalidArgumentError(absl::StrCat("argument ", number, ": expected ", expected, ", found ",
                                                 found.empty() ? "nothing" : "'" + found + "'"));
}

}  // namespace

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const Command* command = nullptr;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (command == nullptr) {
      for (const Command& known : kCommands) {
        if (word == known.name) command = &known;
      }
      if (command == nullptr) return WordError(i + 1, "one of " + Names(), word);
      arguments.command = word;
    } else if (word.rfind("--", 0) != 0) {
      arguments.inputs.push_back(word);
    } else {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      std::string* const value = name == "binary"   ? &arguments.binary
                                 : name == "test"   ? &arguments.test
                                 : name == "to"     ? &arguments.to
                                 : name == "corpus" ? &arguments.corpus
                                 : name == "output" ? &arguments.output
                                                    : nullptr;
      if (value == nullptr) return WordError(i + 1, "one of --binary, --test, --to, --corpus, --output", word);
      if (equals == std::string::npos || equals + 1 == word.size()) {
        return WordError(i + 1, "--" + name + "= and a value", word);
      }
      *value = word.substr(equals + 1);
    }
  }
  if (command == nullptr) return WordError(1, "one of " + Names(), "");
  if (arguments.inputs.size() < command->least) return WordError(words.size() + 1, command->inputs, "");
  if (arguments.inputs.size() > command->most) {
    return WordError(words.size(), absl::StrCat("no more than ", command->inputs), arguments.inputs.back());
  }
  return arguments;
}

std::string Usage() {
  return R"(usage: bazel run //tools:schedule -- COMMAND ...

A SCHEDULE is a token (h1:...) or a schedule file.

  show SCHEDULE                       what it says: failure, deviations, decisions
  show SCHEDULE --binary=PATH         runs it, and shows what happens
  diff SCHEDULE SCHEDULE              where two differ; exit status 1 if they do
  minimize SCHEDULE --binary=PATH     drops what the failure does not need
  convert SCHEDULE --to=FORM          into a token, without-exact (a token of what replays) or file
  convert SCHEDULE --to=FORM --binary=PATH
                                      into bytes (a fuzzer's input), html (a page), perfetto (a trace), dot
                                      or mermaid (the wait-for graph)
  convert BYTES --to=FORM --binary=PATH
                                      from a fuzzer's input
  import INPUT... --binary=PATH       shrinks what fails, and stores the smallest schedule of each failure;
                                      INPUT: what a fuzzer left, a schedule, or a folder of them; exit status 1
                                      if one of them could not be imported
  stats FOLDER...                     what is stored, by test and failure

  --corpus=FOLDER where to import to, instead of into corpus
  --output=FILE   where the result goes, instead of to standard output
  --test=NAME     the test of the binary, if the schedule does not name it and the binary has several

The binary is a test built with hocket's harness (bazel-bin/...). Exit status 2: the command line or a schedule is
wrong, at the place that the message says.
)";
}

}  // namespace hocket::tools
