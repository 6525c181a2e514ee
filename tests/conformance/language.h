// The language of the conformance programs: which fields a program and its statements have, and what may stand in them.
// README.md says what they mean.
#ifndef HOCKET_TESTS_CONFORMANCE_LANGUAGE_H_
#define HOCKET_TESTS_CONFORMANCE_LANGUAGE_H_

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace hocket::conformance {

// A program that is not of the language. The message says where: "main[0].body[2].dt: expected ...".
class BadProgram : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws BadProgram unless `program` is well-formed: every field that must be there is, no other is, each is of its
// type and within its range, and what it refers to exists. Such a program can be run; what it does wrong then (releases
// a lock that it does not hold, say) is a part of its trace.
void CheckProgram(const nlohmann::json& program);

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_LANGUAGE_H_
