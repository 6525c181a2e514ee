// The HOCKET_TESTs and HOCKET_PROPERTYs in this binary, by full name.
#ifndef HOCKET_HARNESS_REGISTRY_H_
#define HOCKET_HARNESS_REGISTRY_H_

#include <string>
#include <vector>

#include "hocket/testing/test.h"

namespace hocket::testing {

// Whether there is such a test or property.
bool IsRegistered(const std::string& full_name);

// The body of a test; nullptr if there is none of that name.
TestBody FindBody(const std::string& full_name);
// The names of all tests that have a body.
std::vector<std::string> BodyNames();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REGISTRY_H_
