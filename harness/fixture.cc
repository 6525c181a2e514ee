// Fixtures: one for each execution.
#include <memory>

#include "harness/expectations.h"
#include "hocket/testing/test.h"

namespace hocket::testing::internal {

namespace {

// Tears the fixture down when the frame goes: also when that is destroyed because the execution has been given up.
class FixtureInUse {
 public:
  explicit FixtureInUse(InFixture& test) : test_(test) {}
  FixtureInUse(const FixtureInUse&) = delete;
  FixtureInUse& operator=(const FixtureInUse&) = delete;
  ~FixtureInUse() {
    if (torn_down_) return;
    // The execution has failed before.
    try {
      test_.HocketTearDown();
    } catch (...) {  // NOLINT(bugprone-empty-catch)
    }
  }

  void TearDown() {
    torn_down_ = true;
    test_.HocketTearDown();
  }

 private:
  InFixture& test_;
  bool torn_down_ = false;
};

bool BodyIsPointless() {
  const HeldExpectations* expectations = HeldExpectations::Current();
  return expectations != nullptr && expectations->body_is_pointless();
}

}  // namespace

// As GoogleTest does it: after a constructor that fails nothing is run, after a SetUp that fails the TearDown.
Task<> RunInFixture(const MakeInFixture& make) {
  const std::unique_ptr<InFixture> test = make();
  if (BodyIsPointless()) co_return;
  FixtureInUse in_use(*test);
  test->HocketSetUp();
  if (!BodyIsPointless()) co_await test->HocketBody();
  in_use.TearDown();
}

}  // namespace hocket::testing::internal
