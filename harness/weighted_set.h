// Draws an index with a probability in proportion to its weight, in logarithmic time: a Fenwick tree (Fenwick: A new
// data structure for cumulative frequency tables, 1994).
#ifndef HOCKET_HARNESS_WEIGHTED_SET_H_
#define HOCKET_HARNESS_WEIGHTED_SET_H_

#include <bit>
#include <cstdint>
#include <vector>

namespace hocket::testing {

class WeightedSet {
 public:
  // All weights are 0 afterwards.
  void Clear() noexcept {
    sums_.assign(sums_.size(), 0);
    weights_.assign(weights_.size(), 0);
    total_ = 0;
  }

  void Set(std::uint32_t index, std::uint64_t weight) {
    if (index >= weights_.size()) Grow(index);
    const std::uint64_t change = weight - weights_[index];  // modulo 2^64, as are the sums
    if (change == 0) return;
    weights_[index] = weight;
    total_ += change;
    for (std::size_t i = index + std::size_t{1}; i < sums_.size(); i += i & (~i + 1)) sums_[i] += change;
  }
  std::uint64_t operator[](std::uint32_t index) const noexcept { return index < weights_.size() ? weights_[index] : 0; }

  std::uint64_t total() const noexcept { return total_; }

  // The index that `random`, uniform over 64 bits, stands for. REQUIRES: total() is from 1 to 2^32 - 1.
  std::uint32_t Draw(std::uint64_t random) const noexcept {
    std::uint64_t rest = ((random >> 32) * total_) >> 32;
    std::size_t i = 0;
    for (std::size_t step = weights_.size() / 2; step > 0; step /= 2) {
      const std::uint64_t sum = sums_[i + step];
      const std::uint64_t beyond = sum <= rest ? ~std::uint64_t{0} : 0;  // no branch: nobody could predict it
      i += step & beyond;
      rest -= sum & beyond;
    }
    return static_cast<std::uint32_t>(i);
  }

 private:
  void Grow(std::uint32_t index) {
    weights_.resize(std::bit_ceil(std::size_t{index} + 1), 0);
    sums_.assign(weights_.size() + 1, 0);
    for (std::size_t i = 1; i < sums_.size(); ++i) {
      sums_[i] += weights_[i - 1];
      const std::size_t next = i + (i & (~i + 1));
      if (next < sums_.size()) sums_[next] += sums_[i];
    }
  }

  std::vector<std::uint64_t> weights_;  // as many as a power of two
  std::vector<std::uint64_t> sums_;     // sums_[i]: of the weights from i - lowest bit of i up to i - 1
  std::uint64_t total_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_WEIGHTED_SET_H_
