#include "harness/detectors/cancellation_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "harness/detectors/identity.h"

namespace hocket::testing {

void CancellationWatch::Begin(Observer* inner) {
  PassOnTo(inner);
  now_ = Time{};
  tasks_.clear();
  failure_.reset();
}

void CancellationWatch::OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept {
  if (task >= tasks_.size()) tasks_.resize(task + 1);
  tasks_[task].path = spawned.Path();
  PassingObserver::OnSpawn(task, spawned);
}

void CancellationWatch::OnReady(std::uint32_t task) noexcept {
  // Who gives way is ready before it is parked, and a task that has just been started is not known yet.
  if (task < tasks_.size()) {
    Watched& watched = tasks_[task];
    watched.last_wait = watched.parked ? now_ - watched.parked_at : Duration::zero();
  }
  PassingObserver::OnReady(task);
}

void CancellationWatch::OnStep(std::uint32_t task) noexcept {
  Watched& watched = tasks_[task];
  watched.stayed = std::exchange(watched.inside, false);
  watched.parked = false;
  PassingObserver::OnStep(task);
}

void CancellationWatch::OnCancelledStep(std::uint32_t task, ObjectId scope, bool shielded) noexcept {
  Watched& watched = tasks_[task];
  watched.inside = true;
  if (!watched.stayed || watched.scope != scope) {
    watched.scope = scope;
    watched.steps = watched.went_on = 0;
    watched.waited = Duration::zero();
  } else {
    watched.waited += watched.last_wait;
  }
  const bool unwinds = std::exchange(watched.unwinds, false);
  if (watched.deliveries > 0 && !unwinds && !shielded) ++watched.went_on;
  ++watched.steps;
  const bool too_many = options_.cancellation_steps && watched.steps > *options_.cancellation_steps;
  const bool too_long = options_.cancellation_time && watched.waited > *options_.cancellation_time;
  if ((too_many || too_long) && !failure_) Report(watched, shielded);
}

void CancellationWatch::OnCancel(std::uint32_t task) noexcept {
  ++tasks_[task].deliveries;
  tasks_[task].unwinds = true;
  PassingObserver::OnCancel(task);
}

void CancellationWatch::OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                               const std::source_location& body) noexcept {
  Watched& watched = tasks_[task];
  watched.operation = operation;
  watched.where = where;
  watched.parked = true;
  watched.parked_at = now_;
  if (!watched.inside) watched.deliveries = 0;
  PassingObserver::OnPark(task, operation, where, body);
}

void CancellationWatch::OnJump(Time now) noexcept {
  now_ = now;
  PassingObserver::OnJump(now);
}

void CancellationWatch::Report(const Watched& watched, bool shielded) {
  const bool dropped = (watched.went_on > 0 || watched.deliveries > 1) && !shielded;
  const std::string kind = dropped ? "cancellation-dropped" : "cancellation-late";
  ExecutionFailure& failure = failure_.emplace();
  failure.identity = {kind, IdentityOf({watched.operation})};
  failure.message = absl::StrCat(kind, ": ", watched.path, " is still in a cancelled scope after ", watched.steps,
                                 watched.steps == 1 ? " step" : " steps");
  if (watched.waited > Duration::zero()) {
    absl::StrAppend(&failure.message, " and ", absl::FormatDuration(absl::FromChrono(watched.waited)), " of waiting");
  }
  absl::StrAppend(&failure.message, ", at ", watched.operation);
  if (watched.where.line() != 0)
    absl::StrAppend(&failure.message, " at ", watched.where.file_name(), ":", watched.where.line());
  absl::StrAppend(&failure.message, dropped    ? "\n  the cancellation had been delivered, and the task went on"
                                    : shielded ? "\n  a shield keeps the cancellation away from it"
                                               : "\n  it has come to no cancel point");
  failure.file = watched.where.file_name();
  failure.line = static_cast<int>(watched.where.line());
}

}  // namespace hocket::testing
