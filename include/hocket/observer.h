// Listening to a run: what happened, as it happens. A run without an observer records nothing.
#ifndef HOCKET_OBSERVER_H_
#define HOCKET_OBSERVER_H_

#include <cstdint>
#include <source_location>
#include <string>

#include "hocket/access.h"
#include "hocket/cancel_reason.h"
#include "hocket/chooser.h"
#include "hocket/failure.h"
#include "hocket/time.h"

namespace hocket {

// A cancel scope, or that of a nursery, as it is at one moment.
struct ScopeInfo {
  ObjectId id = 0;  // 0 if it was made outside of the run
  bool nursery = false;
  bool shield = false;
  bool cancelled = false;  // itself, not by a scope around it
  Time deadline = kForever;
};

// A task that has been started, as Observer::OnSpawn is told of it. Its path is text, made when it is asked for, because
// most who watch a run know the path from the run before.
class SpawnedTask {
 public:
  virtual TaskId id() const noexcept = 0;
  // The spawn path, of which the id is a hash: "main/0".
  virtual std::string Path() const = 0;

 protected:
  ~SpawnedTask() = default;
};

// A run calls these in the order of events, on its own thread, between or inside steps. An observer must not throw and
// must not call into the run. Tasks are named by their spawn number: 0 is the main task.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void OnBegin() noexcept {}
  virtual void OnEnd() noexcept {}
  // The task can run now.
  virtual void OnReady(std::uint32_t task) noexcept { static_cast<void>(task); }
  // No task can run: the run waits for a post or for time, at the latest until `until`.
  virtual void OnIdle(Time until) noexcept { static_cast<void>(until); }
  virtual void OnWoken() noexcept {}
  // `spawned` is valid during the call.
  virtual void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept = 0;
  // The task's step begins.
  virtual void OnStep(std::uint32_t task) noexcept = 0;
  // Whether OnCancelledStep is wanted; asked when the run begins. Each step then looks at all scopes around its task.
  virtual bool WatchesCancellations() const noexcept { return false; }
  // After OnStep: the task is in a scope that has been cancelled, the outermost one being `scope`. `shielded`: a shield
  // keeps the cancellation away from where the task stands.
  virtual void OnCancelledStep(std::uint32_t task, ObjectId scope, bool shielded) noexcept {
    static_cast<void>(task);
    static_cast<void>(scope);
    static_cast<void>(shielded);
  }
  // The task's step ends in front of `operation`. `where` is of the co_await in the innermost code that is not this
  // library's, `body` of the one in the outermost.
  virtual void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                      const std::source_location& body) noexcept = 0;
  // The wait that the task is in has been ended by a cancellation: it unwinds from there, unless a shield is put up
  // before its turn.
  virtual void OnCancel(std::uint32_t task) noexcept = 0;
  // The task has ended; `failure` holds none if with a value.
  virtual void OnExit(std::uint32_t task, const Failure& failure) noexcept = 0;
  // The task is in the nursery that has this scope: after OnSpawn, and when another nursery takes its tasks over.
  virtual void OnJoin(std::uint32_t task, ObjectId nursery) noexcept {
    static_cast<void>(task);
    static_cast<void>(nursery);
  }
  virtual void OnEnterScope(std::uint32_t task, const ScopeInfo& scope) noexcept {
    static_cast<void>(task);
    static_cast<void>(scope);
  }
  // `failure` is what goes on outside, if anything. `caught`: the scope has caught a cancellation. Not called for scopes
  // that are torn down with a run that is given up.
  virtual void OnLeaveScope(std::uint32_t task, ObjectId scope, const Failure& failure, bool caught) noexcept {
    static_cast<void>(task);
    static_cast<void>(scope);
    static_cast<void>(failure);
    static_cast<void>(caught);
  }
  // The scope itself is cancelled, which happens once; perhaps before it is entered.
  virtual void OnCancelScope(ObjectId scope, const CancelReason& reason) noexcept {
    static_cast<void>(scope);
    static_cast<void>(reason);
  }
  // Its shield or its deadline has been set.
  virtual void OnSetScope(const ScopeInfo& scope) noexcept { static_cast<void>(scope); }
  // The task's value is in the channel now. The task may have waited for room, and not be the one whose step it is.
  virtual void OnSend(std::uint32_t task, ObjectId channel) noexcept {
    static_cast<void>(task);
    static_cast<void>(channel);
  }
  // The oldest value of the channel is the task's now.
  virtual void OnReceive(std::uint32_t task, ObjectId channel) noexcept {
    static_cast<void>(task);
    static_cast<void>(channel);
  }
  // A scope was cancelled from outside, as OfferCancellation allows; `path` names it as schedules do.
  virtual void OnCancelFromOutside(const std::string& path) noexcept { static_cast<void>(path); }
  // Virtual time has jumped to `now`.
  virtual void OnJump(Time now) noexcept = 0;
  // The step under way drew `value` for `label`.
  virtual void OnDraw(const char* label, std::uint32_t value) noexcept = 0;
};

}  // namespace hocket

#endif  // HOCKET_OBSERVER_H_
