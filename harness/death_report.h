// What a process says when it dies in the middle of an execution: how, in which execution, and the command that makes
// it die again.
//
// The idea: whatever ends the process (a signal, a sanitizer, a failed check, exit) runs one function, which takes no
// memory and no locks and runs no code of the program: all text but numbers is made before, and the decisions so far
// are read where the run writes them down anyway (DecisionLog). They become a token by handle (decisions.h), because
// finding the names could mean to run what has just died.
//
// Left out: SIGKILL and _exit, which run nothing here; under jobs or isolation another process tells of them. A handler
// that somebody else has installed stays, and a stack overflow is told of on the thread that explores only.
//
// Test: tests/death_test.cc.
#ifndef HOCKET_HARNESS_DEATH_REPORT_H_
#define HOCKET_HARNESS_DEATH_REPORT_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/settings.h"
#include "hocket/check.h"
#include "hocket/chooser.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// As long as it lives, a death prints a line `replay: ` for the execution under way, and leaves its schedule among
// Bazel's outputs. Not more than one at a time.
class DeathReport {
 public:
  // Of an exploration.
  DeathReport(const std::string& test, const Settings& settings);
  // Of a replay: the line names the schedule, or the file with a fuzzer's input.
  DeathReport(const std::string& test, const Schedule& schedule);
  DeathReport(const std::string& test, const std::string& file);
  DeathReport(const DeathReport&) = delete;
  DeathReport& operator=(const DeathReport&) = delete;
  ~DeathReport();

  // The execution of the exploration with this index begins.
  void SetExecution(std::uint64_t index) noexcept;
  // The words of the generated input that executions have from now on.
  void SetInput(const std::vector<std::string>& input);

  // The command that runs the execution under way again, from any thread.
  static std::string Command();

  // An execution begins, and writes its decisions there; nullptr: it has ended.
  static void SetDecisions(const DecisionLog* decisions) noexcept {
    decisions_.store(decisions, std::memory_order_relaxed);
  }
  static const DecisionLog* decisions() noexcept { return decisions_.load(std::memory_order_relaxed); }

  // In a process forked from the one that explores: it speaks for itself from now on. Others stay silent, as those of
  // death tests should.
  static void SpeakAfterFork() noexcept;

 private:
  void Begin();

  static inline constinit std::atomic<const DecisionLog*> decisions_{nullptr};

  DeathNote previous_;
};

// The command that runs the execution of an exploration with this index first.
std::string ExecutionCommand(const std::string& test, const Settings& settings, std::uint64_t index);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DEATH_REPORT_H_
