// The name by which people know a task's function.
#ifndef HOCKET_HARNESS_FUNCTION_NAME_H_
#define HOCKET_HARNESS_FUNCTION_NAME_H_

#include <source_location>
#include <string>

namespace hocket::testing {

// "Transfer" out of "hocket::Task<> (anonymous namespace)::Transfer(Account &, int)"; nothing for a lambda or a test
// body, whose names say nothing.
std::string FunctionName(const std::source_location& body);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_FUNCTION_NAME_H_
