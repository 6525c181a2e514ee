#include "harness/repetition.h"

#include <gtest/gtest.h>

namespace hocket::testing {

namespace {

std::uint64_t repetition = 0;

class Listener final : public ::testing::EmptyTestEventListener {
  void OnTestIterationStart(const ::testing::UnitTest&, int iteration) override {
    repetition = static_cast<std::uint64_t>(iteration);
  }
};

[[maybe_unused]] const bool listens = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new Listener);
  return true;
}();

}  // namespace

std::uint64_t Repetition() noexcept { return repetition; }

}  // namespace hocket::testing
