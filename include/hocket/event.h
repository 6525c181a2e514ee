// Event: a condition that becomes true once.
//
//     Event ready;
//     nursery.StartSoon(Serve, std::ref(ready));
//     co_await ready.Wait();
//
// What cannot happen: an event that becomes unset again (make a new one); a lost wake-up (Wait on a set event returns);
// a waiter that runs inside Set (it is made ready and waits for its turn). To hand over values use a channel.
//
// Threads: the run's. Lifetime: the event outlives its waiters' waits.
#ifndef HOCKET_EVENT_H_
#define HOCKET_EVENT_H_

#include "hocket/access.h"
#include "hocket/internal/awaiter.h"
#include "hocket/internal/list.h"

namespace hocket {

class Event;

namespace internal {

struct EventTag;

class EventAwaiter final : public Operation<EventAwaiter>, public Hook<EventTag> {
 public:
  explicit EventAwaiter(Event& event) noexcept : event_(event) {}
  void await_resume() const noexcept {}
  const char* operation() const noexcept override { return "Event.Wait"; }
  Access declared() const noexcept override;
  void TouchAtTurn() const noexcept override;
  bool Abort() noexcept override;
  Turn OnTurn(bool aborted) noexcept override;

 private:
  friend class Operation<EventAwaiter>;
  void Suspend(Frame& frame) noexcept;
  Event& event_;
  bool was_set_ = false;     // the event was set already: the wait is a checkpoint
  bool delivering_ = false;  // the second tick of that checkpoint
};

}  // namespace internal

class Event {
 public:
  Event() noexcept;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() {
    if (!waiters_.empty()) NoteWaitersLeft();
  }

  // Makes all waiters ready, in the order in which they came. Never a checkpoint. Does nothing the second time.
  void Set() noexcept;
  bool is_set() const noexcept;

  // Returns once the event is set. A checkpoint, even if it is set already.
  [[nodiscard]] internal::EventAwaiter Wait() noexcept { return internal::EventAwaiter(*this); }

 private:
  friend class internal::EventAwaiter;
  void NoteWaitersLeft() noexcept;

  internal::List<internal::EventAwaiter, internal::EventTag> waiters_;
  ObjectId id_;
  bool set_ = false;
};

}  // namespace hocket

#endif  // HOCKET_EVENT_H_
