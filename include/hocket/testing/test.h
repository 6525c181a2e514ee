// HOCKET_TEST: a GoogleTest test whose body is a coroutine, run under many schedules.
//
//     HOCKET_TEST(Bank, AuditSeesAllTheMoney) {
//       Account a{100}, b{100};
//       co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
//         nursery.StartSoon(Transfer, std::ref(a), std::ref(b), 10);
//         nursery.StartSoon(Audit, std::cref(a), std::cref(b), 200);
//         co_return;
//       });
//     }
//
// It is an ordinary test: filters, repetition and XML work as ever. EXPECT_* may stand in any task; ASSERT_* do not
// compile in a coroutine, because they return. The body runs once for each schedule, so it must make what it uses.
// Failures inside are held back: the first schedule that fails is shrunk, and then reported once, with its lanes and a
// line `replay: ` followed by a command that shows it again.
//
// The budget is a number of executions and of steps, not time, so that passing does not depend on the machine. What was
// explored is printed in one sentence. The environment (or, with //:testing_main, flags of the same names in lower
// case, --hocket_seed=2) says otherwise:
//     HOCKET_REPLAY=<token or file>   run that schedule only: a token, a schedule file, or bytes that a fuzzer left
//     HOCKET_SEED=<n>                 another seed; the default is TEST_RANDOM_SEED, or else 1
//     HOCKET_STRATEGY=<spelling>      who decides: "pct:5", "exhaustive"; see ParseStrategy in
//                                     hocket/testing/strategy.h
//     HOCKET_EXECUTIONS=<n>           how many executions at most; the default is 1000
//     HOCKET_FIRST_EXECUTION=<n>      where to begin; what that execution rests on is run before it, and not counted
//     HOCKET_STEPS=<n>                how many steps one execution may take; the default is 100,000
//     HOCKET_STEP_TIMEOUT=<seconds>   when a task never yields, say so after that time and die; 0: say nothing. The
//                                     default is to say so after 20 seconds and to go on
//     HOCKET_TIME=<time>              how long to explore at most: 10s, 1m30s; the default is no limit
//     HOCKET_JOBS=<n>                 how many processes explore; the default is 1, the test's own. The result is the
//                                     same, and a crash is a failure of the test. Properties use one in any case
//     HOCKET_QUIET=1                  no progress, and no sentence about what was explored (or --hocket_quiet)
//     HOCKET_CORPUS=<folder>          run the schedules (*.schedule) in it that name the test before exploring
//     HOCKET_WRITE_BYTES=<file>       with HOCKET_REPLAY: write the replayed schedule as an input of a fuzzer
//     HOCKET_FUZZ=<Suite.Name>        hand the process to the fuzzing engine that is linked in, with this test as its
//                                     target
//
// Without HOCKET_TIME, an exploration under Bazel ends when 80 % of the test's TEST_TIMEOUT have passed, and says what
// was left.
#ifndef HOCKET_TESTING_TEST_H_
#define HOCKET_TESTING_TEST_H_

#include <gtest/gtest.h>

#include "hocket/task.h"

namespace hocket::testing {

// A body of a HOCKET_TEST.
using TestBody = Task<> (*)();

// Explores `body` for the current GoogleTest test, and reports what fails to it. `file` and `line` are of the test.
void RunTest(TestBody body, const char* file, int line);

// Makes a body known to fuzzers by its test's full name. Returns true.
bool RegisterBody(const char* full_name, TestBody body);

}  // namespace hocket::testing

#define HOCKET_TEST(suite, name)                                                                      \
  static ::hocket::Task<> HocketTest_##suite##_##name();                                              \
  [[maybe_unused]] static const bool kHocketTest_##suite##_##name =                                   \
      ::hocket::testing::RegisterBody(#suite "." #name, &HocketTest_##suite##_##name);                \
  TEST(suite, name) { ::hocket::testing::RunTest(&HocketTest_##suite##_##name, __FILE__, __LINE__); } \
  static ::hocket::Task<> HocketTest_##suite##_##name()

#endif  // HOCKET_TESTING_TEST_H_
