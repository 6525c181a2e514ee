// For tests of the harness as its users see it: runs programs, and reads what they print.
#ifndef HOCKET_TESTS_RUN_PROGRAM_H_
#define HOCKET_TESTS_RUN_PROGRAM_H_

#include <string>
#include <vector>

namespace hocket::testing {

// The program of this name, which lies beside this one.
std::string ProgramBesides(const std::string& name);

struct Result {
  int status = 0;      // 128 and the signal's number, if one ended it
  std::string output;  // standard output and error
};

// Runs a shell command in an environment that has `variables` and what the sanitizers need, and nothing of the test
// that runs here.
Result RunCommand(const std::string& variables, const std::string& command);

std::vector<std::string> Lines(const std::string& text);

int Count(const std::string& text, const std::string& part);

// The rest of the first line that begins with `prefix`; empty if none does.
std::string LineAfter(const std::string& text, const std::string& prefix);

// What stands behind `replay: ` at the start of a line; empty if there is not exactly one such line.
std::string ReplayCommandIn(const std::string& output);

// The token in a replay line.
std::string TokenIn(const std::string& output);

// From the heading of the schedule to the replay line: the deviations and the lanes.
std::string LanesIn(const std::string& output);

// A fresh folder for the outputs of one test.
std::string Folder();

std::string Content(const std::string& path);

void Write(const std::string& path, const std::string& content);

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_RUN_PROGRAM_H_
