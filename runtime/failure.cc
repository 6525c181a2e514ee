#include "hocket/failure.h"

#include <cxxabi.h>

#include <cstdlib>
#include <typeinfo>
#include <utility>

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

void AppendGroup(std::string& text, const std::string& message, const std::vector<Failure>& members,
                 const std::string& indent) {
  AppendText(text, "hocket::ExceptionGroup: " + message, indent);
  const std::string inner = indent + "  ";
  for (std::size_t i = 0; i < members.size(); ++i) {
    text += "\n" + inner + "[" + std::to_string(i) + "] ";
    if (members[i].is_group()) {
      const ExceptionGroup group = members[i].group();
      AppendGroup(text, group.message(), group.members(), inner);
    } else {
      AppendText(text, members[i].ToString(), inner);
    }
  }
}

}  // namespace

namespace internal {

void AddRef(GroupRep* rep) noexcept { rep->references.fetch_add(1, std::memory_order_relaxed); }
void Release(GroupRep* rep) noexcept {
  if (rep->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete rep;
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
    std::call_once(rep_->described, [this] {
      std::string text;
      AppendGroup(text, message(), members(), "");
      rep_->what = std::move(text);
    });
    return rep_->what.c_str();
  } catch (...) {
    return "hocket::ExceptionGroup";
  }
}

std::pair<Failure, Failure> ExceptionGroup::Split(const std::function<bool(const Failure& leaf)>& matches) const {
  std::vector<Failure> matching;
  std::vector<Failure> rest;
  for (const Failure& member : members()) {
    if (member.is_group()) {
      auto [inner_matching, inner_rest] = member.group().Split(matches);
      if (inner_matching) matching.push_back(std::move(inner_matching));
      if (inner_rest) rest.push_back(std::move(inner_rest));
    } else {
      (matches(member) ? matching : rest).push_back(member);
    }
  }
  const auto regroup = [this](std::vector<Failure> part) {
    if (part.empty()) return Failure();
    bool whole = part.size() == members().size();
    for (std::size_t i = 0; whole && i < part.size(); ++i) whole = part[i].group_.get() == members()[i].group_.get();
    return Failure::FromGroup(whole ? *this : ExceptionGroup(message(), std::move(part)));
  };
  return {regroup(std::move(matching)), regroup(std::move(rest))};
}

}  // namespace hocket
