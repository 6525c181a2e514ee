// Draws an index with a probability in proportion to its weight, in logarithmic time: a tree of sums whose nodes have
// sixteen children. A draw looks at all children of a node without a branch, which for the few tasks of most programs
// is one look at one array, and cheaper than one branch that nobody can predict.
#ifndef HOCKET_HARNESS_WEIGHTED_SET_H_
#define HOCKET_HARNESS_WEIGHTED_SET_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hocket::testing {

class WeightedSet {
 public:
  // All weights are 0 afterwards.
  void Clear() noexcept {
    std::fill(weights_.begin(), weights_.end(), 0);
    for (std::vector<std::uint64_t>& level : sums_) std::fill(level.begin(), level.end(), 0);
    total_ = 0;
  }

  void Set(std::uint32_t index, std::uint64_t weight) {
    if (index >= limit_) [[unlikely]]
      Grow(index);
    const std::uint64_t change = weight - weights_[index];  // modulo 2^64, as are the sums
    if (change == 0) return;
    weights_[index] = weight;
    total_ += change;
    std::size_t i = index;
    for (std::vector<std::uint64_t>& level : sums_) level[i /= kChildren] += change;
  }
  std::uint64_t operator[](std::uint32_t index) const noexcept { return index < weights_.size() ? weights_[index] : 0; }

  // Takes one from a weight, but leaves it at 1 at least. REQUIRES: it is not 0.
  void TakeOne(std::uint32_t index) noexcept {
    const std::uint64_t taken = weights_[index] > 1 ? 1 : 0;
    weights_[index] -= taken;
    total_ -= taken;
    std::size_t i = index;
    for (std::vector<std::uint64_t>& level : sums_) level[i /= kChildren] -= taken;
  }

  std::uint64_t total() const noexcept { return total_; }

  // The index that `random`, uniform over 64 bits, stands for. REQUIRES: total() is from 1 to 2^32 - 1.
  std::uint32_t Draw(std::uint64_t random) const noexcept {
    std::uint64_t rest = ((random >> 32) * total_) >> 32;
    std::size_t node = 0;
    for (std::size_t level = sums_.size(); level-- > 0;) {
      node *= kChildren;
      const std::uint64_t* const sums = sums_[level].data() + node;
      std::uint64_t sum = 0;
      std::uint64_t before = 0;  // the sum of the children before the drawn one
      for (std::size_t child = 0; child < kChildren; ++child) {
        sum += sums[child];
        const bool beyond = sum <= rest;
        before = beyond ? sum : before;
        node += beyond ? 1 : 0;
      }
      rest -= before;
    }
    node *= kChildren;
    const std::uint64_t* const weights = weights_.data() + node;
    std::uint64_t sum = 0;
    for (std::size_t child = 0; child < width_; child += 4) {
      for (std::size_t i = child; i < child + 4; ++i) {
        sum += weights[i];
        node += sum <= rest ? 1 : 0;
      }
    }
    return static_cast<std::uint32_t>(node);
  }

 private:
  static constexpr std::size_t kChildren = 16;

  [[gnu::noinline]] void Grow(std::uint32_t index) {
    if (index < kChildren) {
      width_ = index / 4 * 4 + 4;
      limit_ = width_;
      weights_.resize(kChildren, 0);
      return;
    }
    width_ = kChildren;
    weights_.resize(std::max(kChildren, std::bit_ceil(index + std::size_t{1})), 0);
    const std::vector<std::uint64_t>* below = &weights_;
    std::size_t level = 0;
    for (std::size_t nodes = weights_.size() / kChildren; nodes > 1; nodes = (nodes + kChildren - 1) / kChildren) {
      if (level == sums_.size()) {
        sums_.reserve(kMostLevels);
        sums_.emplace_back();
      }
      std::vector<std::uint64_t>& sums = sums_[level++];
      sums.assign(std::max(kChildren, nodes), 0);
      for (std::size_t i = 0; i < below->size(); ++i) sums[i / kChildren] += (*below)[i];
      below = &sums;
    }
    limit_ = weights_.size();
  }

  static constexpr std::size_t kMostLevels = 7;  // above 2^32 weights

  std::vector<std::uint64_t> weights_;            // as many as a power of two that is a multiple of the children
  std::vector<std::vector<std::uint64_t>> sums_;  // of the nodes of each level, the one above the weights first
  std::uint64_t total_ = 0;
  std::size_t limit_ = 0;  // for indices below it there is room
  std::size_t width_ = 0;  // how many children of a node of weights can have any
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_WEIGHTED_SET_H_
