#include "harness/strategy/random_walk.h"

#include "harness/strategy/sampler.h"

namespace hocket::testing {

std::unique_ptr<Strategy> MakeRandomWalk(std::uint64_t seed) { return MakeSampler(seed, nullptr, RandomWalkPicker()); }

}  // namespace hocket::testing
