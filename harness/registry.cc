#include "harness/registry.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "hocket/testing/property_input.h"

namespace hocket::testing {

namespace {

struct Entry {
  bool is_property = false;
  std::optional<PlainTest> plain_test;  // none: it has a fixture or is a property
};

// By full name. Filled before main by the macros.
std::map<std::string, Entry>& Entries() {
  static auto* entries = new std::map<std::string, Entry>;
  return *entries;
}

// "Suite.Name" out of "All/Suite.Name/3".
std::string WithoutInstantiation(const std::string& full_name) {
  const std::size_t dot = full_name.find('.');
  if (dot == std::string::npos) return full_name;
  const std::size_t prefix = full_name.substr(0, dot).rfind('/');
  const std::size_t begin = prefix == std::string::npos ? 0 : prefix + 1;
  return full_name.substr(begin, full_name.find('/', dot) - begin);
}

}  // namespace

bool RegisterTest(const PlainTest& test) { return Entries().emplace(test.full_name, Entry{.plain_test = test}).second; }
bool RegisterTest(const char* full_name) { return Entries().emplace(full_name, Entry{}).second; }
bool RegisterProperty(const char* full_name) { return Entries().emplace(full_name, Entry{.is_property = true}).second; }

bool IsRegistered(const std::string& full_name) { return Entries().count(WithoutInstantiation(full_name)) > 0; }

bool IsRegisteredTest(const std::string& full_name) {
  const auto found = Entries().find(WithoutInstantiation(full_name));
  return found != Entries().end() && !found->second.is_property;
}

std::vector<std::string> RegisteredTests() {
  std::vector<std::string> names;
  const ::testing::UnitTest& unit_test = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < unit_test.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *unit_test.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(j)->name();
      if (IsRegisteredTest(name)) names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<PlainTest> OnlyTest() {
  constexpr char kRule[] = "a fuzz test is one HOCKET_TEST without a fixture: ";
  if (Entries().empty()) return absl::InvalidArgumentError(std::string(kRule) + "expected one, found none");
  if (Entries().size() > 1) {
    std::string found;
    for (const auto& [name, entry] : Entries()) found += (found.empty() ? "" : ", ") + name;
    return absl::InvalidArgumentError(kRule + ("expected one, found " + std::to_string(Entries().size())) + ": " +
                                      found);
  }
  const auto& [name, entry] = *Entries().begin();
  if (!entry.plain_test) {
    return absl::InvalidArgumentError(kRule + name + (entry.is_property ? " is a HOCKET_PROPERTY" : " has one"));
  }
  return *entry.plain_test;
}

}  // namespace hocket::testing
