// GoogleTest's expectations as the harness sees them: held back while executions run.
#ifndef HOCKET_HARNESS_EXPECTATIONS_H_
#define HOCKET_HARNESS_EXPECTATIONS_H_

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// As long as it lives, failures on this thread are not reported to GoogleTest but kept for Failure().
class HeldExpectations final : public Expectations {
 public:
  HeldExpectations();

  void Begin() override { begin_ = end_ = results_.size(); }
  void End() noexcept override { end_ = results_.size(); }
  std::optional<ExecutionFailure> Failure() const override;

 private:
  ::testing::TestPartResultArray results_;
  ::testing::ScopedFakeTestPartResultReporter reporter_;
  int begin_ = 0;  // of the execution's results
  int end_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXPECTATIONS_H_
