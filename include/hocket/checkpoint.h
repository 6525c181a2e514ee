// Checkpoints: the places where other tasks may run, and where a cancellation arrives.
#ifndef HOCKET_CHECKPOINT_H_
#define HOCKET_CHECKPOINT_H_

#include "hocket/access.h"
#include "hocket/internal/awaiter.h"

namespace hocket {

namespace internal {

class CheckpointAwaiter final : public Operation<CheckpointAwaiter> {
 public:
  enum class Flavour : unsigned char { kFull, kIfCancelled, kShielded };

  CheckpointAwaiter(Flavour flavour, Access access) noexcept : access_(access), flavour_(flavour) {}
  bool await_ready() const noexcept { return flavour_ == Flavour::kIfCancelled && NotCancelled(); }
  const char* operation() const noexcept override;
  Access declared() const noexcept override { return access_; }
  void TouchAtTurn() const noexcept override;
  Turn OnTurn(bool aborted) noexcept override;

 private:
  friend class Operation<CheckpointAwaiter>;
  void Suspend(Frame& frame) noexcept;
  static bool NotCancelled() noexcept;

  Access access_;
  Flavour flavour_;
  bool delivering_ = false;  // the second tick: the cancellation that the first one saw arrives
};

}  // namespace internal

// A schedule point, then a cancel point: any other task may run here, and if the surrounding scope is cancelled the
// task unwinds from here. `access` says what the code after the checkpoint touches first, if it is worth telling an
// explorer.
[[nodiscard]] inline internal::CheckpointAwaiter Checkpoint(Access access = {.kind = AccessKind::kOpaque}) noexcept {
  return internal::CheckpointAwaiter(internal::CheckpointAwaiter::Flavour::kFull, access);
}

// A cancel point only: nothing unless the surrounding scope is cancelled, otherwise a Checkpoint.
[[nodiscard]] inline internal::CheckpointAwaiter CheckpointIfCancelled() noexcept {
  return internal::CheckpointAwaiter(internal::CheckpointAwaiter::Flavour::kIfCancelled, {});
}

// A schedule point only: never unwinds.
[[nodiscard]] inline internal::CheckpointAwaiter ShieldedCheckpoint() noexcept {
  return internal::CheckpointAwaiter(internal::CheckpointAwaiter::Flavour::kShielded, {.kind = AccessKind::kOpaque});
}

}  // namespace hocket

#endif  // HOCKET_CHECKPOINT_H_
