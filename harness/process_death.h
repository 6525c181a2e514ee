// How a forked process ended, in words.
#ifndef HOCKET_HARNESS_PROCESS_DEATH_H_
#define HOCKET_HARNESS_PROCESS_DEATH_H_

#include <string>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// "was ended by signal 11 (Segmentation fault)", "exited with status 1", for what waitpid gives.
std::string DescribeDeath(int status);

// The failure of an execution whose process ended in this way. Equal ways are the same failure.
ExecutionFailure CrashFailure(const std::string& death);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_PROCESS_DEATH_H_
