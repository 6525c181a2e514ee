// Footprint: what an execution did, step by step and draw by draw, by the names of tasks and operations. Two executions
// under the same decisions leave the same footprint, unless the program depends on something else.
//
// Picks alone would not tell: a program that takes other steps may well be asked the same questions. Slower than the
// execution itself, so only a sample of executions leaves one.
#ifndef HOCKET_HARNESS_FOOTPRINT_H_
#define HOCKET_HARNESS_FOOTPRINT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// A chooser that asks another one, and notes. Keeps its memory from execution to execution.
class Footprint final : public Chooser {
 public:
  // `inner` decides the next execution. Forgets the one before.
  void Follow(Chooser& inner);

  // The first place where the executions differ, in words: "step 4: first: ...; again: ...". None if they do not.
  static std::optional<std::string> Difference(const Footprint& first, const Footprint& again);

  void Begin(const Executor& executor) noexcept override;
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override { inner_->Touched(access); }
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;
  void End() noexcept override { inner_->End(); }

 private:
  struct Mark {
    std::uint64_t rolling = 0;       // hash of everything up to here
    TaskId task = 0;                 // of a step
    const char* label = "";          // the operation that the step goes on from, or the label of a draw
    std::uint32_t alternatives = 0;  // of the step; of a draw, how many values there are
    std::uint32_t value = 0;         // of a draw
    bool is_draw = false;
  };
  void Append(const Mark& mark);
  std::string Describe(std::size_t index) const;

  Chooser* inner_ = nullptr;
  const Executor* executor_ = nullptr;
  std::vector<Mark> marks_;
  std::uint32_t ready_ = 0;                         // how many alternatives there are
  absl::flat_hash_map<TaskId, std::string> paths_;  // of the tasks seen so far, in any execution
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_FOOTPRINT_H_
