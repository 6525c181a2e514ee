// The command line of //tools:schedule, taken apart.
#ifndef HOCKET_TOOLS_SCHEDULES_ARGUMENTS_H_
#define HOCKET_TOOLS_SCHEDULES_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace hocket::tools {

struct Arguments {
  std::string command;
  std::vector<std::string> inputs;  // tokens, files or folders
  std::string binary;               // a test binary, or empty
  std::string test;                 // its test, or empty: the one that the schedule names, or its only one
  std::string to;                   // a form to convert to, or empty
  std::string corpus;               // a folder to import into, or empty
  std::string output;               // a file, or empty: standard output
};

// What the words say, or which of them is wrong and what was expected.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words);

// How to use it.
std::string Usage();

}  // namespace hocket::tools

#endif  // HOCKET_TOOLS_SCHEDULES_ARGUMENTS_H_
