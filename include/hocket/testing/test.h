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
//     HOCKET_TEST_F(QueueTest, KeepsItsOrder, {.executions = 50, .strategy = "pct:5"}) { ... }  // a fixture, options
//     HOCKET_TEST_P(BufferTest, Drains) { ... GetParam() ... }  // INSTANTIATE_TEST_SUITE_P as ever
//
// They are ordinary tests: filters, repetition, shuffling and XML work as ever, and docs/testing.md says how. The body
// runs once for each schedule, so it must make what it uses; a fixture's constructor, SetUp, TearDown and destructor
// run around each of these executions, SetUpTestSuite once. EXPECT_* may stand in any task; what GoogleTest's macros
// cannot do in a coroutine, those of assert.h do. Failures inside are held back: the first schedule that fails is
// shrunk, and then reported once, at its own file and line, with its lanes and a line `replay: ` followed by a command
// that shows it again.
//
// What cannot happen: a fixture without its TearDown, however the execution ends (unless the process dies); an
// execution that sees the fixture of another one.
//
// The budget is a number of executions and of steps, not time, so that passing does not depend on the machine. What was
// explored is printed in one sentence. Options at the test (options.h) say otherwise, and the environment (or, with
// //:testing_main, flags of the same names in lower case, --hocket_seed=2) wins over those:
//     HOCKET_REPLAY=<token or file>   run that schedule only: a token, a schedule file, or bytes that a fuzzer left
//     HOCKET_SEED=<n>                 another seed; the default is TEST_RANDOM_SEED, or else 1. "fresh" takes one that
//                                     nobody has seen, which is printed
//     HOCKET_STRATEGY=<spelling>      who decides: "pct:5", "exhaustive"; see ParseStrategy in
//                                     hocket/testing/strategy.h
//     HOCKET_EXECUTIONS=<n>           how many executions at most; the default is 1000
//     HOCKET_FIRST_EXECUTION=<n>      where to begin; what that execution rests on is run before it, and not counted
//     HOCKET_STEPS=<n>                how many steps one execution may take; the default is 100,000
//     HOCKET_STEP_TIMEOUT=<seconds>   when a task never yields, say so after that time and die; 0: say nothing. The
//                                     default is to say so after 20 seconds and to go on
//     HOCKET_MEMORY_LIMIT=<MiB>       die when the process has more than that in memory; the default is no limit
//     HOCKET_TIME=<time>              how long to explore at most: 10s, 1m30s; the default is no limit
//     HOCKET_JOBS=<n>                 how many processes explore; the default is 1, the test's own. The result is the
//                                     same, and a crash is a failure of the test. Properties use one in any case
//     HOCKET_ISOLATE=1                a process for each execution: none sees the globals that another one changed, and
//                                     a crash is a failure that is shrunk like any other. Slow (or --hocket_isolate)
//     HOCKET_QUIET=1                  no progress, and no sentence about what was explored (or --hocket_quiet)
//     HOCKET_CORPUS=<folder>          run the schedules (*.schedule) in it that name the test before exploring
//     HOCKET_INPUTS=<folder or file>  run the inputs of a fuzzer in it before exploring: all files in the folder and
//                                     below it, but schedules. A cc_fuzz_test (docs/fuzzing.md) gives it its corpus
//     HOCKET_WRITE_BYTES=<file>       with HOCKET_REPLAY: write the replayed schedule as an input of a fuzzer
//     HOCKET_SHRINK=1                 with HOCKET_REPLAY: shrink what fails, as an exploration would (or
//                                     --hocket_shrink)
//     HOCKET_SUSPECTS=1               after exploring, list where tasks rely on values across checkpoints: see
//                                     hocket/testing/suspects.h (or --hocket_suspects)
//     HOCKET_STATS=<file>             write what was explored as JSON, after each test
//     HOCKET_BREAK_AT=<step>          with HOCKET_REPLAY: stop in the debugger before that step; see docs/debugging.md
//     HOCKET_KNOWN=<folder>           when fuzzing, go on past failures that schedules in it show (tools/fuzz)
//     HOCKET_FUZZ=<Suite.Name>        hand the process to the fuzzing engine that is linked in, with this test as its
//                                     target
//
// Without HOCKET_TIME, an exploration under Bazel ends when 80 % of the test's TEST_TIMEOUT have passed, and says what
// was left. Sharding splits the executions of each test: see docs/testing.md.
#ifndef HOCKET_TESTING_TEST_H_
#define HOCKET_TESTING_TEST_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "hocket/task.h"
#include "hocket/testing/assert.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/options.h"

namespace hocket::testing {

// Explores `body` for the current GoogleTest test, and reports what fails to it. `file` and `line` are of the test.
void RunTest(const Body& body, const TestOptions& options, const char* file, int line);

// A HOCKET_TEST: what it takes to run it without GoogleTest's runner, as a fuzzing engine does.
struct PlainTest {
  const char* full_name;
  Task<> (*body)();
  TestOptions (*options)();
};

// Makes a test known whose body is explored. Returns true.
bool RegisterTest(const PlainTest& test);
// The same for a test with a fixture: its full name, for one with parameters without what its instantiations add.
bool RegisterTest(const char* full_name);

namespace internal {

// A fixture that a body runs in: one for each execution.
class InFixture {
 public:
  virtual ~InFixture() = default;
  virtual void HocketSetUp() = 0;
  virtual Task<> HocketBody() = 0;
  virtual void HocketTearDown() = 0;
};
using MakeInFixture = std::function<std::unique_ptr<InFixture>()>;

// One execution: makes the fixture, sets it up, runs the body unless that has failed or skipped, and tears it down
// whatever happened. Lifetime: `make` outlives it.
Task<> RunInFixture(const MakeInFixture& make);

// What GoogleTest sees in a fixture's place. It is set up and torn down once, so it must not be the fixture itself.
template <class Fixture>
class FixtureDriver : public ::testing::Test {
 public:
  static void SetUpTestSuite() { Suite::Begin(); }
  static void TearDownTestSuite() { Suite::End(); }

