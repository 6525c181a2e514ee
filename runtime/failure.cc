#include "hocket/failure.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "hocket/cancel_reason.h"
#include "hocket/check.h"
#include "hocket/exception_group.h"
#include "hocket/internal/frame.h"
#include "hocket/internal/told_error.h"
#include "hocket/internal/type_name.h"

namespace hocket {

namespace {

std::string DescribeError(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return internal::TypeName(typeid(exception)) + ": " + exception.what();
  } catch (const internal::ToldError& error) {
    return error.text;
  } catch (...) {
    return internal::TypeName(*abi::__cxa_current_exception_type());
  }
}

void AppendText(std::string& text, const std::string& more, const std::string& indent) {
  for (const char c : more) {
    text += c;
    if (c == '\n') text += indent;
  }
}

// Groups may nest deeper than the stack is, so none of what visits them recurses. And the text must not grow with the
// square of the depth, so indentation ends somewhere.
std::string DescribeGroup(const ExceptionGroup& root) {
  constexpr std::size_t kDeepestIndented = 32;
  struct Level {
    const std::vector<Failure>* members;
    std::size_t next = 0;
  };
  const std::string title = "hocket::ExceptionGroup: ";
  std::string text;
  AppendText(text, title + root.message(), "");
  std::vector<Level> levels{{&root.members()}};
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.members->size()) {
      levels.pop_back();
      continue;
    }
    const std::string indent(2 * std::min(levels.size(), kDeepestIndented), ' ');
    text += "\n" + indent + "[" + std::to_string(level.next) + "] ";
    const Failure& member = (*level.members)[level.next++];
    if (member.is_group()) {
      const ExceptionGroup group = member.group();
      AppendText(text, title + group.message(), indent);
      levels.push_back({&group.members()});  // the root keeps them
    } else {
      AppendText(text, member.ToString(), indent);
    }
  }
  return text;
}

}  // namespace

namespace internal {

namespace {

struct ReasonRep final : FailureDetail {
  explicit ReasonRep(CancelReason&& why) : reason(std::move(why)) {}
  static void* operator new(std::size_t size) { return AllocateBlock(size); }
  static void operator delete(void* block, std::size_t size) noexcept { FreeBlock(block, size); }
  CancelReason reason;
};

}  // namespace

void AddRef(FailureDetail* detail) noexcept { detail->references.fetch_add(1, std::memory_order_relaxed); }

// Destroying a group releases those in it, directly or with the exceptions that carry them. What is released meanwhile
// waits for its turn.
void Release(FailureDetail* detail) noexcept {
  if (detail->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  static constinit thread_local FailureDetail* waiting = nullptr;
  static constinit thread_local bool destroying = false;
  detail->next_to_destroy = std::exchange(waiting, detail);
  if (destroying) return;
  destroying = true;
  while (waiting != nullptr) {
    FailureDetail* const next = waiting;
    waiting = next->next_to_destroy;
    delete next;
  }
  destroying = false;
}

}  // namespace internal

Failure Failure::FromException(std::exception_ptr error) {
  HOCKET_CHECK(error != nullptr) << "a failure needs an exception";
  try {
    std::rethrow_exception(std::move(error));
  } catch (...) {
    return FromCurrentException();
  }
}

Failure Failure::FromCurrentException() noexcept {
  Failure failure;
  failure.error_ = std::current_exception();
  failure.kind_ = Kind::kError;
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type != nullptr && *type == typeid(ExceptionGroup)) {
    try {
      throw;
    } catch (const ExceptionGroup& group) {
      failure.detail_ = group.detail_;
      failure.kind_ = Kind::kGroup;
    }
  }
  return failure;
}

Failure Failure::Cancelled() noexcept {
  Failure failure;
  failure.kind_ = Kind::kCancelled;
  return failure;
}

Failure Failure::Cancelled(CancelReason reason) {
  Failure failure = Cancelled();
  failure.detail_ = internal::Ref<internal::FailureDetail>(new internal::ReasonRep(std::move(reason)));
  return failure;
}

const CancelReason* Failure::cancel_reason() const noexcept {
  if (kind_ != Kind::kCancelled || detail_.get() == nullptr) return nullptr;
  return &static_cast<const internal::ReasonRep&>(*detail_).reason;
}

const internal::GroupRep& Failure::rep() const noexcept { return static_cast<const internal::GroupRep&>(*detail_); }

Failure Failure::FromGroup(const ExceptionGroup& group) {
  Failure failure;
  failure.detail_ = group.detail_;
  failure.kind_ = Kind::kGroup;
  return failure;
}

