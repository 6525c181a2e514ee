// Lets the GoogleTest binary of a fuzz test fail as well if engines could not run it, so that `bazel test` tells of it.
#include <gtest/gtest.h>

#include "harness/registry.h"
#include "harness/settings.h"

namespace hocket::testing {
namespace {

class FuzzTestCheck final : public ::testing::Environment {
 public:
  // GoogleTest runs no test after a fatal failure in here.
  void SetUp() override {
    const absl::StatusOr<PlainTest> test = OnlyTest();
    if (!test.ok()) FAIL() << "hocket: " << MessageOf(test.status());
  }
};

[[maybe_unused]] ::testing::Environment* const fuzz_test_check = ::testing::AddGlobalTestEnvironment(new FuzzTestCheck);

}  // namespace
}  // namespace hocket::testing
