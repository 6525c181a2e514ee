// The programs of examples/ by name, for tests that run all of them.
#ifndef HOCKET_TESTS_EXAMPLE_PROGRAMS_H_
#define HOCKET_TESTS_EXAMPLE_PROGRAMS_H_

#include <string>
#include <vector>

#include "hocket/testing/explore.h"

namespace hocket::testing {

struct ExampleProgram {
  std::string name;
  std::string test;  // in examples/examples_test.cc: the test of its fixed twin
  Body buggy;
  Body fixed;
};

const std::vector<ExampleProgram>& ExamplePrograms();

// The hashes of the traces of this many random schedules of a program, one a line, in hexadecimal: what tests/golden/
// has.
inline constexpr int kTraceHashes = 1000;
std::string TraceHashes(const Body& body);

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_EXAMPLE_PROGRAMS_H_
