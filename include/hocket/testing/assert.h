// HOCKET_ASSERT_*, HOCKET_FAIL, HOCKET_SKIP and HOCKET_SCOPED_TRACE: what GoogleTest's macros of these names cannot do
// in a coroutine.
//
//     Task<int> Receive(Connection& connection) {
//       HOCKET_SCOPED_TRACE("receiving from " + connection.name());
//       std::optional<int> value = co_await connection.Next();
//       HOCKET_ASSERT_TRUE(value.has_value()) << "the connection is closed";
//       co_return *value;
//     }
//
// ASSERT_* ends a function by `return`, which is no C++ in a coroutine, and would leave callers going on with whatever
// `co_return` gave them. HOCKET_ASSERT_* records the failure and throws AssertionFailed: the task ends, its nursery
// cancels the others, and so on up to the test. Works in coroutines of any type, in ordinary functions, and outside of
// executions as well. Code that catches everything can hide the exception, but not the failure, which has been
// recorded.
//
// HOCKET_SKIP() skips the test in the same way: it is reported as skipped, and not explored further. If it depends on
// the schedule, the first execution that comes to it skips the test. (In SetUp, which is no coroutine, GTEST_SKIP
// works.)
//
// A trace belongs to the task that sets it, and to the tasks that it starts meanwhile; failures show it wherever those
// have got to. GoogleTest's SCOPED_TRACE belongs to the thread, so it is right only if its block has no checkpoint:
// beyond one, failures of other tasks show it too, and traces end in the wrong order.
//
// What cannot happen: a failure that is reported twice, for GoogleTest knows the exception as one that says nothing
// new.
#ifndef HOCKET_TESTING_ASSERT_H_
#define HOCKET_TESTING_ASSERT_H_

#include <gtest/gtest.h>

#include <string>

#include "hocket/local.h"

namespace hocket::testing {

// What a failed HOCKET_ASSERT_*, HOCKET_FAIL and HOCKET_SKIP throw. Nobody needs to catch it.
class AssertionFailed : public ::testing::AssertionException {
 public:
  using AssertionException::AssertionException;
  // Without the message, which has been recorded.
  const char* what() const noexcept override { return "the message has been reported"; }
};

namespace internal {

// Assigning the streamed message reports it and throws.
class AssertReport {
 public:
  AssertReport(::testing::TestPartResult::Type type, const char* file, int line, const char* text)
      : type_(type), file_(file), line_(line), text_(text) {}
  [[noreturn]] void operator=(const ::testing::Message& message) const;  // NOLINT: reads like gtest's AssertHelper

 private:
  ::testing::TestPartResult::Type type_;
  const char* file_;
  int line_;
  std::string text_;
};

// REQUIRES: called by a task.
LocalValue SetTrace(const char* file, int line, const ::testing::Message& message);

// The traces of the task under way, innermost first, a line each; empty outside of tasks.
std::string Traces();

}  // namespace internal
}  // namespace hocket::testing

#define HOCKET_REPORT_(type, text)                                                                       \
  ::hocket::testing::internal::AssertReport(::testing::TestPartResult::type, __FILE__, __LINE__, text) = \
      ::testing::Message()
#define HOCKET_FATAL_(text) HOCKET_REPORT_(kFatalFailure, text)

#define HOCKET_FAIL() HOCKET_FATAL_("Failed")
#define HOCKET_SKIP() HOCKET_REPORT_(kSkip, "")

#define HOCKET_ASSERT_TRUE(condition) GTEST_TEST_BOOLEAN_(condition, #condition, false, true, HOCKET_FATAL_)
#define HOCKET_ASSERT_FALSE(condition) GTEST_TEST_BOOLEAN_(!(condition), #condition, true, false, HOCKET_FATAL_)

#define HOCKET_ASSERT_PRED_FORMAT1(format, a) GTEST_PRED_FORMAT1_(format, a, HOCKET_FATAL_)
#define HOCKET_ASSERT_PRED_FORMAT2(format, a, b) GTEST_PRED_FORMAT2_(format, a, b, HOCKET_FATAL_)

#define HOCKET_ASSERT_EQ(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::EqHelper::Compare, a, b)
#define HOCKET_ASSERT_NE(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperNE, a, b)
#define HOCKET_ASSERT_LT(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperLT, a, b)
#define HOCKET_ASSERT_LE(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperLE, a, b)
#define HOCKET_ASSERT_GT(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperGT, a, b)
#define HOCKET_ASSERT_GE(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperGE, a, b)
#define HOCKET_ASSERT_STREQ(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperSTREQ, a, b)
#define HOCKET_ASSERT_STRNE(a, b) HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperSTRNE, a, b)
#define HOCKET_ASSERT_DOUBLE_EQ(a, b) \
  HOCKET_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperFloatingPointEQ<double>, a, b)
#define HOCKET_ASSERT_NEAR(a, b, error) \
  GTEST_PRED_FORMAT3_(::testing::internal::DoubleNearPredFormat, a, b, error, HOCKET_FATAL_)
// Needs <gmock/gmock.h>.
#define HOCKET_ASSERT_THAT(value, matcher) \
  HOCKET_ASSERT_PRED_FORMAT1(::testing::internal::MakePredicateFormatterFromMatcher(matcher), value)

#define HOCKET_SCOPED_TRACE(message)                                        \
  const ::hocket::LocalValue GTEST_CONCAT_TOKEN_(hocket_trace_, __LINE__) = \
      ::hocket::testing::internal::SetTrace(__FILE__, __LINE__, ::testing::Message() << (message))

#endif  // HOCKET_TESTING_ASSERT_H_