bool Failure::is_cancelled() const noexcept {
  return kind_ == Kind::kCancelled || (kind_ == Kind::kGroup && !rep().has_error);
}

ExceptionGroup Failure::group() const {
  HOCKET_CHECK(is_group()) << "the failure is not a group but " << ToString();
  return ExceptionGroup(detail_);
}

std::exception_ptr Failure::error() const {
  HOCKET_CHECK(kind_ != Kind::kNone && !is_cancelled()) << "there is no exception for " << ToString();
  return error_ != nullptr ? error_ : std::make_exception_ptr(group());
}

void Failure::Throw() const {
  HOCKET_CHECK(kind_ != Kind::kNone && !is_cancelled()) << "there is no exception for " << ToString();
  if (error_ != nullptr) std::rethrow_exception(error_);
  throw group();
}

std::string Failure::ToString() const {
  switch (kind_) {
    case Kind::kNone:
      return "no failure";
    case Kind::kCancelled:
      return "cancelled";
    case Kind::kError:
      return DescribeError(error_);
    case Kind::kGroup:
      return group().what();
  }
  return "";
}

ExceptionGroup::ExceptionGroup(std::string message, std::vector<Failure> members) : detail_(new internal::GroupRep()) {
  HOCKET_CHECK(!members.empty()) << "an exception group needs a member";
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Failure& member = members[i];
    HOCKET_CHECK(static_cast<bool>(member))
        << "member " << static_cast<std::uint64_t>(i) << " of an exception group holds no failure";
    rep().has_error |= !member.is_cancelled();
    rep().has_cancelled |= member.is_group() ? member.rep().has_cancelled : member.is_cancelled();
  }
  rep().message = std::move(message);
  rep().members = std::move(members);
}

// Not on construction: it would be made anew at each of the nurseries that a group passes, of a text that grows.
const char* ExceptionGroup::what() const noexcept {
  try {
    std::call_once(rep().described, [this] { rep().what = DescribeGroup(*this); });
    return rep().what.c_str();
  } catch (...) {
    return "hocket::ExceptionGroup";
  }
}

std::vector<Failure> ExceptionGroup::Leaves() const {
  std::vector<Failure> leaves;
  Split([&leaves](const Failure& leaf) {
    leaves.push_back(leaf);
    return true;
  });
  return leaves;
}

template <class Classify>
std::pair<Failure, Failure> ExceptionGroup::SplitBy(Classify classify) const {
  struct Level {
    ExceptionGroup group;
    std::size_t next = 0;
    std::vector<Failure> matching = {};
    std::vector<Failure> rest = {};
  };
  const auto regroup = [](const ExceptionGroup& group, std::vector<Failure> part) {
    if (part.empty()) return Failure();
    bool whole = part.size() == group.members().size();
    for (std::size_t i = 0; whole && i < part.size(); ++i)
      whole = part[i].detail_.get() == group.members()[i].detail_.get();
    return Failure::FromGroup(whole ? group : ExceptionGroup(group.message(), std::move(part)));
  };
  std::vector<Level> levels;
  levels.push_back({*this});
  for (;;) {
    Level& level = levels.back();
    if (level.next < level.group.members().size()) {
      const Failure& member = level.group.members()[level.next++];
      switch (classify(member)) {
        case Part::kMatching:
          level.matching.push_back(member);
          break;
        case Part::kRest:
          level.rest.push_back(member);
          break;
        case Part::kInside:
          levels.push_back({member.group()});
          break;
      }
      continue;
    }
    Failure matching = regroup(level.group, std::move(level.matching));
    Failure rest = regroup(level.group, std::move(level.rest));
    levels.pop_back();
    if (levels.empty()) return {std::move(matching), std::move(rest)};
    if (matching) levels.back().matching.push_back(std::move(matching));
    if (rest) levels.back().rest.push_back(std::move(rest));
  }
}

std::pair<Failure, Failure> ExceptionGroup::Split(const std::function<bool(const Failure& leaf)>& matches) const {
  return SplitBy([&](const Failure& member) {
    if (member.is_group()) return Part::kInside;
    return matches(member) ? Part::kMatching : Part::kRest;
  });
}

Failure ExceptionGroup::WithoutCancelled() const {
  return SplitBy([](const Failure& member) {
           if (member.is_cancelled()) return Part::kMatching;
           return member.is_group() && member.rep().has_cancelled ? Part::kInside : Part::kRest;
         })
      .second;
}

}  // namespace hocket
