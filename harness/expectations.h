// GoogleTest's expectations as the harness sees them: held back while executions run.
#ifndef HOCKET_HARNESS_EXPECTATIONS_H_
#define HOCKET_HARNESS_EXPECTATIONS_H_

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// The kind in the identity of a "failure" that is none: the execution asked for its test to be skipped.
inline constexpr char kSkipped[] = "skipped";

// As long as it lives, no expectation on this thread reaches GoogleTest, whoever's it is; the first one that fails in
// an execution, or skips the test, is kept for Failure(). Nor does a failure break into a debugger, unless `breaks`:
// only the shrunk one is to.
class HeldExpectations final : public Expectations, private ::testing::ScopedFakeTestPartResultReporter {
 public:
  enum class Breaks { kNever, kIfAsked };
  explicit HeldExpectations(Breaks breaks = Breaks::kNever);
  ~HeldExpectations() override;

  // Of this thread; none if there is none.
  static HeldExpectations* Current() noexcept { return current_; }

  void Begin() override {
    first_.reset();
    counts_ = true;
    body_is_pointless_ = false;
  }
  void End() noexcept override { counts_ = false; }
  std::optional<ExecutionFailure> Failure() const override { return first_; }
  // Whether something has failed fatally, or skipped the test, in the execution under way.
  bool body_is_pointless() const noexcept { return body_is_pointless_; }

 private:
  void ReportTestPartResult(const ::testing::TestPartResult& result) override;

  static inline constinit thread_local HeldExpectations* current_ = nullptr;

  HeldExpectations* const previous_;
  const bool break_on_failure_;
  const bool throw_on_failure_;
  std::optional<ExecutionFailure> first_;
  bool counts_ = false;  // an execution runs, and is not being torn down
  bool body_is_pointless_ = false;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXPECTATIONS_H_
