#include "hocket/testing/assert.h"

#include <utility>

#include "hocket/internal/in_task.h"

namespace hocket::testing::internal {

namespace {

TaskLocal<std::string>& TracesOfTask() {
  static auto* traces = new TaskLocal<std::string>;
  return *traces;
}

}  // namespace

void AssertReport::operator=(const ::testing::Message& message) const {
  ::testing::internal::AssertHelper(type_, file_, line_, text_.c_str()) = message;
  throw AssertionFailed(::testing::TestPartResult(type_, file_, line_, text_.c_str()));
}

LocalValue SetTrace(const char* file, int line, const ::testing::Message& message) {
  return TracesOfTask().Set("\n" + ::testing::internal::FormatFileLocation(file, line) + " " + message.GetString() +
                            TracesOfTask().GetOr(""));
}

std::string Traces() {
  std::string traces = hocket::internal::InTask() ? TracesOfTask().GetOr("") : "";
  return traces.empty() ? traces : "\nhocket trace:" + traces;
}

}  // namespace hocket::testing::internal
