// Programs of the conformance language (tests/conformance/README.md) as inputs.
#ifndef HOCKET_FUZZ_DRAWN_PROGRAM_H_
#define HOCKET_FUZZ_DRAWN_PROGRAM_H_

#include <nlohmann/json.hpp>

namespace hocket::testing {

// A well-formed program of a few dozen statements at most, with the schedule that it runs under.
nlohmann::json DrawProgram();

// `program` after a few changes somewhere inside: it may not be one any more.
nlohmann::json DrawDamage(nlohmann::json program);

}  // namespace hocket::testing

#endif  // HOCKET_FUZZ_DRAWN_PROGRAM_H_
