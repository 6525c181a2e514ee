// How an awaited body ended, as a value: a T, an error or a cancellation. Get one from Capture, pass it on with Resolve
// (capture.h).
#ifndef HOCKET_OUTCOME_H_
#define HOCKET_OUTCOME_H_

#include <optional>
#include <utility>

#include "hocket/check.h"
#include "hocket/failure.h"

namespace hocket {

// REQUIRES for every accessor of the value: has_value().
template <class T = void>
class [[nodiscard]] Outcome {
 public:
  explicit Outcome(T value) : value_(std::move(value)) {}
  explicit Outcome(Failure failure) : failure_(std::move(failure)) { HOCKET_CHECK(static_cast<bool>(failure_)); }

  bool has_value() const noexcept { return value_.has_value(); }
  bool is_cancelled() const noexcept { return failure_ && failure_.is_cancelled(); }
  bool has_error() const noexcept { return failure_ && !failure_.is_cancelled(); }

  T& value() & {
    HOCKET_CHECK(has_value()) << "the outcome is " << failure_.ToString();
    return *value_;
  }
  T&& value() && { return std::move(value()); }
  const Failure& failure() const noexcept { return failure_; }

 private:
  std::optional<T> value_;
  Failure failure_;
};

template <>
class [[nodiscard]] Outcome<void> {
 public:
  Outcome() = default;
  explicit Outcome(Failure failure) : failure_(std::move(failure)) {}

  bool has_value() const noexcept { return !failure_; }
  bool is_cancelled() const noexcept { return failure_ && failure_.is_cancelled(); }
  bool has_error() const noexcept { return failure_ && !failure_.is_cancelled(); }
  const Failure& failure() const noexcept { return failure_; }

 private:
  Failure failure_;
};

}  // namespace hocket

#endif  // HOCKET_OUTCOME_H_
