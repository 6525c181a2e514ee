// The alternatives that can run now, for strategies that draw one of them: every operation in constant time.
#ifndef HOCKET_HARNESS_READY_SET_H_
#define HOCKET_HARNESS_READY_SET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hocket/chooser.h"

namespace hocket::testing {

// Its order is arbitrary, but a function of the calls alone.
class ReadySet {
 public:
  void Clear() noexcept { size_ = 0; }
  void Add(AlternativeId id) {
    if (id >= entries_.size()) [[unlikely]]
      Grow(id);
    entries_[id].place = size_;
    entries_[size_++].id = id;
  }
  void Remove(AlternativeId id) noexcept {
    const std::uint32_t place = entries_[id].place;
    const AlternativeId last = entries_[--size_].id;
    entries_[place].id = last;
    entries_[last].place = place;
  }
  std::uint32_t size() const noexcept { return size_; }
  AlternativeId operator[](std::uint32_t place) const noexcept { return entries_[place].id; }

 private:
  // Two arrays in one, because both are looked at with every call.
  struct Entry {
    AlternativeId id = 0;     // that is in this place
    std::uint32_t place = 0;  // where the alternative with this entry's number is
  };

  [[gnu::noinline]] void Grow(AlternativeId id) { entries_.resize(std::max<std::size_t>(2 * entries_.size(), id + 1)); }

  std::vector<Entry> entries_;
  std::uint32_t size_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_READY_SET_H_
