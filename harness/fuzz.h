// Fuzzing a HOCKET_TEST: the engine's bytes are the schedule.
#ifndef HOCKET_HARNESS_FUZZ_H_
#define HOCKET_HARNESS_FUZZ_H_

#include <string>
#include <vector>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// From now on the test of this name is to be fuzzed when it is run: its fixture, suite and parameters are there then.
// `argc` and `argv` are argv[0] and the engine's arguments; they outlive the tests.
void SetFuzzedTest(const std::string& test, int argc, char** argv);
bool IsFuzzed(const std::string& test);

// Hands the process to the fuzzing engine that is linked in, with a FuzzTarget of `body`.
// REQUIRES: FuzzEngineLinked(), IsFuzzed.
// `known`: see FuzzTarget.
void RunFuzzer(const Body& body, const ExploreOptions& options, std::vector<FailureIdentity> known);
// The engine's exit status; none if no test has been fuzzed.
int FuzzStatus();

// Whether this binary was built with an engine (--config=libfuzzer or afl).
bool FuzzEngineLinked();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_FUZZ_H_
