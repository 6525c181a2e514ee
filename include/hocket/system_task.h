// System tasks: tasks that belong to the run, not to a nursery of the program. For what serves the whole program from
// behind the scenes: a cache that is flushed now and then, a signal that is waited for.
//
// They are out of reach of the program's cancellations. When the main task has ended, they are cancelled, and the run
// ends when they have. An error that leaves one is a bug of the program's: everything is cancelled, and the run fails
// with it. Threads: the run's.
#ifndef HOCKET_SYSTEM_TASK_H_
#define HOCKET_SYSTEM_TASK_H_

#include <type_traits>
#include <utility>

#include "hocket/nursery.h"

namespace hocket {

namespace internal {
Nursery SystemNursery();
}

// As Nursery::StartSoon. REQUIRES: called inside a run.
template <class F, class... Args>
  requires(!std::is_same_v<std::decay_t<F>, TaskName>)
void StartSystemTask(F&& fn, Args&&... args) {
  internal::SystemNursery().StartSoon(std::forward<F>(fn), std::forward<Args>(args)...);
}
template <class F, class... Args>
void StartSystemTask(TaskName name, F&& fn, Args&&... args) {
  internal::SystemNursery().StartSoon(name, std::forward<F>(fn), std::forward<Args>(args)...);
}

}  // namespace hocket

#endif  // HOCKET_SYSTEM_TASK_H_
