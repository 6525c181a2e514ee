#include "hocket/failure.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "hocket/check.h"
#include "hocket/exception_group.h"

namespace hocket {

namespace {

std::string Demangle(const char* mangled) {
  int status = 0;
  char* readable = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string name = status == 0 ? readable : mangled;
  std::free(readable);
  return name;
}

std::string DescribeError(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return Demangle(typeid(exception).name()) + ": " + exception.what();
  } catch (...) {
    return Demangle(abi::__cxa_current_exception_type()->name());
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

void AddRef(GroupRep* rep) noexcept { rep->references.fetch_add(1, std::memory_order_relaxed); }

// Destroying a group releases those in it, directly or with the exceptions that carry them. What is released meanwhile
// waits for its turn.
void Release(GroupRep* rep) noexcept {
  if (rep->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  static constinit thread_local GroupRep* waiting = nullptr;
  static constinit thread_local bool destroying = false;
  rep->next_to_destroy = std::exchange(waiting, rep);
  if (destroying) return;
  destroying = true;
  while (waiting != nullptr) {
    GroupRep* const next = waiting;
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
      failure.group_ = group.rep_;
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

Failure Failure::FromGroup(const ExceptionGroup& group) {
  Failure failure;
  failure.group_ = group.rep_;
  failure.kind_ = Kind::kGroup;
  return failure;
}

bool Failure::is_cancelled() const noexcept {
  return kind_ == Kind::kCancelled || (kind_ == Kind::kGroup && !group_->has_error);
}

ExceptionGroup Failure::group() const {
  HOCKET_CHECK(is_group()) << "the failure is not a group but " << ToString();
  return ExceptionGroup(group_);
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

ExceptionGroup::ExceptionGroup(std::string message, std::vector<Failure> members) : rep_(new internal::GroupRep()) {
  HOCKET_CHECK(!members.empty()) << "an exception group needs a member";
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Failure& member = members[i];
    HOCKET_CHECK(static_cast<bool>(member))
        << "member " << static_cast<std::uint64_t>(i) << " of an exception group holds no failure";
    rep_->has_error |= !member.is_cancelled();
    rep_->has_cancelled |= member.is_group() ? member.group_->has_cancelled : member.is_cancelled();
  }
  rep_->message = std::move(message);
  rep_->members = std::move(members);
}

// Not on construction: it would be made anew at each of the nurseries that a group passes, of a text that grows.
const char* ExceptionGroup::what() const noexcept {
  try {
    std::call_once(rep_->described, [this] { rep_->what = DescribeGroup(*this); });
    return rep_->what.c_str();
  } catch (...) {
    return "hocket::ExceptionGroup";
  }
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
      whole = part[i].group_.get() == group.members()[i].group_.get();
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
           return member.is_group() && member.group_->has_cancelled ? Part::kInside : Part::kRest;
         })
      .second;
}

}  // namespace hocket
