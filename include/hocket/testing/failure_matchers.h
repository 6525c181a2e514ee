// gMock matchers for failures: what failed, and in which groups.
//
//     RunOutcome outcome = Run(main);
//     EXPECT_THAT(outcome.failure, GroupOf(IsError<IoError>("connection reset"), IsCancelled()));
//
// They take a hocket::Failure. To match an exception that was thrown, make it one: Failure::FromException(error).
#ifndef HOCKET_TESTING_FAILURE_MATCHERS_H_
#define HOCKET_TESTING_FAILURE_MATCHERS_H_

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "hocket/exception_group.h"
#include "hocket/failure.h"

namespace hocket {

inline void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.ToString(); }

namespace testing {

using FailureMatcher = ::testing::Matcher<const Failure&>;

namespace internal {

using MembersMatcher = ::testing::Matcher<const std::vector<Failure>&>;
// `type` is for the message; `is_type` tells, and gives what() where there is one.
FailureMatcher ErrorMatcher(const std::type_info& type, bool (*is_type)(const Failure& failure, std::string* what),
                            ::testing::Matcher<const std::string&> what);
FailureMatcher GroupMatcher(MembersMatcher members, bool leaves);

template <class E>
bool IsErrorOf(const Failure& failure, std::string* what) {
  const E* error = failure.As<E>();
  if (error == nullptr) return false;
  if constexpr (std::is_base_of_v<std::exception, E>) *what = error->what();
  return true;
}

}  // namespace internal

// One error, not in a group, of type E or derived from it; what() is matched if E has one.
template <class E>
FailureMatcher IsError(::testing::Matcher<const std::string&> what = ::testing::_) {
  return internal::ErrorMatcher(typeid(E), &internal::IsErrorOf<E>, std::move(what));
}

// A cancellation that is not in a group.
FailureMatcher IsCancelled();

// A group with exactly as many members as matchers, in any order: each member has a matcher of its own. Nest them to
// match groups in groups.
template <class... Members>
FailureMatcher GroupOf(const Members&... members) {
  return internal::GroupMatcher(::testing::UnorderedElementsAre(members...), /*leaves=*/false);
}

// The same with the members in this order: for a nursery that is the order in which the tasks ended.
template <class... Members>
FailureMatcher GroupInOrder(const Members&... members) {
  return internal::GroupMatcher(::testing::ElementsAre(members...), /*leaves=*/false);
}

// A group with exactly these leaves in any order, however they are nested.
template <class... Leaves>
FailureMatcher FlatGroupOf(const Leaves&... leaves) {
  return internal::GroupMatcher(::testing::UnorderedElementsAre(leaves...), /*leaves=*/true);
}

// What `member` matches, alone or as the only member of a group.
FailureMatcher MaybeGrouped(const FailureMatcher& member);

// A group with such a message; goes with the others by AllOf.
FailureMatcher HasGroupMessage(::testing::Matcher<const std::string&> message);

}  // namespace testing
}  // namespace hocket

#endif  // HOCKET_TESTING_FAILURE_MATCHERS_H_
