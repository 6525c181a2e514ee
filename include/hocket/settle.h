// Settle: wait until everybody else waits. For tests of one's own primitives: "the other tasks have come as far as they
// can".
#ifndef HOCKET_SETTLE_H_
#define HOCKET_SETTLE_H_

#include "hocket/internal/awaiter.h"
#include "hocket/internal/list.h"

namespace hocket {

namespace internal {

struct SettleTag;

class SettleAwaiter final : public Operation<SettleAwaiter>, public Hook<SettleTag> {
 public:
  SettleAwaiter() noexcept {}
  const char* operation() const noexcept override { return "Settle"; }
  bool Abort() noexcept override;

 private:
  friend class Operation<SettleAwaiter>;
  void Suspend(Frame& frame) noexcept;
};

}  // namespace internal

// Waits until no task can run. Comes before time: a virtual clock that jumps when nothing can run does not jump while
// somebody settles (with TimePasses::kAnytime it may, as at any time). Several tasks that settle at once all go on.
[[nodiscard]] inline internal::SettleAwaiter Settle() noexcept { return internal::SettleAwaiter(); }

}  // namespace hocket

#endif  // HOCKET_SETTLE_H_
