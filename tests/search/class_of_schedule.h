// Names the class that an execution's schedule belongs to: schedules that differ only in the order of steps that do not
// depend on each other have the same name (a Mazurkiewicz trace). The oracle of reduced searches: slow and simple.
#ifndef HOCKET_TESTS_SEARCH_CLASS_OF_SCHEDULE_H_
#define HOCKET_TESTS_SEARCH_CLASS_OF_SCHEDULE_H_

#include <cstdint>
#include <map>
#include <vector>

#include "hocket/chooser.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// A chooser around a strategy.
class ClassOfSchedule final : public Chooser {
 public:
  ClassOfSchedule(Chooser& inner, PlainMemory memory) : inner_(inner), memory_(memory) {}

  // A step's own hash is of who steps for the how-manieth time and what it draws, and of the hashes of the earlier
  // steps that it depends on; the class's is of all of them, in no order. REQUIRES: the execution has ended.
  std::uint64_t Hash() const;

  void Begin(const Executor& executor) noexcept override;
  void Added(AlternativeId id) noexcept override { inner_.Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override;
  bool WantsAccesses() const noexcept override { return true; }
  AlternativeId Pick() noexcept override { return inner_.Pick(); }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;
  void End() noexcept override { inner_.End(); }

 private:
  struct Step {
    TaskId task = 0;
    std::uint64_t nth = 0;
    std::vector<std::uint32_t> draws;
    std::vector<Access> accesses;
  };
  Chooser& inner_;
  PlainMemory memory_;
  bool inner_wants_ = false;
  const Executor* executor_ = nullptr;
  std::map<TaskId, std::uint64_t> steps_of_;
  std::vector<Step> steps_;
};

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_SEARCH_CLASS_OF_SCHEDULE_H_
