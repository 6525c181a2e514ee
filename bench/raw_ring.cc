#include "bench/raw_ring.h"

#include "harness/random.h"

namespace bench::raw {

std::uint32_t RandomPicker::Pick(std::uint32_t n) {
  hocket::testing::Random random(state_);
  const std::uint32_t choice = random.Below(n);
  state_ += 0x9e3779b97f4a7c15u;  // splitmix64's whole state
  return choice;
}

}  // namespace bench::raw
