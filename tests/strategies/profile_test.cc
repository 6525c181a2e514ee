#include "harness/profile.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

// Feeds a profile by hand: tasks are alternatives and the other way round.
class ProfileTest : public ::testing::Test {
 protected:
  static constexpr Access kObject{.object = 11, .kind = AccessKind::kUpdate};
  static constexpr Access kOpaque{.kind = AccessKind::kOpaque};

  void Add(AlternativeId task, Access declared = {}) { profile_.Added(task, 100 + task, declared); }
  void Step(AlternativeId task) { profile_.Removed(task, Removal::kPicked); }
  void StepOf(AlternativeId task, Access declared = {}) {
    Add(task, declared);
    Step(task);
  }
  std::uint32_t Number(AlternativeId task) { return profile_.TaskOf(task, 100 + task); }

  Profile profile_;
};

TEST_F(ProfileTest, AveragesStepsAndCountsThoseOfChildrenToo) {
  for (std::uint64_t index = 0; index < Profile::kExecutions; ++index) {
    profile_.StartExecution(index);
    StepOf(0);                                                // starts 1
    for (std::uint64_t i = 0; i < 2 + index; ++i) StepOf(1);  // 2, 3, 4 or 5 steps; starts 2 at its last one
    for (int i = 0; i < 3; ++i) StepOf(2);
    StepOf(0);
    profile_.End();
  }
  EXPECT_EQ(profile_.known_tasks(), 3u);
  const Profile::Task& root = profile_.task(Number(0));
  EXPECT_EQ(root.parent, Profile::kNone);
  EXPECT_EQ(root.events, 2u);
  EXPECT_EQ(root.total, 2u + 4u + 3u);  // 3.5 is rounded up
  const Profile::Task& child = profile_.task(Number(1));
  EXPECT_EQ(child.parent, Number(0));
  EXPECT_EQ(child.events, 4u);
  EXPECT_EQ(child.total, 7u);
  EXPECT_EQ(profile_.task(Number(2)).parent, Number(1));
}

TEST_F(ProfileTest, HoldsTheShareOfATaskThatIsNotAlwaysThere) {
  for (std::uint64_t index = 0; index < Profile::kExecutions; ++index) {
    profile_.StartExecution(index);
    StepOf(0);
    if (index % 2 == 0) {
      for (int i = 0; i < 10; ++i) StepOf(1);
    }
    profile_.End();
  }
  EXPECT_EQ(profile_.task(Number(1)).total, 10u);       // if it is there
  EXPECT_EQ(profile_.task(Number(1)).from_parent, 5u);  // before that is known
  EXPECT_EQ(profile_.task(Number(0)).total, 1u + 5u);
}

TEST_F(ProfileTest, KnowsTheMostDecisions) {
  for (std::uint64_t index = 0; index < Profile::kExecutions; ++index) {
    profile_.StartExecution(index);
    for (std::uint64_t i = 0; i < (index == 1 ? 9u : 3u); ++i) profile_.Decided();
    profile_.End();
  }
  EXPECT_EQ(profile_.decisions(), 9u);
}

TEST_F(ProfileTest, RemembersWhatWhichStepTouches) {
  for (std::uint64_t index = 0; index < Profile::kExecutions; ++index) {
    profile_.StartExecution(index);
    StepOf(0, kObject);
    StepOf(0, kOpaque);  // and reports nothing
    StepOf(0, kOpaque);
    profile_.Touched({.object = 22, .kind = AccessKind::kRead});
    StepOf(1, kObject);
    profile_.Touched(kObject);  // the same again
    profile_.End();
  }
  ASSERT_EQ(profile_.objects().size(), 3u);
  EXPECT_EQ(profile_.objects()[1].id, 11u);
  EXPECT_EQ(profile_.objects()[2].id, 22u);
  const std::uint32_t task = Number(0);
  EXPECT_TRUE(profile_.Touches(task, 0, 1));
  EXPECT_FALSE(profile_.Touches(task, 0, Profile::kUnreported));
  EXPECT_TRUE(profile_.Touches(task, 1, Profile::kUnreported));
  EXPECT_FALSE(profile_.Touches(task, 1, 1));
  EXPECT_TRUE(profile_.Touches(task, 2, 2));
  EXPECT_FALSE(profile_.Touches(task, 2, Profile::kUnreported));
  EXPECT_FALSE(profile_.Knows(task, 3));
  ASSERT_EQ(profile_.objects()[1].shares.size(), 2u);
  EXPECT_EQ(profile_.objects()[1].shares[1].events, 1u);  // steps count, not accesses
  EXPECT_EQ(profile_.objects()[1].weight, 4u);
  EXPECT_EQ(profile_.objects()[2].weight, 0u);
}

// The rest is what makes executions independent of each other.
TEST_F(ProfileTest, LearnsFromItsExecutionsOnceAndFromNoOther) {
  for (std::uint64_t index : {0, 0, 1, 0, 2, 3, 3, 0}) {
    profile_.StartExecution(index);
    StepOf(0);
    profile_.Decided();
    profile_.End();
  }
  profile_.StartExecution(8);
  StepOf(0);
  StepOf(0);
  profile_.End();
  EXPECT_EQ(profile_.task(Number(0)).events, 1u);
}

// Steps that the program did not take start nobody.
TEST_F(ProfileTest, TakesNoTaskForTheParentOfWhatACancellationStarts) {
  for (std::uint64_t index = 0; index < Profile::kExecutions; ++index) {
    profile_.StartExecution(index);
    StepOf(0);
    profile_.ForeignStep();
    StepOf(1);
    profile_.End();
  }
  EXPECT_EQ(profile_.task(Number(1)).parent, Profile::kNone);
}

}  // namespace
}  // namespace hocket::testing
