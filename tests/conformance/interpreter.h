// Runs programs of the conformance language, and gives their traces in the form of Trio's. See README.md for both.
#ifndef HOCKET_TESTS_CONFORMANCE_INTERPRETER_H_
#define HOCKET_TESTS_CONFORMANCE_INTERPRETER_H_

#include <cstdint>
#include <nlohmann/json.hpp>

namespace hocket::conformance {

// Far more than a program takes whose statements run once each.
inline constexpr std::uint64_t kDefaultMaxSteps = 1'000'000;

// The trace of one program: a list of events. Throws BadProgram if the program is not well-formed, and
// std::runtime_error if it has not ended after `max_steps` steps of its tasks.
nlohmann::json RunProgram(const nlohmann::json& program, std::uint64_t max_steps = kDefaultMaxSteps);

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_INTERPRETER_H_
