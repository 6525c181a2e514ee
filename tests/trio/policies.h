// Running one test body under every policy of scheduling, and what the tests of this folder share.
//
// A test here states what holds whatever runs next, so its body runs once for each policy: first in, first out; Trio's
// batches in order and shuffled; and one of all ready tasks at random. The first policy that fails is the last one that
// runs, and the failure names it and its seed.
#ifndef HOCKET_TESTS_TRIO_POLICIES_H_
#define HOCKET_TESTS_TRIO_POLICIES_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "tests/runtime/support.h"

namespace hocket {

// Picks any of the ready tasks with the same probability. In a run of batches that shuffles each batch.
class RandomChooser final : public Chooser {
 public:
  explicit RandomChooser(std::uint64_t seed) noexcept : state_(seed) {}

  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
  AlternativeId Pick() noexcept override { return ready_[Next() % ready_.size()]; }
  std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override { return static_cast<std::uint32_t>(Next() % n); }

 private:
  // splitmix64: the same numbers in every build, unlike the distributions of the standard library.
  std::uint64_t Next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
  std::vector<AlternativeId> ready_;
};

inline constexpr std::uint64_t kBatchSeeds = 20;
inline constexpr std::uint64_t kStepSeeds = 200;

// Calls `body(options)` for one policy, on the virtual clock. False if the test has failed.
template <class Body>
bool UnderPolicy(PassLength pass, std::optional<std::uint64_t> seed, Body& body) {
  const std::string order = seed ? "random, seed " + std::to_string(*seed) : "first in, first out";
  SCOPED_TRACE((pass == PassLength::kBatch ? "batches: " : "steps: ") + order);
  RandomChooser chooser(seed.value_or(0));
  RunOptions options;
  options.clock = ClockKind::kVirtual;
  options.pass = pass;
  options.max_steps = 1'000'000;
  options.chooser = seed ? &chooser : nullptr;
  body(std::as_const(options));
  return !testing::Test::HasFailure();
}

// What Trio itself does: for the few tests that need its fairness.
template <class Body>
void ForEachBatchPolicy(Body body) {
  bool passing = UnderPolicy(PassLength::kBatch, std::nullopt, body);
  for (std::uint64_t seed = 1; passing && seed <= kBatchSeeds; ++seed)
    passing = UnderPolicy(PassLength::kBatch, seed, body);
}

template <class Body>
void ForEachPolicy(Body body) {
  bool passing = UnderPolicy(PassLength::kStep, std::nullopt, body);
  if (passing) ForEachBatchPolicy(body);
  passing = !testing::Test::HasFailure();
  for (std::uint64_t seed = 1; passing && seed <= kStepSeeds; ++seed)
    passing = UnderPolicy(PassLength::kStep, seed, body);
}

// Runs `main`, a callable `() -> Task<>`, under each policy. It must reach its end.
template <class Main>
void RunUnderEveryPolicy(Main main) {
  ForEachPolicy([&](const RunOptions& options) {
    const RunOutcome outcome = Run(main, options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}
template <class Main>
void RunUnderEveryBatchPolicy(Main main) {
  ForEachBatchPolicy([&](const RunOptions& options) {
    const RunOutcome outcome = Run(main, options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

// Whether `body`, a callable that returns a task, unwinds as cancelled. `pytest.raises(Cancelled)`, so to speak: the
// cancellation stays pending.
template <class Body>
Task<bool> Unwinds(Body body) {
  const Outcome<> outcome = co_await Capture(body());
  if (outcome.has_error()) outcome.failure().Throw();
  co_return outcome.is_cancelled();
}

// Whether a checkpoint unwinds here.
inline Task<bool> CheckpointUnwinds() {
  const Outcome<> outcome = co_await Capture([]() -> Task<> { co_await Checkpoint(); }());
  co_return outcome.is_cancelled();
}

// Whether `body`, a callable that returns a task, throws an E. Any other error goes through.
template <class E, class Body>
Task<bool> Throws(Body body) {
  try {
    co_await body();
  } catch (const E&) {
    co_return true;
  }
  co_return false;
}

// Waits until all others wait, even if the surrounding scope is cancelled.
inline Task<> SettleShielded() {
  co_await Shielded([]() -> Task<> { co_await Settle(); });
}

// What `failure` says, leaf by leaf, whatever its structure and order.
inline Log Leaves(const Failure& failure) {
  Log leaves;
  if (!failure.is_group()) return {Shape(failure)};
  const ExceptionGroup group = failure.group();
  for (const Failure& member : group.members()) {
    const Log inner = Leaves(member);
    leaves.insert(leaves.end(), inner.begin(), inner.end());
  }
  std::sort(leaves.begin(), leaves.end());
  return leaves;
}

inline Log Sorted(Log log) {
  std::sort(log.begin(), log.end());
  return log;
}

}  // namespace hocket

#endif  // HOCKET_TESTS_TRIO_POLICIES_H_
