// What a process prints when it dies in the middle of an execution: the command that makes it die again.
#ifndef HOCKET_HARNESS_DEATH_REPORT_H_
#define HOCKET_HARNESS_DEATH_REPORT_H_

#include <cstdint>
#include <string>

#include "harness/settings.h"
#include "hocket/check.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// As long as it lives, a failing HOCKET_CHECK prints a line `replay: ` for the execution under way. Not more than one
// at a time.
class DeathReport {
 public:
  // Of an exploration: the line names the execution, and what is left of the budget, because a strategy may depend on
  // where it ends.
  DeathReport(const std::string& test, const Settings& settings);
  // Of a replay: the line names the schedule.
  DeathReport(const std::string& test, const Schedule& schedule);
  DeathReport(const DeathReport&) = delete;
  DeathReport& operator=(const DeathReport&) = delete;
  ~DeathReport();

  // The execution of the exploration with this index begins.
  void SetExecution(std::uint64_t index) noexcept;

 private:
  DeathNote previous_;
};

// The command that runs the execution of an exploration with this index first.
std::string ExecutionCommand(const std::string& test, const Settings& settings, std::uint64_t index);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DEATH_REPORT_H_
