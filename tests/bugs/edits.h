// Whether failing schedules outlive edits of their program: edits that are made at run time, through the Setting of a
// program and around it.
#ifndef HOCKET_TESTS_BUGS_EDITS_H_
#define HOCKET_TESTS_BUGS_EDITS_H_

#include <cstdint>
#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

enum class Edit : std::uint8_t {
  kInsertOne,    // a checkpoint before one access of a task
  kInsertThree,  // three of them
  kInsertAll,    // a checkpoint before each access of a task
  kDeleteOne,    // a checkpoint that stood before one access of a task is gone
  kNamedTask,    // an unrelated task with a name, started first
  kUnnamedTask,  // likewise without one, so that all its siblings have other paths
};
inline constexpr Edit kEdits[] = {Edit::kInsertOne, Edit::kInsertThree, Edit::kInsertAll,
                                  Edit::kDeleteOne, Edit::kNamedTask,   Edit::kUnnamedTask};

const char* ToString(Edit edit) noexcept;

struct Survival {
  std::uint64_t edits = 0;     // that a failing schedule was replayed after
  std::uint64_t fails = 0;     // of those, replays that fail as recorded
  std::uint64_t repaired = 0;  // of the others, those for which the search near the schedule finds one that does
  std::uint64_t silent = 0;    // of the others, replays that do not say that the program no longer fits the schedule

  double raw() const { return Share(fails); }
  double after_repair() const { return Share(fails + repaired); }

 private:
  double Share(std::uint64_t part) const {
    return edits == 0 ? 0 : static_cast<double>(part) / static_cast<double>(edits);
  }
};

// Finds a failure of `program`, and replays it after each edit of that kind, at up to `places` places in the program.
void MeasureEdits(const Program& program, std::uint64_t seed, Edit edit, std::size_t places, Survival& survival);

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_EDITS_H_
