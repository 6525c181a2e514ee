// GoogleTest's expectations as the harness sees them: held back while executions run.
#ifndef HOCKET_HARNESS_EXPECTATIONS_H_
#define HOCKET_HARNESS_EXPECTATIONS_H_

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// As long as it lives, no expectation on this thread reaches GoogleTest, whoever's it is; the first one that fails in
// an execution is kept for Failure().
class HeldExpectations final : public Expectations, private ::testing::ScopedFakeTestPartResultReporter {
 public:
  HeldExpectations();

  void Begin() override {
    first_.reset();
    counts_ = true;
  }
  void End() noexcept override { counts_ = false; }
  std::optional<ExecutionFailure> Failure() const override { return first_; }

 private:
  void ReportTestPartResult(const ::testing::TestPartResult& result) override;

  std::optional<ExecutionFailure> first_;
  bool counts_ = false;  // an execution runs, and is not being torn down
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXPECTATIONS_H_
