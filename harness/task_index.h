// Numbers tasks from 0 in the order in which they are seen, so that what is known of a task is in an array.
#ifndef HOCKET_HARNESS_TASK_INDEX_H_
#define HOCKET_HARNESS_TASK_INDEX_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// Remembers tasks from one execution to the next, which spares nearly all look-ups. So a task's number tells of earlier
// executions: it names an array's element and must not decide anything.
class TaskIndex {
 public:
  // `id` is an alternative of `task`'s.
  std::uint32_t Of(AlternativeId id, TaskId task) {
    if (id < last_.size() && last_[id].task == task && last_[id].index < tasks_.size()) return last_[id].index;
    return Find(id, task);
  }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(tasks_.size()); }

  // Forgets all but the first `count`.
  void Keep(std::uint32_t count) {
    for (std::uint32_t index = count; index < size(); ++index) indexes_.erase(tasks_[index]);
    tasks_.resize(count);
    last_.clear();
  }

 private:
  struct Seen {
    TaskId task = 0;
    std::uint32_t index = ~std::uint32_t{0};
  };

  std::uint32_t Find(AlternativeId id, TaskId task) {
    if (id >= last_.size()) last_.resize(id + 1);
    const auto [found, is_new] = indexes_.try_emplace(task, size());
    if (is_new) tasks_.push_back(task);
    last_[id] = {task, found->second};
    return found->second;
  }

  absl::flat_hash_map<TaskId, std::uint32_t> indexes_;
  std::vector<TaskId> tasks_;
  std::vector<Seen> last_;  // by alternative
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_TASK_INDEX_H_
