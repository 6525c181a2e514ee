// The gallery: all programs with known bugs, in a fixed order.
#ifndef HOCKET_TESTS_BUGS_GALLERY_H_
#define HOCKET_TESTS_BUGS_GALLERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hocket/testing/explore.h"
#include "tests/bugs/program.h"

namespace hocket::bugs {

const std::vector<Program>& Gallery();

// None if there is no program of that name.
const Program* FindProgram(const std::string& name);

// The program, or its fixed twin, for an exploration: each execution has a Setting of its own. What an execution
// observed is left in `observed`, if that is given. Lifetime: `program` and `observed` outlive the body.
testing::Body BodyOf(const Program& program, bool fixed, Regime regime, std::uint64_t padding,
                     std::string* observed = nullptr);

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_GALLERY_H_