 protected:
  template <class Test>
  static void Run(const TestOptions& options, const char* file, int line) {
    const MakeInFixture make = [] { return std::make_unique<Test>(); };
    RunTest([&make] { return RunInFixture(make); }, options, file, line);
  }

 private:
  // The fixture may have them protected.
  struct Suite : Fixture {
    static void Begin() { Fixture::SetUpTestSuite(); }
    static void End() { Fixture::TearDownTestSuite(); }
  };
};

// The same for a fixture with a parameter, which GoogleTest gives to the driver, and the driver to each fixture.
template <class Fixture>
class ParamDriver : public FixtureDriver<Fixture> {
 public:
  using ParamType = typename Fixture::ParamType;
  static void SetParam(const ParamType* param) { param_ = param; }

 protected:
  template <class Test>
  static void Run(const TestOptions& options, const char* file, int line) {
    ::testing::internal::ParameterizedTestFactory<Test> factory(*param_);
    const MakeInFixture make = [&factory] {
      return std::unique_ptr<InFixture>(static_cast<Test*>(factory.CreateTest()));
    };
    RunTest([&make] { return RunInFixture(make); }, options, file, line);
  }

 private:
  static inline const ParamType* param_ = nullptr;
};

// {} in a macro's argument is no expression.
inline TestOptions Options(TestOptions options = {}) { return options; }

}  // namespace internal
}  // namespace hocket::testing

#define HOCKET_TEST(suite, name, ...)                                                                               \
  static ::hocket::Task<> HocketTest_##suite##_##name();                                                            \
  static ::hocket::testing::TestOptions HocketOptions_##suite##_##name() {                                          \
    return ::hocket::testing::internal::Options(__VA_ARGS__);                                                       \
  }                                                                                                                 \
  [[maybe_unused]] static const bool kHocketTest_##suite##_##name = ::hocket::testing::RegisterTest(                \
      {#suite "." #name, &HocketTest_##suite##_##name, &HocketOptions_##suite##_##name});                           \
  TEST(suite, name) {                                                                                               \
    ::hocket::testing::RunTest(&HocketTest_##suite##_##name, HocketOptions_##suite##_##name(), __FILE__, __LINE__); \
  }                                                                                                                 \
  static ::hocket::Task<> HocketTest_##suite##_##name()

#define HOCKET_TEST_F(fixture, name, ...)                                                                      \
  HOCKET_IN_FIXTURE_(fixture, name)                                                                            \
  GTEST_TEST_(fixture, name, ::hocket::testing::internal::FixtureDriver<fixture>,                              \
              ::testing::internal::GetTypeId<fixture>()) {                                                     \
    Run<HocketTest_##fixture##_##name>(::hocket::testing::internal::Options(__VA_ARGS__), __FILE__, __LINE__); \
  }                                                                                                            \
  ::hocket::Task<> HocketTest_##fixture##_##name::HocketBody()

#define HOCKET_TEST_P(fixture, name, ...)                                                                              \
  HOCKET_IN_FIXTURE_(fixture, name)                                                                                    \
  class HocketDriver_##fixture##_##name final : public ::hocket::testing::internal::ParamDriver<fixture> {             \
    void TestBody() override {                                                                                         \
      Run<HocketTest_##fixture##_##name>(::hocket::testing::internal::Options(__VA_ARGS__), __FILE__, __LINE__);       \
    }                                                                                                                  \
  };                                                                                                                   \
  [[maybe_unused]] static const bool kHocketDriver_##fixture##_##name = [] {                                           \
    const ::testing::internal::CodeLocation location(__FILE__, __LINE__);                                              \
    ::testing::UnitTest::GetInstance()                                                                                 \
        ->parameterized_test_registry()                                                                                \
        .GetTestSuitePatternHolder<fixture>(#fixture, location)                                                        \
        ->AddTestPattern(#fixture, #name, new ::testing::internal::TestMetaFactory<HocketDriver_##fixture##_##name>(), \
                         location);                                                                                    \
    return true;                                                                                                       \
  }();                                                                                                                 \
  ::hocket::Task<> HocketTest_##fixture##_##name::HocketBody()

// The class of a body in a fixture.
#define HOCKET_IN_FIXTURE_(fixture, name)                                                                     \
  class HocketTest_##fixture##_##name final : public fixture, public ::hocket::testing::internal::InFixture { \
   public:                                                                                                    \
    void TestBody() override {}                                                                               \
    void HocketSetUp() override { this->SetUp(); }                                                            \
    ::hocket::Task<> HocketBody() override;                                                                   \
    void HocketTearDown() override { this->TearDown(); }                                                      \
  };                                                                                                          \
  [[maybe_unused]] static const bool kHocketTest_##fixture##_##name =                                         \
      ::hocket::testing::RegisterTest(#fixture "." #name);

#endif  // HOCKET_TESTING_TEST_H_
