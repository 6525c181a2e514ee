// The alternatives that can run now, for strategies that draw one of them: every operation in constant time.
#ifndef HOCKET_HARNESS_READY_SET_H_
#define HOCKET_HARNESS_READY_SET_H_

#include <cstdint>
#include <vector>

#include "hocket/chooser.h"

namespace hocket::testing {

// Its order is arbitrary, but a function of the calls alone.
class ReadySet {
 public:
  void Clear() noexcept { ids_.clear(); }
  void Add(AlternativeId id) {
    if (id >= places_.size()) places_.resize(id + 1);
    places_[id] = static_cast<std::uint32_t>(ids_.size());
    ids_.push_back(id);
  }
  void Remove(AlternativeId id) noexcept {
    const std::uint32_t place = places_[id];
    ids_[place] = ids_.back();
    places_[ids_[place]] = place;
    ids_.pop_back();
  }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ids_.size()); }
  AlternativeId operator[](std::uint32_t place) const noexcept { return ids_[place]; }

 private:
  std::vector<AlternativeId> ids_;
  std::vector<std::uint32_t> places_;  // by id, of those in the set
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_READY_SET_H_
