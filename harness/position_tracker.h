// Counts how often each task has stood at each operation, which gives every decision its name: (task, operation, n-th
// time).
#ifndef HOCKET_HARNESS_POSITION_TRACKER_H_
#define HOCKET_HARNESS_POSITION_TRACKER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "hocket/chooser.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// A Position without text: what a run can compare cheaply.
struct PositionKey {
  TaskId task = 0;
  std::uint64_t operation = 0;  // HashOperation
  std::uint32_t nth = 0;

  friend bool operator==(const PositionKey&, const PositionKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const PositionKey& key) {
    return H::combine(std::move(h), key.task, key.operation, key.nth);
  }
};

std::uint64_t HashOperation(std::string_view operation) noexcept;
PositionKey KeyOf(const Position& position);

// Fed with a chooser's calls.
class PositionTracker {
 public:
  void Begin(const Executor& executor);
  // A step begins.
  void StepBegins(AlternativeId id);

  // Where the alternative that stepped last stands.
  const PositionKey& Last();
  const char* last_operation() const { return last_operation_; }

  // The task whose step is under way, and how often it has drawn under `label`, this time included.
  PositionKey NextDraw(const char* label);

 private:
  void CountLast();

  const Executor* executor_ = nullptr;
  absl::flat_hash_map<std::pair<TaskId, std::uint64_t>, std::uint32_t> counts_;
  absl::flat_hash_map<std::pair<TaskId, std::uint64_t>, std::uint32_t> draws_;
  PositionKey last_;
  const char* last_operation_ = "";
  TaskId stepping_ = 0;
  bool counted_ = false;  // the end of the last step
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_POSITION_TRACKER_H_
