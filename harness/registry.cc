#include "harness/registry.h"

#include <algorithm>
#include <map>

#include "hocket/testing/property_input.h"

namespace hocket::testing {

namespace {

enum class Kind { kTest, kProperty };

// Filled before main by the macros.
std::map<std::string, Kind>& Names() {
  static auto* names = new std::map<std::string, Kind>;
  return *names;
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

bool RegisterTest(const char* full_name) { return Names().emplace(full_name, Kind::kTest).second; }
bool RegisterProperty(const char* full_name) { return Names().emplace(full_name, Kind::kProperty).second; }

bool IsRegistered(const std::string& full_name) { return Names().count(WithoutInstantiation(full_name)) > 0; }

bool IsRegisteredTest(const std::string& full_name) {
  const auto found = Names().find(WithoutInstantiation(full_name));
  return found != Names().end() && found->second == Kind::kTest;
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

}  // namespace hocket::testing
