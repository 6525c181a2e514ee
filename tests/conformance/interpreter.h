// Runs programs of the conformance language, and gives their traces in the form of Trio's reference model. See
// README.md for the language.
#ifndef HOCKET_TESTS_CONFORMANCE_INTERPRETER_H_
#define HOCKET_TESTS_CONFORMANCE_INTERPRETER_H_

#include <nlohmann/json.hpp>

namespace hocket::conformance {

// The trace of one program: a list of events. Throws std::exception if the program is not well-formed.
nlohmann::json RunProgram(const nlohmann::json& program);

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_INTERPRETER_H_
