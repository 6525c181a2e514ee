#include "harness/registry.h"

#include <map>

#include "hocket/testing/property_input.h"

namespace hocket::testing {

namespace {

// Filled before main by the macros. A property has no body that bytes alone could run.
std::map<std::string, TestBody>& Bodies() {
  static auto* bodies = new std::map<std::string, TestBody>;
  return *bodies;
}

}  // namespace

bool RegisterBody(const char* full_name, TestBody body) { return Bodies().emplace(full_name, body).second; }
bool RegisterProperty(const char* full_name) { return Bodies().emplace(full_name, nullptr).second; }

TestBody FindBody(const std::string& full_name) {
  const auto found = Bodies().find(full_name);
  return found == Bodies().end() ? nullptr : found->second;
}

bool IsRegistered(const std::string& full_name) { return Bodies().count(full_name) > 0; }

std::vector<std::string> BodyNames() {
  std::vector<std::string> names;
  for (const auto& [name, body] : Bodies()) {
    if (body != nullptr) names.push_back(name);
  }
  return names;
}

}  // namespace hocket::testing
