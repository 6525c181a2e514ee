// How small the failures of a program of the gallery become, and whether they could be smaller.
#ifndef HOCKET_TESTS_BUGS_SHRINKING_H_
#define HOCKET_TESTS_BUGS_SHRINKING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

struct Shrinking {
  const Program* program = nullptr;
  std::uint64_t seed = 0;
  std::size_t found = 0;   // deviations and drawn values before shrinking
  std::size_t shrunk = 0;  // and after
  std::uint64_t executions = 0;
  // With how few delays the same failure can be had: proved by a search of everything below.
  std::optional<std::size_t> fewest_delays;
  bool idempotent = false;  // shrunk once more, it stays what it is
  bool pair = false;        // a passing schedule next to it is known
};

// Explores with the default strategy; none if nothing is found.
std::optional<Shrinking> ShrinkFound(const Program& program, std::uint64_t seed);

struct ShrinkingSummary {
  double median_shrunk = 0;
  std::size_t most_shrunk = 0;
  double median_executions = 0;
  double most_executions = 0;
  std::size_t proven = 0;      // whose fewest delays are known
  std::size_t within_one = 0;  // of them, at most one more than that
  std::size_t equal = 0;
  std::size_t idempotent = 0;
  std::size_t pairs = 0;
};

ShrinkingSummary Summarize(const std::vector<Shrinking>& all);

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_SHRINKING_H_
