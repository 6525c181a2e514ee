#include "hocket/exception_group.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

Failure Error(const std::string& what) {
  return Failure::FromException(std::make_exception_ptr(std::runtime_error(what)));
}
Failure Group(const std::string& message, const std::vector<Failure>& members) {
  return Failure::FromGroup(ExceptionGroup(message, members));
}
bool IsCancelled(const Failure& leaf) { return leaf.is_cancelled(); }

TEST(Failure, HoldsNothingByDefault) {
  const Failure failure;
  EXPECT_FALSE(failure);
  EXPECT_FALSE(failure.is_cancelled());
  EXPECT_FALSE(failure.is_group());
  EXPECT_EQ(failure.ToString(), "no failure");
}

TEST(Failure, KeepsTheExceptionObject) {
  const std::exception_ptr pointer = std::make_exception_ptr(std::runtime_error("boom"));
  const Failure failure = Failure::FromException(pointer);
  EXPECT_EQ(failure.error(), pointer);
  EXPECT_EQ(failure.ToString(), "std::runtime_error: boom");
  try {
    failure.Throw();
  } catch (...) {
    EXPECT_EQ(std::current_exception(), pointer);
  }
}

TEST(Failure, DescribesWhatIsNoStdException) {
  EXPECT_EQ(Failure::FromException(std::make_exception_ptr(7)).ToString(), "int");
}

TEST(Failure, RecognisesAGroup) {
  try {
    throw ExceptionGroup("outer", {Error("a")});
  } catch (...) {
    const Failure failure = Failure::FromCurrentException();
    EXPECT_TRUE(failure.is_group());
    EXPECT_EQ(failure.error(), std::current_exception());
    EXPECT_EQ(failure.group().message(), "outer");
  }
}

TEST(Failure, IsCancelledIfAllItsLeavesAre) {
  EXPECT_TRUE(Failure::Cancelled().is_cancelled());
  EXPECT_TRUE(Group("g", {Failure::Cancelled(), Group("h", {Failure::Cancelled()})}).is_cancelled());
  EXPECT_FALSE(Group("g", {Failure::Cancelled(), Group("h", {Failure::Cancelled(), Error("a")})}).is_cancelled());
}

TEST(ExceptionGroup, KnowsItsLeaves) {
  const ExceptionGroup mixed("g", {Group("h", {Failure::Cancelled()}), Error("a")});
  EXPECT_TRUE(mixed.has_error());
  EXPECT_TRUE(mixed.has_cancelled());
  const ExceptionGroup errors("g", {Group("h", {Error("a")})});
  EXPECT_TRUE(errors.has_error());
  EXPECT_FALSE(errors.has_cancelled());
  const ExceptionGroup cancelled("g", {Group("h", {Failure::Cancelled()})});
  EXPECT_FALSE(cancelled.has_error());
  EXPECT_TRUE(cancelled.has_cancelled());
}

TEST(ExceptionGroup, SaysWhatIsInIt) {
  const ExceptionGroup group("two\nlines",
                             {Error("a\nb"), Group("inner", {Failure::Cancelled(), Error("c")}), Failure::Cancelled()});
  const std::string expected =
      "hocket::ExceptionGroup: two\nlines\n"
      "  [0] std::runtime_error: a\n"
      "  b\n"
      "  [1] hocket::ExceptionGroup: inner\n"
      "    [0] cancelled\n"
      "    [1] std::runtime_error: c\n"
      "  [2] cancelled";
  EXPECT_EQ(group.what(), expected);
  EXPECT_EQ(Failure::FromGroup(group).ToString(), expected);
}

TEST(ExceptionGroup, SplitsKeepingStructureAndMessages) {  // S18
  const ExceptionGroup group("g", {Group("h", {Failure::Cancelled(), Error("a")}), Failure::Cancelled(), Error("b"),
                                   Group("i", {Failure::Cancelled()})});
  const auto [cancelled, rest] = group.Split(IsCancelled);
  EXPECT_EQ(Shape(cancelled), "[[cancelled], cancelled, [cancelled]]");
  EXPECT_EQ(Shape(rest), "[[a], b]");
  EXPECT_EQ(rest.group().message(), "g");
  EXPECT_EQ(rest.group().members()[0].group().message(), "h");
}

TEST(ExceptionGroup, SplitGivesNoFailureForAnEmptyPart) {
  const auto [cancelled, rest] = ExceptionGroup("g", {Error("a")}).Split(IsCancelled);
  EXPECT_FALSE(cancelled);
  EXPECT_EQ(Shape(rest), "[a]");
}

TEST(ExceptionGroup, SplitGivesTheSameObjectIfAllOfItMatches) {
  const ExceptionGroup group("g", {Group("h", {Failure::Cancelled()}), Failure::Cancelled()});
  const auto [cancelled, rest] = group.Split(IsCancelled);
  EXPECT_FALSE(rest);
  EXPECT_EQ(&cancelled.group().members(), &group.members());
  const auto [none, all] = group.Split([](const Failure&) { return false; });
  EXPECT_FALSE(none);
  EXPECT_EQ(&all.group().members(), &group.members());
}

TEST(ExceptionGroup, MayBeReadByManyThreads) {
  const ExceptionGroup group("g", {Error("a"), Failure::Cancelled()});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&group] {
      const ExceptionGroup copy = group;
      EXPECT_STREQ(copy.what(), "hocket::ExceptionGroup: g\n  [0] std::runtime_error: a\n  [1] cancelled");
    });
  }
}

TEST(ExceptionGroup, LeavesARunWithItsErrors) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> {
        Throw("boom");
        co_return;
      });
      co_return;
    });
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  EXPECT_EQ(Shape(outcome.failure), "[boom]");
  EXPECT_THROW(outcome.failure.Throw(), ExceptionGroup);
}

using ExceptionGroupDeathTest = testing::Test;

TEST(ExceptionGroupDeathTest, ChecksItsMembers) {
  EXPECT_DEATH(ExceptionGroup("g", {}), "an exception group needs a member");
  EXPECT_DEATH(ExceptionGroup("g", {Failure()}), "member 0 of an exception group holds no failure");
}
TEST(ExceptionGroupDeathTest, ChecksThatThereIsSomethingToThrow) {
  EXPECT_DEATH(Failure().Throw(), "there is no exception for no failure");
  EXPECT_DEATH(Failure::Cancelled().Throw(), "there is no exception for cancelled");
  EXPECT_DEATH(static_cast<void>(Failure::Cancelled().error()), "there is no exception");
  EXPECT_DEATH(static_cast<void>(Error("a").group()), "not a group but std::runtime_error: a");
}

}  // namespace
}  // namespace hocket
