#include "hocket/testing/failure_matchers.h"

#include <utility>

#include "hocket/internal/type_name.h"

namespace hocket::testing {

namespace internal {

namespace {

using ::testing::MatchResultListener;

class ErrorMatcherImpl final : public ::testing::MatcherInterface<const Failure&> {
 public:
  ErrorMatcherImpl(const std::type_info& type, bool (*is_type)(const Failure&, std::string*),
                   ::testing::Matcher<const std::string&> what)
      : type_(hocket::internal::TypeName(type)), is_type_(is_type), what_(std::move(what)) {}

  bool MatchAndExplain(const Failure& failure, MatchResultListener* listener) const override {
    std::string what;
    if (!is_type_(failure, &what)) {
      if (failure.is_group()) *listener << "which is a group: match it with GroupOf";
      return false;
    }
    return what_.MatchAndExplain(what, listener);
  }
  void DescribeTo(std::ostream* out) const override {
    *out << "is a " << type_ << " whose what() ";
    what_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const override {
    *out << "is no " << type_ << ", or its what() ";
    what_.DescribeNegationTo(out);
  }

 private:
  std::string type_;
  bool (*is_type_)(const Failure&, std::string*);
  ::testing::Matcher<const std::string&> what_;
};

class GroupMatcherImpl final : public ::testing::MatcherInterface<const Failure&> {
 public:
  GroupMatcherImpl(MembersMatcher members, bool leaves) : members_(std::move(members)), leaves_(leaves) {}

  bool MatchAndExplain(const Failure& failure, MatchResultListener* listener) const override {
    if (!failure.is_group()) {
      if (!failure) {
        *listener << "which is no failure";
      } else {
        *listener << "which is not a group";
        if (members_.Matches({failure}))
          *listener << ", but would match as its only member: allow that by MaybeGrouped";
      }
      return false;
    }
    const ExceptionGroup group = failure.group();
    if (leaves_) return members_.MatchAndExplain(group.Leaves(), listener);
    if (members_.MatchAndExplain(group.members(), listener)) return true;
    if (members_.Matches(group.Leaves())) *listener << "; its leaves match: FlatGroupOf ignores how they are nested";
    return false;
  }
  void DescribeTo(std::ostream* out) const override {
    *out << "is a group whose " << Subject();
    members_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const override {
    *out << "is no group, or its " << Subject();
    members_.DescribeNegationTo(out);
  }

 private:
  const char* Subject() const { return leaves_ ? "list of leaves " : "list of members "; }
  MembersMatcher members_;
  bool leaves_;
};

}  // namespace

FailureMatcher ErrorMatcher(const std::type_info& type, bool (*is_type)(const Failure&, std::string*),
                            ::testing::Matcher<const std::string&> what) {
  return ::testing::MakeMatcher(new ErrorMatcherImpl(type, is_type, std::move(what)));
}

FailureMatcher GroupMatcher(MembersMatcher members, bool leaves) {
  return ::testing::MakeMatcher(new GroupMatcherImpl(std::move(members), leaves));
}

}  // namespace internal

FailureMatcher IsCancelled() {
  return ::testing::Truly(
      [](const Failure& failure) { return failure && !failure.is_group() && failure.is_cancelled(); });
}

FailureMatcher MaybeGrouped(const FailureMatcher& member) { return ::testing::AnyOf(member, GroupOf(member)); }

FailureMatcher HasGroupMessage(::testing::Matcher<const std::string&> message) {
  return ::testing::AllOf(
      ::testing::Truly([](const Failure& failure) { return failure.is_group(); }),
      ::testing::ResultOf(
          "message of the group",
          [](const Failure& failure) { return failure.is_group() ? failure.group().message() : std::string(); },
          std::move(message)));
}

}  // namespace hocket::testing
