// The alternatives in the order of a base schedule. Stored schedules are lists of deviations from one of the bases, so
// what the bases choose is part of the format (docs/schedule_format.md):
//   fifo   the task that became ready first; stay: the task that stepped last while it can go on, otherwise as fifo;
//   spawn  the first in spawn order. Last everywhere come the clock, and then cancellations from outside in the order
//   of being offered: a base takes neither while a task can go on.
#ifndef HOCKET_HARNESS_BASE_ORDER_H_
#define HOCKET_HARNESS_BASE_ORDER_H_

#include <cstdint>
#include <vector>

#include "hocket/chooser.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// Fed with a chooser's calls; keeps the order of becoming ready.
class BaseOrder {
 public:
  explicit BaseOrder(Base base) : base_(base) {}

  void Begin(const Executor& executor);
  void Added(AlternativeId id);
  void Removed(AlternativeId id, Removal why);

  // How many alternatives there are.
  std::uint32_t size() const { return size_; }
  // The base's choice. REQUIRES: size() > 0.
  AlternativeId First() const;
  // Whether the choice is the task that stepped last, going on.
  bool GoesOn() const { return last_ != kNone && nodes_[last_].linked; }
  // The alternative with this index: the base's choice first, the others as in fifo, then the clock and the
  // cancellations. REQUIRES: index < size().
  AlternativeId At(std::uint32_t index) const;
  // All of them in the order of At.
  void CopyTo(std::vector<AlternativeId>& ids) const;
  // The inverse of At. REQUIRES: `id` can run.
  std::uint32_t IndexOf(AlternativeId id) const;

 private:
  static constexpr AlternativeId kNone = static_cast<AlternativeId>(-1);

  struct Node {
    AlternativeId previous = kNone;
    AlternativeId next = kNone;
    std::uint32_t spawn_number = 0;
    bool linked = false;
  };

  Base base_;
  const Executor* executor_ = nullptr;
  std::vector<Node> nodes_;  // by id: a list of tasks in the order of becoming ready
  AlternativeId first_ = kNone;
  AlternativeId final_ = kNone;
  AlternativeId clock_ = kNone;  // if it is an alternative
  std::vector<AlternativeId> cancellations_;
  AlternativeId last_ = kNone;  // stepped last; its handle is not given out again before the next step
  std::uint32_t size_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_BASE_ORDER_H_
