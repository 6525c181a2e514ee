// An alternative as it is added, for whoever may need to know what it is. Asks the run for no more than is asked for,
// because most who are told need little, and are told at every step.
#ifndef HOCKET_HARNESS_NEW_ALTERNATIVE_H_
#define HOCKET_HARNESS_NEW_ALTERNATIVE_H_

#include <cstdint>

#include "hocket/chooser.h"

namespace hocket::testing {

// Valid during the call that it is handed to. Its parts are AlternativeInfo's.
class NewAlternative {
 public:
  NewAlternative(const Executor& executor, AlternativeId id)
      : executor_(executor), owner_(executor.Owner(id)), id_(id) {}

  AlternativeId id() const noexcept { return id_; }
  AlternativeKind kind() const noexcept { return owner_.kind; }
  TaskId task() const noexcept { return owner_.task; }
  std::uint32_t spawn_number() const noexcept { return owner_.spawn_number; }
  Access declared() const noexcept { return executor_.Declared(id_); }

 private:
  const Executor& executor_;
  AlternativeOwner owner_;
  AlternativeId id_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_NEW_ALTERNATIVE_H_
