// The monitors of an execution: what each of them owes, and since when.
#ifndef HOCKET_HARNESS_DETECTORS_MONITOR_BOARD_H_
#define HOCKET_HARNESS_DETECTORS_MONITOR_BOARD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hocket/run.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

class MonitorBoard {
 public:
  explicit MonitorBoard(const ExploreOptions& options);
  MonitorBoard(const MonitorBoard&) = delete;
  MonitorBoard& operator=(const MonitorBoard&) = delete;

  // The board of the execution that this thread is in; none outside of explored executions.
  static MonitorBoard* Current() noexcept { return current_; }

  // An execution begins and ends; what monitors say while it is torn down does not count.
  void Begin() noexcept;
  void End() noexcept { current_ = nullptr; }

  std::size_t Add(std::string name);
  void Hot(std::size_t place, std::string state);
  void Cold(std::size_t place);

  // The failure of the monitors, once the execution has ended: of the first one that was hot for too long.
  std::optional<ExecutionFailure> Failure(const RunOutcome& outcome) const;
  // A line for each monitor that is hot.
  std::string HotLines() const;

 private:
  struct Entry {
    std::string name;
    std::string state;
    std::optional<std::uint64_t> hot_since;  // the step in which it became hot
  };

  bool StaysHot(const Entry& entry, std::uint64_t steps) const;
  static ExecutionFailure FailureOf(const Entry& entry, const std::string& how);

  static inline constinit thread_local MonitorBoard* current_ = nullptr;

  const std::uint64_t unfair_steps_;
  const std::uint64_t hot_steps_;
  std::vector<Entry> entries_;
  std::optional<ExecutionFailure> too_long_;  // found while the execution ran
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_MONITOR_BOARD_H_
