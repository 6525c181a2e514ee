// The harness's random numbers. Fixed for ever: seeds in tokens, tests and corpora mean what they meant. No std
// distribution, because those differ between standard libraries.
#ifndef HOCKET_HARNESS_RANDOM_H_
#define HOCKET_HARNESS_RANDOM_H_

#include <cstdint>

namespace hocket::testing {

// Combines a seed with the number of a stream or an execution into a new seed.
constexpr std::uint64_t MixSeed(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t z = a + 0x9e3779b97f4a7c15u * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// splitmix64 (Steele, Lea, Flood, 2014): one word of state, passes BigCrush, no warm-up.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t Next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Below `n`, by multiplication (Lemire, 2019) without rejection: for n < 2^20 a value's probability is off by less
  // than 2^-12 of itself.
  constexpr std::uint32_t Below(std::uint32_t n) noexcept { return Scale(Next(), n); }
  static constexpr std::uint32_t Scale(std::uint64_t random, std::uint32_t n) noexcept {
    return static_cast<std::uint32_t>(((random >> 32) * static_cast<std::uint64_t>(n)) >> 32);
  }

 private:
  std::uint64_t state_;
};

// The same numbers, each drawn before it is asked for: nothing waits for the next one, while everything waits for a
// pick.
class RandomAhead {
 public:
  explicit constexpr RandomAhead(Random random) noexcept : random_(random), next_(random_.Next()) {}

  constexpr std::uint64_t Next() noexcept {
    const std::uint64_t result = next_;
    next_ = random_.Next();
    return result;
  }
  constexpr std::uint32_t Below(std::uint32_t n) noexcept { return Random::Scale(Next(), n); }

 private:
  Random random_;
  std::uint64_t next_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_RANDOM_H_
