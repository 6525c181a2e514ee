// Systematic search: a depth-first walk over the decisions of a program, one path an execution, with a bound or with
// sleep sets.
//
// The tree's nodes are the decisions, of the seam both kinds: which alternative, and which drawn value. Each execution
// follows the path to the deepest node that has a branch left, takes that, and goes on by the base `stay`.
//
// Bounds. Delay bounding (Emmi, Qadeer, Rakamaric: Delay-bounded scheduling, POPL 2011, section 2): every step away
// from the base's choice costs one; passing time, a cancellation from outside and any drawn value other than 0 cost one
// as well. Preemption bounding (Musuvathi, Qadeer: Iterative context bounding, PLDI 2007): leaving a task that could go
// on costs one, a switch where it waits or ends costs nothing. A sweep leaves the schedule alone: only cancellations
// from outside and faults are branches, and each costs one.
//
// Sleep sets (Godefroid: Partial-order methods for the verification of concurrent systems, 1996, chapter 5): once an
// alternative has been explored at a node, it sleeps in the node's later branches until a step that depends on it; a
// node all of whose alternatives sleep is cut. Complete executions are then one for each class of schedules that differ
// in the order of independent steps only. What a step depends on is what it was seen to touch (hocket/access.h). A step
// that draws values is as many steps as there are combinations of them, and each sleeps by itself. Left out: persistent
// and source sets, which would save the executions that are cut halfway. Sleep sets and bounds are not combined: a
// bound may forbid the one schedule that represents a class (Coons, Musuvathi, McKinley: Bounded partial-order
// reduction, OOPSLA 2013).
//
// Tests: tests/search/search_test.cc; that reduced search equals full search, tests/bugs/reduction_test.cc.
#ifndef HOCKET_HARNESS_STRATEGY_SEARCH_H_
#define HOCKET_HARNESS_STRATEGY_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base_order.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

struct SearchOptions {
  enum class Kind : std::uint8_t {
    kAll,          // every schedule
    kReduced,      // one of each class, by sleep sets
    kDelays,       // at most `bound` delays
    kPreemptions,  // at most `bound` preemptions
    kSweep,        // the base with at most `bound` cancellations and faults
  };
  Kind kind = Kind::kAll;
  std::uint32_t bound = 0;
  PlainMemory memory = PlainMemory::kUnknown;  // kReduced: what else than reported accesses steps may touch
};

class Search final : public Strategy {
 public:
  explicit Search(const SearchOptions& options);

  std::string Name() const override;
  void StartExecution(std::uint64_t index) override;
  void EndExecution() override;
  bool InSearch(std::uint64_t) const override { return true; }
  bool Exhausted() const override { return complete_; }
  std::optional<Coverage> Covered() const override;

  void Begin(const Executor& executor) noexcept override;
  bool WantsAccesses() const noexcept override { return reduces_; }
  void Added(AlternativeId id) noexcept override { order_.Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override;
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;

  // Complete executions so far, and how many there may be in all by what has been seen of the tree.
  std::uint64_t schedules() const { return schedules_; }
  double EstimatedSchedules() const;

 private:
  // What one step touched.
  struct Footprint {
    std::vector<Access> accesses;
    std::uint64_t objects = 0;  // one bit of each object's name: two footprints without a common bit do not conflict
    void Clear();
    void Add(const Access& access);
    bool ConflictsWith(const Footprint& other) const;
  };
  // What a branch's step does if it draws these values.
  struct Variant {
    std::vector<std::uint32_t> draws;
    Footprint footprint;
  };
  struct Branch {
    AlternativeId choice = 0;
    std::uint32_t cost = 0;
    std::vector<Variant> variants;  // kReduced: as far as they have been seen
  };
  // A decision: `size` branches, of which the first `current` have been explored. Nodes are reused with their memory.
  struct Node {
    bool is_draw = false;
    std::uint32_t alternatives = 0;  // how many there were, also those that are no branches
    std::size_t size = 0;
    std::size_t current = 0;
    double weight = 1;                  // of the whole tree, the share below this node if every branch had the same
    std::vector<Branch> branches;       // of a pick: the first `size` count
    std::vector<std::uint32_t> asleep;  // of a draw: the values that are no branches, in ascending order
    Branch& AddBranch(AlternativeId choice, std::uint32_t cost);
    std::uint32_t CurrentValue() const;
  };
  // One variant of an alternative that need not be explored now.
  struct Sleeper {
    AlternativeId id;
    const Branch* branch;
    std::size_t variant;
    const Variant& get() const { return branch->variants[variant]; }
  };

  Node& NewNode(bool is_draw, std::uint32_t alternatives);
  std::uint32_t Take(Node& node);
  std::uint32_t CostOf(std::uint32_t index, AlternativeId id) const;
  bool Affordable(std::uint32_t cost) const { return !bounded_ || spent_ + cost <= options_.bound; }
  void BeginStep(AlternativeId id, AlternativeKind kind);
  void FinishStep();
  void WakeUp(AlternativeId id);
  bool Sleeps(AlternativeId id) const;
  bool Sleeps(const std::vector<std::uint32_t>& draws, std::uint32_t value) const;
  void AddSleepingValues(std::uint32_t values, std::vector<std::uint32_t>& asleep) const;
  void NoteDivergence(std::uint32_t expected, std::uint32_t found);

  const SearchOptions options_;
  const bool reduces_;
  const bool bounded_;

  // The tree, as far as it is being walked.
  std::vector<Node> nodes_;
  std::size_t depth_ = 0;  // nodes that hold the path
  bool complete_ = false;
  std::uint64_t schedules_ = 0;
  std::uint64_t cut_ = 0;
  double explored_ = 0;
  std::optional<std::string> divergence_;

  // The execution under way.
  const Executor* executor_ = nullptr;
  BaseOrder order_;
  std::size_t position_ = 0;  // how many nodes of the path it has passed
  std::uint32_t spent_ = 0;
  bool redundant_ = false;  // what it shows is known
  bool picked_ = false;     // the step that begins next has been picked, not forced
  std::vector<Sleeper> sleeping_;
  std::vector<AlternativeId> alternatives_;  // of the decision under way

  // The step under way (kReduced).
  bool in_step_ = false;
  bool of_clock_ = false;
  AlternativeId clock_ = kStopRun;  // once it was disabled while somebody slept
  Branch* taken_ = nullptr;         // that the step is the one of; none if it was forced
  Footprint footprint_;
  std::vector<std::uint32_t> draws_;
  std::vector<Sleeper> own_sleepers_;  // variants of this very step that need not be explored
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_SEARCH_H_
