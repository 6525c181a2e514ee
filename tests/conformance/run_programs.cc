// Reads programs of the conformance language, one JSON object a line, on standard input, and prints one line for each:
// {"k":0,"seed":...,"trace":[...]}, with sorted keys and without spaces. A line that cannot be run gets a message on
// standard error instead, and the exit status is then 2.
//
//     run_programs [MAX_STEPS]
#include <charconv>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "tests/conformance/interpreter.h"

namespace {

using nlohmann::json;

constexpr int kBadInput = 2;

// Throws std::runtime_error.
json Parse(const std::string& line) {
  try {
    return json::parse(line);
  } catch (const json::parse_error& error) {
    throw std::runtime_error("character " + std::to_string(error.byte) + ": not valid JSON");
  } catch (const json::out_of_range&) {
    throw std::runtime_error("a number is too large");
  }
}

// The line that answers `line`. Throws std::exception.
std::string Answer(const std::string& line, std::uint64_t max_steps) {
  const json program = Parse(line);
  json answer = {{"k", 0}, {"trace", hocket::conformance::RunProgram(program, max_steps)}};
  answer["seed"] = program.value("seed", json());
  return answer.dump(-1, ' ', /*ensure_ascii=*/true);
}

bool ParseNumber(const char* text, std::uint64_t& number) {
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end && number > 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t max_steps = hocket::conformance::kDefaultMaxSteps;
  if (argc > 2 || (argc == 2 && !ParseNumber(argv[1], max_steps))) {
    std::cerr << "usage: run_programs [MAX_STEPS] < PROGRAMS\n";
    return kBadInput;
  }
  std::ios::sync_with_stdio(false);
  int status = 0;
  std::uint64_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    ++number;
    try {
      std::cout << Answer(line, max_steps) << '\n';
    } catch (const std::exception& error) {
      std::cerr << "line " << number << ": " << error.what() << '\n';
      status = kBadInput;
    }
  }
  return status;
}
