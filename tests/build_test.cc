// The toolchain and the libraries: C++20, GoogleTest, abseil and RapidCheck compile and link.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

static_assert(__cplusplus >= 202002L);

namespace {

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return number / 2;
}

TEST(Build, LinksAbseil) {
  EXPECT_EQ(*Half(8), 4);
  EXPECT_EQ(Half(7).status().message(), "odd");
}

RC_GTEST_PROP(Build, LinksRapidCheck, (std::vector<int> numbers)) {
  std::vector<int> twice = numbers;
  std::reverse(twice.begin(), twice.end());
  std::reverse(twice.begin(), twice.end());
  RC_ASSERT(twice == numbers);
}

}  // namespace
