// Fuzzing a HOCKET_TEST: the engine's bytes are the schedule.
#ifndef HOCKET_HARNESS_FUZZ_H_
#define HOCKET_HARNESS_FUZZ_H_

#include <string>

#include "hocket/testing/test.h"

namespace hocket::testing {

// Hands the process to the fuzzing engine that is linked in, with `body` as its target and argv[0] and the engine's
// arguments in `argc`, `argv`. Returns the engine's exit status. A failing input prints its report and aborts, which is
// what every engine takes for a crash. REQUIRES: FuzzEngineLinked(), and CheckSettings() is ok.
int RunFuzzer(const std::string& test, TestBody body, int argc, char** argv);

// Whether this binary was built with an engine (--config=libfuzzer).
bool FuzzEngineLinked();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_FUZZ_H_
