// Waiting for time to pass. All of these are checkpoints and cancel points.
//
// On a virtual clock nothing is waited for: when nothing else can run, time jumps to the earliest deadline. Three
// simulated hours cost as much as three milliseconds.
#ifndef HOCKET_SLEEP_H_
#define HOCKET_SLEEP_H_

#include "hocket/internal/awaiter.h"
#include "hocket/internal/timer.h"
#include "hocket/time.h"

namespace hocket {

namespace internal {

class SleepAwaiter final : public Operation<SleepAwaiter>, private Timer {
 public:
  // `checkpoint`: no time is to pass, which makes the sleep a plain checkpoint.
  SleepAwaiter(Time deadline, bool checkpoint) noexcept : deadline_(deadline), checkpoint_(checkpoint) {}
  ~SleepAwaiter() = default;
  void await_resume() const noexcept {}
  const char* operation() const noexcept override { return "Sleep"; }
  Access declared() const noexcept override;
  void TouchAtTurn() const noexcept override;
  bool Abort() noexcept override;
  Turn OnTurn(bool aborted) noexcept override;

 private:
  friend class Operation<SleepAwaiter>;
  void Suspend(Frame& frame) noexcept;
  void OnDeadline() noexcept override;

  Time deadline_;
  bool checkpoint_;
  bool delivering_ = false;
};

}  // namespace internal

// Waits until `deadline`; one in the past is a schedule point and a cancel point all the same.
[[nodiscard]] inline internal::SleepAwaiter SleepUntil(Time deadline) noexcept {
  return internal::SleepAwaiter(deadline, false);
}

// Waits for `duration`; zero is a Checkpoint. REQUIRES: duration >= 0.
[[nodiscard]] internal::SleepAwaiter Sleep(Duration duration);

// Waits until it is cancelled.
[[nodiscard]] inline internal::SleepAwaiter SleepForever() noexcept { return internal::SleepAwaiter(kForever, false); }

}  // namespace hocket

#endif  // HOCKET_SLEEP_H_
