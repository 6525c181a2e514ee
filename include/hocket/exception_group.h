// Several failures that left a nursery together, thrown as one exception. See failure.h for what is in it.
//
//     try {
//       co_await WithNursery(body);
//     } catch (const ExceptionGroup& group) {
//       for (const Failure& member : group.members()) Log(member.ToString());
//     }
//
// What cannot happen: an empty group; a member without a failure; a change after construction. Catching a group that
// has cancelled members and dropping it drops those cancellations too: the scope that was cancelled then ends as if it
// had not been.
#ifndef HOCKET_EXCEPTION_GROUP_H_
#define HOCKET_EXCEPTION_GROUP_H_

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "hocket/failure.h"

namespace hocket {

namespace internal {

struct FailureDetail {
  virtual ~FailureDetail() = default;
  std::atomic<int> references{0};
  FailureDetail* next_to_destroy = nullptr;  // once nobody refers to it
};

struct GroupRep final : FailureDetail {
  std::string message;
  std::vector<Failure> members;
  bool has_error = false;      // any leaf that is an error: the group is thrown rather than unwound
  bool has_cancelled = false;  // any leaf that is a cancellation
  std::once_flag described;
  std::string what;  // the tree as text, made when it is first asked for
};

}  // namespace internal

// Threads: immutable, so any.
class ExceptionGroup final : public std::exception {
 public:
  // REQUIRES: `members` is not empty, and each holds a failure.
  ExceptionGroup(std::string message, std::vector<Failure> members);

  const std::string& message() const noexcept { return rep().message; }
  const std::vector<Failure>& members() const noexcept { return rep().members; }
  bool has_error() const noexcept { return rep().has_error; }
  bool has_cancelled() const noexcept { return rep().has_cancelled; }

  // The group as an indented tree.
  const char* what() const noexcept override;

  // The leaves that satisfy `matches` and the rest, each in a group of the same structure and message, or without a
  // failure if there are none. A group that matches whole is returned as the same object.
  std::pair<Failure, Failure> Split(const std::function<bool(const Failure& leaf)>& matches) const;
  // The first half of that.
  Failure Subgroup(const std::function<bool(const Failure& leaf)>& matches) const { return Split(matches).first; }
  // All leaves, in their order.
  std::vector<Failure> Leaves() const;

  // The second part of a Split by Failure::is_cancelled, without a visit to groups that are of one kind.
  Failure WithoutCancelled() const;

 private:
  friend class Failure;
  enum class Part { kMatching, kRest, kInside };
  template <class Classify>
  std::pair<Failure, Failure> SplitBy(Classify classify) const;
  explicit ExceptionGroup(internal::Ref<internal::FailureDetail> rep) noexcept : detail_(std::move(rep)) {}
  internal::GroupRep& rep() const noexcept { return static_cast<internal::GroupRep&>(*detail_); }

  internal::Ref<internal::FailureDetail> detail_;
};

}  // namespace hocket

#endif  // HOCKET_EXCEPTION_GROUP_H_
