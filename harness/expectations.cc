#include "harness/expectations.h"

#include <sstream>
#include <string>

#include "harness/position_tracker.h"
#include "hocket/testing/assert.h"

namespace hocket::testing {

namespace {

// What of a message stays the same when only values change: no numbers, and not the lines that print values, which
// are marked or indented.
std::string WithoutValues(const std::string& message) {
  std::istringstream lines(message);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("Which is:") != std::string::npos || line.rfind("    ", 0) == 0) continue;
    for (const char c : line) {
      if (c < '0' || c > '9') text += c;
    }
    text += '\n';
  }
  return text;
}

}  // namespace

// The base keeps results only in its own ReportTestPartResult.
HeldExpectations::HeldExpectations(Breaks breaks)
    : ScopedFakeTestPartResultReporter(INTERCEPT_ONLY_CURRENT_THREAD, nullptr),
      previous_(current_),
      break_on_failure_(GTEST_FLAG_GET(break_on_failure)),
      throw_on_failure_(GTEST_FLAG_GET(throw_on_failure)) {
  current_ = this;
  if (breaks == Breaks::kNever) GTEST_FLAG_SET(break_on_failure, false);
  GTEST_FLAG_SET(throw_on_failure, false);
}

HeldExpectations::~HeldExpectations() {
  GTEST_FLAG_SET(break_on_failure, break_on_failure_);
  GTEST_FLAG_SET(throw_on_failure, throw_on_failure_);
  current_ = previous_;
}

void HeldExpectations::ReportTestPartResult(const ::testing::TestPartResult& result) {
  if (!counts_ || result.passed()) return;
  body_is_pointless_ = body_is_pointless_ || result.fatally_failed() || result.skipped();
  if (first_) return;
  ExecutionFailure& failure = first_.emplace();
  failure.message = result.message();
  failure.identity = {
      result.skipped() ? kSkipped : "expect",
      static_cast<std::uint32_t>(HashOperation(WithoutValues(failure.message)) >> 32),
  };
  failure.message += internal::Traces();
  failure.file = result.file_name() == nullptr ? "" : result.file_name();
  failure.line = result.line_number();
}

}  // namespace hocket::testing
