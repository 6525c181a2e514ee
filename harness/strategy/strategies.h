// The strategies that only ParseStrategy makes. Each file says what its strategy is.
#ifndef HOCKET_HARNESS_STRATEGY_STRATEGIES_H_
#define HOCKET_HARNESS_STRATEGY_STRATEGIES_H_

#include <cstdint>
#include <memory>

#include "harness/profile.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

std::unique_ptr<Strategy> MakeRoundRobin(std::uint64_t seed);
std::unique_ptr<Strategy> MakeTrioBatch(std::uint64_t seed);
// REQUIRES: percent <= 100.
std::unique_ptr<Strategy> MakeSticky(std::uint64_t seed, std::uint32_t percent);
// REQUIRES: depth >= 1.
std::unique_ptr<Strategy> MakePct(std::uint64_t seed, std::uint32_t depth);
// The same without learning from executions: each is taken to have so many decisions.
std::unique_ptr<Strategy> MakePctOfLength(std::uint64_t seed, std::uint32_t depth, std::uint64_t decisions);
std::unique_ptr<Strategy> MakePos(std::uint64_t seed);

// Strategies that share a profile must be asked in turn, so that between them they run the executions that it learns
// from.
std::unique_ptr<Strategy> MakeSwarm(std::uint64_t seed, std::shared_ptr<Profile> profile);  // none: it needs none
std::unique_ptr<Strategy> MakeUrw(std::uint64_t seed, std::shared_ptr<Profile> profile);
std::unique_ptr<Strategy> MakeSurw(std::uint64_t seed, std::shared_ptr<Profile> profile);

std::unique_ptr<Strategy> MakePortfolio(std::uint64_t seed);
std::unique_ptr<Strategy> MakeDefault(const StrategyOptions& options);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_STRATEGIES_H_
