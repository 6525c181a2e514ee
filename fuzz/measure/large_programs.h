// Programs of hundreds of decisions with one rare bug each: what the guidance of a fuzzer is measured on, because the
// gallery's are found before an engine has learnt anything.
#ifndef HOCKET_FUZZ_MEASURE_LARGE_PROGRAMS_H_
#define HOCKET_FUZZ_MEASURE_LARGE_PROGRAMS_H_

#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

Program Staged();      // five windows, each behind the one before; every stage runs code of its own
Program StagedData();  // the same, where the stages differ in a number only
Program ReplicatedLog();

const std::vector<Program>& LargePrograms();

}  // namespace hocket::bugs

#endif  // HOCKET_FUZZ_MEASURE_LARGE_PROGRAMS_H_
