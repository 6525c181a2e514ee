// Prints after each test how much it has explored, and fails it if that was nearly the same all the time.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>

namespace hocket::explored {
namespace {

class Statement final : public ::testing::EmptyTestEventListener {
  void OnTestEnd(const ::testing::TestInfo& test) override {
    std::uint64_t executions = 0;
    std::uint64_t distinct = 0;
    for (int i = 0; i < test.result()->test_property_count(); ++i) {
      const ::testing::TestProperty& property = test.result()->GetTestProperty(i);
      const std::string key = property.key();
      if (key == "hocket_executions") executions = std::stoull(property.value());
      if (key == "hocket_distinct_schedules") distinct = std::stoull(property.value());
    }
    if (executions == 0) return;
    std::printf("%s.%s: %llu executions, %llu different schedules\n", test.test_suite_name(), test.name(),
                static_cast<unsigned long long>(executions), static_cast<unsigned long long>(distinct));
    EXPECT_GE(distinct * 100, executions * 99) << "the program has too few schedules for so many executions";
  }
};

[[maybe_unused]] const bool kRegistered = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new Statement);
  return true;
}();

}  // namespace
}  // namespace hocket::explored
