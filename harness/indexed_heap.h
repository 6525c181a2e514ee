// Alternatives by a key, the highest first: adding, removing and changing one in logarithmic time.
#ifndef HOCKET_HARNESS_INDEXED_HEAP_H_
#define HOCKET_HARNESS_INDEXED_HEAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hocket/chooser.h"

namespace hocket::testing {

// Of equal keys, which comes first is arbitrary, but a function of the calls alone. What is removed from the top leaves
// a gap, because most often something is added next: a task that steps can go on.
class IndexedHeap {
 public:
  void Clear() noexcept {
    count_ = 0;
    gap_ = false;
  }
  // REQUIRES: it is not there.
  void Add(AlternativeId id, std::uint64_t key) {
    if (id >= places_.size()) [[unlikely]]
      Grow(id);
    if (gap_) {
      gap_ = false;
      Sink(0, {key, id});
      return;
    }
    Rise(count_++, {key, id});
  }
  // REQUIRES: it is there.
  void Remove(AlternativeId id) noexcept {
    CloseGap();
    const std::uint32_t place = places_[id];
    if (place == 0) {
      gap_ = true;
      return;
    }
    const Node last = nodes_[--count_];
    if (place < count_) Place(place, last);
  }
  void Change(AlternativeId id, std::uint64_t key) noexcept {
    CloseGap();
    Place(places_[id], {key, id});
  }

  std::uint32_t size() const noexcept { return count_ - (gap_ ? 1 : 0); }
  AlternativeId Top() noexcept {
    CloseGap();
    return nodes_[0].id;
  }
  std::uint64_t TopKey() noexcept {
    CloseGap();
    return nodes_[0].key;
  }
  // Any of them, by an index below size(): for drawing one with the same probability.
  AlternativeId At(std::uint32_t index) noexcept {
    CloseGap();
    return nodes_[index].id;
  }
  std::uint64_t KeyOf(AlternativeId id) const noexcept { return nodes_[places_[id]].key; }

  // Gives all of them new keys: `draw()` is called once for each, in an arbitrary order.
  template <class Draw>
  void ChangeAll(Draw draw) {
    CloseGap();
    for (std::uint32_t place = 0; place < count_; ++place) nodes_[place].key = draw();
    for (std::uint32_t place = count_ / 2; place-- > 0;) Sink(place, nodes_[place]);
    for (std::uint32_t place = 0; place < count_; ++place) places_[nodes_[place].id] = place;
  }

 private:
  struct Node {
    std::uint64_t key = 0;
    AlternativeId id = 0;
  };

  [[gnu::noinline]] void Grow(AlternativeId id) {
    const std::size_t size = std::max<std::size_t>(2 * places_.size(), id + 1);
    nodes_.resize(size);
    places_.resize(size, 0);
  }
  void CloseGap() noexcept {
    if (!gap_) return;
    gap_ = false;
    if (--count_ > 0) Sink(0, nodes_[count_]);
  }
  void Put(std::uint32_t place, Node node) noexcept {
    nodes_[place] = node;
    places_[node.id] = place;
  }
  void Place(std::uint32_t place, Node node) noexcept {
    if (place > 0 && nodes_[(place - 1) / 2].key < node.key) {
      Rise(place, node);
    } else {
      Sink(place, node);
    }
  }
  void Rise(std::uint32_t place, Node node) noexcept {
    while (place > 0) {
      const std::uint32_t parent = (place - 1) / 2;
      if (nodes_[parent].key >= node.key) break;
      Put(place, nodes_[parent]);
      place = parent;
    }
    Put(place, node);
  }
  void Sink(std::uint32_t place, Node node) noexcept {
    const std::uint32_t count = count_;
    for (;;) {
      std::uint32_t child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count) child += nodes_[child + 1].key > nodes_[child].key ? 1 : 0;
      if (nodes_[child].key <= node.key) break;
      Put(place, nodes_[child]);
      place = child;
    }
    Put(place, node);
  }

  std::vector<Node> nodes_;            // of which the first count_ are there
  std::vector<std::uint32_t> places_;  // by id, of those that are there
  std::uint32_t count_ = 0;
  bool gap_ = false;  // the first node is not there
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_INDEXED_HEAP_H_
