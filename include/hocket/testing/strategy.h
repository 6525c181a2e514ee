// Strategy: what answers a run's decisions, one execution after another.
//
// A strategy is a Chooser (hocket/chooser.h) that is told which execution begins. What it answers must be a pure
// function of its parameters, the execution's index and the run's calls: no address, clock or hash order, or replay is
// a lie. If it learns from earlier executions it must say from which, because executions are spread over processes.
//
//     class Newest final : public Strategy {  // always the alternative that was added last
//      public:
//       std::string Name() const override { return "newest"; }
//       void StartExecution(std::uint64_t) override { ready_.clear(); }
//       void Begin(const Executor&) noexcept override {}
//       void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
//       void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
//       AlternativeId Pick() noexcept override { return ready_.back(); }
//       std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }
//
//      private:
//       std::vector<AlternativeId> ready_;
//     };
#ifndef HOCKET_TESTING_STRATEGY_H_
#define HOCKET_TESTING_STRATEGY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hocket/chooser.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// What a search has covered, as it can be stated.
struct Coverage {
  bool complete = false;        // nothing is left to explore
  double explored = 0;          // an estimate of how much of it, from 0 to 1
  std::uint64_t schedules = 0;  // that were run to their end
  std::uint64_t cut = 0;        // executions that were given up, because what they would have shown was known
  std::string what;             // a plural, and its limits: "classes", "schedules with at most 2 delays"
  std::string assuming;         // what the statement rests on besides the program; empty: nothing

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

class Strategy : public Chooser {
 public:
  // One word or two for reports: "random walk". Of whoever decides in the execution under way.
  virtual std::string Name() const = 0;

  // The execution with this index (from 0) begins. Called before Chooser::Begin.
  virtual void StartExecution(std::uint64_t index) = 0;
  // It has ended: Chooser::End has been called.
  virtual void EndExecution() {}

  // The executions with an index below this are learnt from: they must have been run, in order, before any other.
  virtual std::uint64_t ProfileExecutions() const { return 0; }
  // Whether the execution with this index is one of a search in which each execution follows from the ones before:
  // then all of those with an index below it must have been run, in order.
  virtual bool InSearch(std::uint64_t index) const {
    static_cast<void>(index);
    return false;
  }
  // What a search has covered so far; nothing from strategies that sample.
  virtual std::optional<Coverage> Covered() const { return std::nullopt; }
  // Nothing is left to explore: further executions would show nothing new. Asked after each execution.
  virtual bool Exhausted() const { return false; }
};

// How steps that touch plain memory are told from each other.
enum class PlainMemory : std::uint8_t {
  kUnknown,   // any step may touch any of it: every step depends on every other
  kReported,  // the test promises that tasks share only primitives of the runtime, Shared and SharedObjects
  kObserved,  // the program was built with instrumentation that reports it
};

struct StrategyOptions {
  std::uint64_t seed = 1;
  PlainMemory memory = PlainMemory::kUnknown;  // what searches may rest on
  std::uint64_t budget = 1000;                 // executions to come, as far as it is known: whether a search fits
};

// Makes a strategy from its spelling, or says what is wrong with it at which character:
// - stay, fifo, spawn: the bases
// - round-robin: each task one step in turn
// - trio-batch: Trio's own: all that are ready, in a drawn order, then all that have become ready since
// - random: each alternative with the same probability
// - sticky, sticky:P: stays with the task under way, and draws anew with a probability of P percent, 10 unless given
// - swarm: sticky, with a probability drawn for each execution
// - pct, pct:D: priorities with at most D-1 changes, D = 3 unless given
// - pos: partial order sampling
// - urw: uniform over the interleavings
// - surw: the same, over the events of an object drawn for each execution
// - delay:D: every schedule with at most D delays
// - preemption:P: every schedule with at most P preemptions
// - sweep, sweep:N: the base with at most N cancellations from outside or faults, N = 1: each at every point
// - exhaustive: one schedule of each class that differs; dfs: every schedule
// - portfolio: urw, surw and swarm in turn
// - default: portfolio, and between it the bases, delay bounds 0, 1 and 2, and exhaustive if that fits
absl::StatusOr<std::unique_ptr<Strategy>> ParseStrategy(const std::string& spelling, const StrategyOptions& options);

// The spellings without parameters, for tables that have a row for each.
const std::vector<std::string>& StrategyNames();

// Always the base's choice, and 0 for every drawn value.
std::unique_ptr<Strategy> MakeBaseStrategy(Base base);

// Each alternative with the same probability, at each decision anew. Values are drawn from a stream of their own, so
// that one more drawn value does not move the schedule.
std::unique_ptr<Strategy> MakeRandomWalk(std::uint64_t seed);

// Follows `schedule` as far as it goes, its last deviation or drawn value, and leaves the rest to `rest`.
std::unique_ptr<Strategy> MakePrefix(const Schedule& schedule, std::unique_ptr<Strategy> rest);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_STRATEGY_H_
