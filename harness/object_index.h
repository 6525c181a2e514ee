// Numbers objects from 0 in the order in which they are seen, so that what is known of an object is in an array.
#ifndef HOCKET_HARNESS_OBJECT_INDEX_H_
#define HOCKET_HARNESS_OBJECT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "hocket/access.h"

namespace hocket::testing {

// A table with open addressing: looked at once or twice at every step, so that a look must cost next to nothing. An
// object's number must not decide anything.
class ObjectIndex {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint32_t size() const noexcept { return size_; }
  void Clear() noexcept {
    slots_.assign(slots_.size(), {});
    size_ = 0;
  }
  // REQUIRES: `object` has a name, here and below.
  std::uint32_t Of(ObjectId object) {
    if (2 * (size_ + std::size_t{1}) > slots_.size()) Grow();
    Slot& slot = slots_[Find(object)];
    if (slot.object == 0) slot = {object, size_++};
    return slot.index;
  }
  // kNone if it has not been seen.
  std::uint32_t IfSeen(ObjectId object) const noexcept {
    if (slots_.empty()) return kNone;
    return slots_[Find(object)].index;
  }

 private:
  struct Slot {
    ObjectId object = 0;
    std::uint32_t index = kNone;
  };

  // Its slot, or the empty one where it would be. At least one half is empty.
  std::size_t Find(ObjectId object) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = (object * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (slots_[i].object != object && slots_[i].object != 0) i = (i + 1) & mask;
    return i;
  }
  void Grow() {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 64 : 2 * slots_.size()));
    for (const Slot& slot : before) {
      if (slot.object != 0) slots_[Find(slot.object)] = slot;
    }
  }

  std::vector<Slot> slots_;  // as many as a power of two
  std::uint32_t size_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_OBJECT_INDEX_H_
