// The bodies of the HOCKET_TESTs in this binary, by full name.
#ifndef HOCKET_HARNESS_REGISTRY_H_
#define HOCKET_HARNESS_REGISTRY_H_

#include <string>
#include <vector>

#include "hocket/testing/test.h"

namespace hocket::testing {

// nullptr if there is none.
TestBody FindBody(const std::string& full_name);
std::vector<std::string> BodyNames();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REGISTRY_H_
