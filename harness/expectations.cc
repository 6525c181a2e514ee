#include "harness/expectations.h"

#include <sstream>
#include <string>

#include "harness/position_tracker.h"

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
HeldExpectations::HeldExpectations() : ScopedFakeTestPartResultReporter(INTERCEPT_ONLY_CURRENT_THREAD, nullptr) {}

void HeldExpectations::ReportTestPartResult(const ::testing::TestPartResult& result) {
  if (!result.failed() || !counts_ || first_) return;
  ExecutionFailure& failure = first_.emplace();
  failure.message = result.message();
  failure.identity = {"expect", static_cast<std::uint32_t>(HashOperation(WithoutValues(failure.message)) >> 32)};
  failure.file = result.file_name() == nullptr ? "" : result.file_name();
  failure.line = result.line_number();
}

}  // namespace hocket::testing
