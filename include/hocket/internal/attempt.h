// Operations that either succeed at once or wait: acquire, send, receive.
#ifndef HOCKET_INTERNAL_ATTEMPT_H_
#define HOCKET_INTERNAL_ATTEMPT_H_

#include "hocket/internal/awaiter.h"

namespace hocket::internal {

// The rule that all of them follow: a cancellation that is pending already comes first, and then nothing has happened.
// Otherwise the operation is attempted. If it fails with an error, that is thrown at once, without a schedule point. If
// it succeeds, a schedule point follows that cannot be cancelled, so that what has happened is never reported as
// cancelled. If it must wait, the wait can be cancelled until it is over.
class AttemptAwaiter : public FallibleOperation<AttemptAwaiter> {
 public:
  bool await_ready();
  Turn OnTurn(bool aborted) noexcept final;
  void TouchAtTurn() const noexcept final;

 protected:
  enum class Attempted : unsigned char { kDone, kMustWait, kFailed };

  ~AttemptAwaiter() = default;
  // Tries the operation now; SetFailure on kFailed.
  virtual Attempted Attempt() = 0;
  // Registers the wait, which Abort undoes.
  virtual void Enqueue() noexcept = 0;

 private:
  enum class Phase : unsigned char { kCancelling, kYielding, kWaiting };

  friend class Operation<AttemptAwaiter>;
  void Suspend(Frame& frame) noexcept;
  // Attempts, and says whether that has ended the operation with an error.
  bool AttemptNow();

  Phase phase_ = Phase::kCancelling;
  bool delivering_ = false;
};

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_ATTEMPT_H_
