// How a task or a body ended when it did not end with a value: an error, a cancellation, or a group of such.
//
// Errors are C++ exceptions. A cancellation is not: it unwinds by destroying coroutine frames, and `catch (...)` never
// sees it. What leaves a nursery together leaves as one ExceptionGroup, in the order in which it happened, and the
// group keeps cancelled members in their places:
//
//     ExceptionGroup "Exceptions from a nursery"
//       [0] std::runtime_error: connection reset
//       [1] cancelled
//
// A group that holds an error anywhere is thrown; a group of nothing but cancellations goes on unwinding.
#ifndef HOCKET_FAILURE_H_
#define HOCKET_FAILURE_H_

#include <exception>
#include <string>
#include <vector>

#include "hocket/internal/ref.h"

namespace hocket {

class ExceptionGroup;
struct CancelReason;

namespace internal {
struct FailureDetail;  // shared and immutable: the inside of an ExceptionGroup, or the reason of a cancellation
struct GroupRep;
void AddRef(FailureDetail* detail) noexcept;
void Release(FailureDetail* detail) noexcept;
}  // namespace internal

// A value, cheap to copy. Threads: immutable, so any.
class Failure {
 public:
  // No failure: what a body that ended with a value has.
  Failure() = default;

  // An error. If the exception is an ExceptionGroup, the failure is that group. REQUIRES: error != nullptr.
  static Failure FromException(std::exception_ptr error);

  // The same for the exception being handled, without rethrowing it unless it is a group. REQUIRES: called inside a
  // catch handler.
  static Failure FromCurrentException() noexcept;

  static Failure Cancelled() noexcept;
  static Failure Cancelled(CancelReason reason);
  static Failure FromGroup(const ExceptionGroup& group);

  explicit operator bool() const noexcept { return kind_ != Kind::kNone; }

  // True for a cancellation and for a group all of whose leaves are: what unwinds instead of being thrown.
  bool is_cancelled() const noexcept;
  bool is_group() const noexcept { return kind_ == Kind::kGroup; }

  // REQUIRES: is_group().
  ExceptionGroup group() const;

  // Why, for a cancellation that is not in a group; none if it was made up by hand. Lives as long as the failure.
  const CancelReason* cancel_reason() const noexcept;

  // The exception that Throw() throws. REQUIRES: holds a failure that is not cancelled.
  std::exception_ptr error() const;

  // Throws the original exception object; for a group, an ExceptionGroup. REQUIRES: holds a failure that is not
  // cancelled.
  [[noreturn]] void Throw() const;

  // The exception object, if this is an error (not a group) of type E or of a type derived from it; none otherwise.
  // Lives as long as the failure.
  template <class E>
  const E* As() const noexcept {
    if (kind_ != Kind::kError) return nullptr;
    try {
      std::rethrow_exception(error_);
    } catch (const E& error) {
      return &error;
    } catch (...) {
      return nullptr;
    }
  }

  // One line for a leaf ("std::runtime_error: connection reset", "cancelled"), the indented tree for a group.
  std::string ToString() const;

 private:
  friend class ExceptionGroup;
  enum class Kind : unsigned char { kNone, kCancelled, kError, kGroup };

  const internal::GroupRep& rep() const noexcept;

  std::exception_ptr error_;  // null for a cancellation, and for a group that nobody has thrown yet
  internal::Ref<internal::FailureDetail> detail_;  // of a group, or of a cancellation with a reason
  Kind kind_ = Kind::kNone;
};

}  // namespace hocket

#endif  // HOCKET_FAILURE_H_
