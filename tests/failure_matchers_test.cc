#include "hocket/testing/failure_matchers.h"

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"

namespace hocket::testing {
namespace {

using ::testing::AllOf;
using ::testing::DescribeMatcher;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

template <class E>
Failure Error(const char* what) {
  return Failure::FromException(std::make_exception_ptr(E(what)));
}
Failure Group(std::vector<Failure> members) { return Failure::FromGroup(ExceptionGroup("group", std::move(members))); }

const Failure kRange = Error<std::out_of_range>("range");
const Failure kRuntime = Error<std::runtime_error>("runtime");

std::string Explain(const FailureMatcher& matcher, const Failure& failure) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(matcher.MatchAndExplain(failure, &listener));
  return listener.str();
}

TEST(IsError, MatchesTypeAndText) {
  EXPECT_THAT(kRange, IsError<std::out_of_range>());
  EXPECT_THAT(kRange, IsError<std::logic_error>("range"));
  EXPECT_THAT(kRange, IsError<std::exception>(StartsWith("ra")));
  EXPECT_THAT(kRange, Not(IsError<std::out_of_range>("other")));
  EXPECT_THAT(kRange, Not(IsError<std::runtime_error>()));
  EXPECT_THAT(Failure::FromException(std::make_exception_ptr(3)), IsError<int>());
  EXPECT_THAT(Failure(), Not(IsError<std::exception>()));
  EXPECT_THAT(Failure::Cancelled(), Not(IsError<std::exception>()));
}

TEST(IsError, DoesNotLookIntoGroups) {
  EXPECT_THAT(Group({kRange}), Not(IsError<std::out_of_range>()));
  EXPECT_EQ(Explain(IsError<std::out_of_range>(), Group({kRange})), "which is a group: match it with GroupOf");
}

TEST(IsCancelled, MatchesACancellationAlone) {
  EXPECT_THAT(Failure::Cancelled(), IsCancelled());
  EXPECT_THAT(Failure(), Not(IsCancelled()));
  EXPECT_THAT(kRange, Not(IsCancelled()));
  EXPECT_THAT(Group({Failure::Cancelled()}), Not(IsCancelled()));
}

TEST(GroupOf, MatchesExactlyTheMembersInAnyOrder) {
  EXPECT_THAT(Group({kRange, kRuntime}), GroupOf(IsError<std::runtime_error>(), IsError<std::out_of_range>()));
  EXPECT_THAT(Group({kRange, Failure::Cancelled()}), GroupOf(IsCancelled(), IsError<std::out_of_range>()));
  EXPECT_THAT(Group({kRange}), Not(GroupOf(IsError<std::out_of_range>(), IsError<std::out_of_range>())));
  EXPECT_THAT(Group({kRange, kRange}), Not(GroupOf(IsError<std::out_of_range>())));
  EXPECT_THAT(Group({kRange, kRuntime}), Not(GroupOf(IsError<std::out_of_range>(), IsError<std::out_of_range>())));
}

TEST(GroupOf, FindsAPairingWhereTheFirstFitWouldNot) {
  // The first matcher matches both, the second one only the first.
  EXPECT_THAT(Group({kRange, kRuntime}), GroupOf(IsError<std::exception>(), IsError<std::out_of_range>()));
}

TEST(GroupOf, Nests) {
  const Failure nested = Group({kRuntime, Group({kRange, Failure::Cancelled()})});
  EXPECT_THAT(nested, GroupOf(IsError<std::runtime_error>(), GroupOf(IsError<std::out_of_range>(), IsCancelled())));
  EXPECT_THAT(nested, Not(GroupOf(IsError<std::runtime_error>(), IsError<std::out_of_range>(), IsCancelled())));
}

TEST(GroupOf, DoesNotMatchWhatIsAlone) {
  EXPECT_THAT(kRange, Not(GroupOf(IsError<std::out_of_range>())));
  EXPECT_THAT(Failure(), Not(GroupOf(IsError<std::out_of_range>())));
  EXPECT_EQ(Explain(GroupOf(IsError<std::runtime_error>()), kRange), "which is not a group");
  EXPECT_EQ(Explain(GroupOf(IsError<std::out_of_range>()), kRange),
            "which is not a group, but would match as its only member: allow that by MaybeGrouped");
  EXPECT_EQ(Explain(GroupOf(IsError<std::out_of_range>()), Failure()), "which is no failure");
}

TEST(GroupOf, SaysWhenOnlyTheNestingDiffers) {
  EXPECT_THAT(Explain(GroupOf(IsError<std::out_of_range>()), Group({Group({kRange})})),
              HasSubstr("its leaves match: FlatGroupOf ignores how they are nested"));
}

TEST(GroupInOrder, MatchesTheMembersInTheirOrder) {
  EXPECT_THAT(Group({kRange, kRuntime}), GroupInOrder(IsError<std::out_of_range>(), IsError<std::runtime_error>()));
  EXPECT_THAT(Group({kRange, kRuntime}),
              Not(GroupInOrder(IsError<std::runtime_error>(), IsError<std::out_of_range>())));
}

TEST(FlatGroupOf, MatchesTheLeavesHoweverTheyAreNested) {
  const FailureMatcher both = FlatGroupOf(IsError<std::runtime_error>(), IsError<std::out_of_range>());
  EXPECT_THAT(Group({kRange, kRuntime}), both);
  EXPECT_THAT(Group({Group({Group({kRange})}), kRuntime}), both);
  EXPECT_THAT(Group({kRange}), Not(both));
  EXPECT_THAT(kRange, Not(both));
}

TEST(MaybeGrouped, MatchesAloneOrAsTheOnlyMember) {
  const FailureMatcher matcher = MaybeGrouped(IsError<std::out_of_range>());
  EXPECT_THAT(kRange, matcher);
  EXPECT_THAT(Group({kRange}), matcher);
  EXPECT_THAT(Group({kRange, kRange}), Not(matcher));
  EXPECT_THAT(Group({Group({kRange})}), Not(matcher));
}

TEST(HasGroupMessage, MatchesTheMessageOfAGroup) {
  EXPECT_THAT(Group({kRange}), HasGroupMessage("group"));
  EXPECT_THAT(Group({kRange}), AllOf(HasGroupMessage(StartsWith("gr")), GroupOf(IsError<std::out_of_range>())));
  EXPECT_THAT(Group({kRange}), Not(HasGroupMessage("other")));
  EXPECT_THAT(kRange, Not(HasGroupMessage("group")));
}

TEST(FailureMatchers, MatchWhatANurseryRaises) {
  const RunOutcome outcome = hocket::Run(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.StartSoon([]() -> Task<> {
            throw std::out_of_range("from a task");
            co_return;
          });
          throw std::runtime_error("from the body");
          co_return;
        });
      },
      {.clock = ClockKind::kVirtual});
  EXPECT_THAT(outcome.failure,
              GroupInOrder(IsError<std::runtime_error>("from the body"), IsError<std::out_of_range>("from a task")));
}

TEST(FailureMatchers, DescribeThemselvesAndPrintFailures) {
  EXPECT_EQ(DescribeMatcher<const Failure&>(GroupOf(IsError<std::out_of_range>("a"))),
            "is a group whose list of members has 1 element and that element is a std::out_of_range whose what() is "
            "equal to \"a\"");
  EXPECT_EQ(::testing::PrintToString(kRange), "std::out_of_range: range");
}

}  // namespace
}  // namespace hocket::testing
