// Reads programs of the conformance language, one JSON object a line, on standard input, and prints one line for each:
// {"k":0,"seed":...,"trace":[...]}, with sorted keys and without spaces, as the reference model does. A program that
// cannot be run gets a message with its line on standard error, and the exit status is then 2.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "tests/conformance/interpreter.h"

int main() {
  int status = 0;
  int number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    ++number;
    try {
      const nlohmann::json program = nlohmann::json::parse(line);
      nlohmann::json result = {{"k", 0}, {"trace", hocket::conformance::RunProgram(program)}};
      result["seed"] = program.contains("seed") ? program.at("seed") : nlohmann::json();
      std::cout << result.dump() << '\n';
    } catch (const std::exception& error) {
      std::cerr << "line " << number << ": " << error.what() << '\n';
      status = 2;
    }
  }
  return status;
}
