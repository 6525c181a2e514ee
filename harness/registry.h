// The HOCKET_TESTs and HOCKET_PROPERTYs in this binary, by full name.
#ifndef HOCKET_HARNESS_REGISTRY_H_
#define HOCKET_HARNESS_REGISTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hocket/testing/test.h"

namespace hocket::testing {

// Whether there is such a test or property. Of a test with parameters, any instantiation is one:
// "All/Suite.Name/3" is Suite.Name.
bool IsRegistered(const std::string& full_name);

// The same without the properties, which have no body that bytes alone could run.
bool IsRegisteredTest(const std::string& full_name);

// The full names of all tests in this binary for which IsRegisteredTest, in alphabetical order. Instantiations are
// there from InitGoogleTest on.
std::vector<std::string> RegisteredTests();

// What a fuzz test is: the one test in this binary, if there is one and it is a HOCKET_TEST.
absl::StatusOr<PlainTest> OnlyTest();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REGISTRY_H_
