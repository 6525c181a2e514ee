// What an execution's interleaving was, as features for a fuzzing engine: code coverage cannot tell apart two orders
// that run the same code.
//
// A feature is a pair of sites: a step of one task reads what a step of another one has written last (Wolff et al.:
// Greybox fuzzing for concurrency testing, ASPLOS 2024: reads-from pairs); or a chain of three, where the writing step
// had itself read what a third one wrote. A site is the task, the operation that its step goes on from, and what it
// does there: names that are the same in every process and build. Left out: the object, which pairs say most often; how
// many times a pair occurs; and pairs of steps that merely follow each other, which nearly every execution has new ones
// of. tests/interleaving_coverage_test.cc
//
// Which engine is linked makes no difference to who uses this: libFuzzer reads the section __libfuzzer_extra_counters,
// Centipede the section __centipede_extra_features, and AFL++ is told.
#ifndef HOCKET_HARNESS_INTERLEAVING_COVERAGE_H_
#define HOCKET_HARNESS_INTERLEAVING_COVERAGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/object_index.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// A chooser that asks another one, and notes what steps touch. Keeps its memory from execution to execution.
// One at a time: the sections are the process's.
class InterleavingCoverage final : public Chooser {
 public:
  static constexpr std::size_t kCounters = std::size_t{1} << 14;

  // `inner` decides the executions from now on.
  void Follow(Chooser& inner) { inner_ = &inner; }

  // The numbers of the features of the last execution, each below kCounters, in the order in which they occurred.
  static std::vector<std::uint32_t> Features();

  void Begin(const Executor& executor) noexcept override;
  bool WantsAccesses() const noexcept override { return true; }
  void Added(AlternativeId id) noexcept override { inner_->Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override;
  AlternativeId Pick() noexcept override { return inner_->Pick(); }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    return inner_->Draw(n, label, kind);
  }
  void End() noexcept override { inner_->End(); }

 private:
  static constexpr std::uint32_t kMostObjects = 4096;  // that are remembered from one execution to the next

  struct Write {
    std::uint64_t execution = 0;  // to which the rest belongs
    std::uint64_t site = 0;
    std::uint64_t pair = 0;  // that the writing step had read by then; 0: none
    TaskId task = 0;
  };

  // The step under way touches all of `object`, or the part of it that this stands for.
  void Touch(ObjectId object, AccessKind kind);

  Chooser* inner_ = nullptr;
  bool inner_wants_accesses_ = false;
  const Executor* executor_ = nullptr;
  std::uint64_t execution_ = 0;  // counts them
  ObjectIndex objects_;
  std::vector<Write> writes_;  // the last one, by object
  // Of the step under way.
  bool steps_ = false;  // there is one
  TaskId task_ = 0;
  std::uint64_t site_ = 0;
  std::uint64_t pair_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_INTERLEAVING_COVERAGE_H_
