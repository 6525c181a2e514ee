// Schedules for tests whose claim must hold whatever runs first: run the test under each of them.
#ifndef HOCKET_TESTS_RUNTIME_POLICIES_H_
#define HOCKET_TESTS_RUNTIME_POLICIES_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"

namespace hocket {

// Picks among the alternatives, in the order in which they were added, by index.
class IndexChooser final : public Chooser {
 public:
  // `decide(n)` is below n.
  explicit IndexChooser(std::function<std::uint32_t(std::uint32_t)> decide) : decide_(std::move(decide)) {}

  void Begin(const Executor&) noexcept override { ready_.clear(); }
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
  AlternativeId Pick() noexcept override { return ready_[decide_(static_cast<std::uint32_t>(ready_.size()))]; }
  std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override { return decide_(n); }

 private:
  std::function<std::uint32_t(std::uint32_t)> decide_;
  std::vector<AlternativeId> ready_;
};

// A decision from a fixed pseudo-random sequence.
class RandomDecision {
 public:
  explicit RandomDecision(std::uint32_t seed) : state_(seed * 2654435761u + 1) {}
  std::uint32_t operator()(std::uint32_t n) { return ((state_ = state_ * 1664525u + 1013904223u) >> 8) % n; }

 private:
  std::uint32_t state_;
};

struct Policy {
  std::string name;
  PassLength pass;
  std::function<std::uint32_t(std::uint32_t)> decide;  // none: no chooser
};

// First in, first out; Trio's batches; their reverse; and `seeds` random ones, each in both lengths of a pass.
inline std::vector<Policy> Policies(std::uint32_t seeds) {
  const auto last = [](std::uint32_t n) { return n - 1; };
  std::vector<Policy> policies = {{"first in, first out", PassLength::kStep, nullptr},
                                  {"batches", PassLength::kBatch, nullptr},
                                  {"last in, first out", PassLength::kStep, last},
                                  {"reversed batches", PassLength::kBatch, last}};
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    policies.push_back({"random " + std::to_string(seed), PassLength::kStep, RandomDecision(seed)});
    policies.push_back({"random batches " + std::to_string(seed), PassLength::kBatch, RandomDecision(seed)});
  }
  return policies;
}

// Calls `test(options)` once for each policy, with the options to run under it, until one fails.
template <class Test>
void UnderEveryPolicy(Test test, std::uint32_t seeds = 20) {
  for (const Policy& policy : Policies(seeds)) {
    SCOPED_TRACE("under the policy: " + policy.name);
    IndexChooser chooser(policy.decide);
    test(RunOptions{
        .clock = ClockKind::kVirtual, .pass = policy.pass, .chooser = policy.decide == nullptr ? nullptr : &chooser});
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace hocket

#endif  // HOCKET_TESTS_RUNTIME_POLICIES_H_
