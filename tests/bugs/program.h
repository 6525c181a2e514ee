// A program of the gallery: a small concurrent program with a known bug, and its fixed twin.
//
// Both are one function, which asks `setting.fixed()` at the one place where they differ. The bug lives in code against
// hocket's public API; nothing in a program knows of seeds, budgets or bounds.
#ifndef HOCKET_TESTS_BUGS_PROGRAM_H_
#define HOCKET_TESTS_BUGS_PROGRAM_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hocket/hocket.h"

namespace hocket::bugs {

// How much that does not matter surrounds what does. Schedulers that spread their switches evenly over a run are good
// at short programs and bad at real ones; these tell.
enum class Regime : std::uint8_t {
  kPlain,
  kPadded,  // 0 to 20 checkpoints before every access
  kNoisy,   // the same, and 4 other tasks that take 60 steps each
};

const char* ToString(Regime regime) noexcept;

// What one execution of a program is to be. Made anew for each execution. Lifetime: outlives the execution's tasks.
class Setting {
 public:
  // `padding` decides how long each padding is; the same for all executions of an exploration.
  Setting(bool fixed, Regime regime, std::uint64_t padding) noexcept;
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

  bool fixed() const noexcept { return fixed_; }
  Regime regime() const noexcept { return regime_; }

  // What a program awaits in front of each access to something shared: nothing, or padding. How many checkpoints
  // depends on the task and on how often it has come here, not on the schedule. Plain: no checkpoint at all.
  Task<> Pad();

  // An edit of the program: checkpoints before the `nth` access of a task, counted from 1; 0: before each of them.
  struct Insertion {
    TaskId task = 0;
    std::uint64_t nth = 0;
    int checkpoints = 0;
  };
  // From now on, accesses are counted, also in the plain regime.
  void Insert(const Insertion& insertion);
  // How many accesses each task has come to. REQUIRES: they are counted.
  const std::map<TaskId, std::uint64_t>& accesses() const noexcept { return paddings_; }

  // Notes a value that tells outcomes of the program apart, in an order that the program fixes.
  void Observe(const std::string& value);
  const std::string& observed() const noexcept { return observed_; }

 private:
  bool fixed_;
  Regime regime_;
  std::uint64_t padding_;
  std::map<TaskId, std::uint64_t> paddings_;  // how many of each task
  std::optional<Insertion> insertion_;
  std::string observed_;
};

// Fails the execution with `what` if `condition` does not hold.
void Require(bool condition, const char* what);

struct Program {
  const char* name;          // "counter3"
  const char* essence;       // one line: what is wrong
  const char* source;        // where it comes from: a paper, an issue, a tool's suite
  Task<> (*body)(Setting&);  // its main task
  bool fifo_shows = false;   // plain FIFO shows the bug, so that finding it says little about a strategy
  bool declares = false;     // uses hocket::Shared; the others share plain memory and the runtime's primitives only
  bool cancels = false;      // about cancellation, timeouts or groups of exceptions
  bool study = false;        // one of the 28 by which strategies are compared with published ones
};

// The main task of one execution of `program`: its body, and in the noisy regime the noise beside it.
Task<> RunProgram(const Program& program, Setting& setting);

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_PROGRAM_H_
