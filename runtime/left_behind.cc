#include "hocket/left_behind.h"

#include <exception>
#include <utility>

#include "runtime/scheduler.h"

namespace hocket {

void ExpectNothingLeftBehind() { internal::Scheduler::Current().NotePermitsFromNowOn(); }

void AllowLeftBehind() { internal::Scheduler::Current().NoteNothingLeftFromNowOn(); }

namespace internal {

// Destructors run because somebody was stopped, not because somebody was done.
bool Scheduler::OnTheWayOut() const noexcept { return unwinding_ || std::uncaught_exceptions() > 0; }

void Scheduler::NoteLeftBehind(std::string what, const std::source_location& where) {
  constexpr std::size_t kEnough = 16;
  if (!left_behind_allowed_ && left_behind_.size() < kEnough) left_behind_.push_back({std::move(what), where});
}

void Scheduler::NoteWaiterLeft(const TaskState& first, std::size_t count) noexcept {
  if (OnTheWayOut()) return;
  const std::string others =
      count == 1 ? "" : " and " + std::to_string(count - 1) + (count == 2 ? " other" : " others");
  NoteLeftBehind(PathOf(first) + others + (count == 1 ? " waits in " : " wait in ") + first.waiting->operation() +
                     ", whose object is gone",
                 Location(first.alternative));
}

void Scheduler::NoteLockLeft(const TaskState& owner, const std::source_location& made_at) noexcept {
  if (OnTheWayOut()) return;
  NoteLeftBehind("a Lock is held by " + PathOf(owner) + (owner.ended ? ", which has ended" : ""), made_at);
}

void Scheduler::NotePermitsLeft(const char* primitive, std::uint64_t count, const char* noun, const char* state,
                                const std::source_location& made_at) noexcept {
  if (!options_.note_permits || OnTheWayOut()) return;
  NoteLeftBehind(
      std::string("a ") + primitive + " has " + std::to_string(count) + " " + noun + (count == 1 ? " " : "s ") + state,
      made_at);
}

}  // namespace internal
}  // namespace hocket
