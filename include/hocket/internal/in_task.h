// Whether a task's step is under way on this thread: what TaskLocals and CurrentTask() require.
#ifndef HOCKET_INTERNAL_IN_TASK_H_
#define HOCKET_INTERNAL_IN_TASK_H_

namespace hocket::internal {

bool InTask() noexcept;

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_IN_TASK_H_
