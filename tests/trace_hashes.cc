// Prints the trace hashes of an example: `bazel run //tests:trace_hashes -- bank > tests/golden/bank.hashes` after a
// change that is meant to change traces. Also the second process of determinism_test.
#include <cstdio>
#include <string>

#include "tests/example_programs.h"

int main(int argc, char** argv) {
  for (const hocket::testing::ExampleProgram& program : hocket::testing::ExamplePrograms()) {
    if (argc == 2 && program.name == argv[1]) {
      std::fputs(hocket::testing::TraceHashes(program.buggy).c_str(), stdout);
      return 0;
    }
  }
  std::fprintf(stderr, "usage: trace_hashes bank|bounded_queue|connection_pool\n");
  return 2;
}
