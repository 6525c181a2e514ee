#include "hocket/channel.h"

#include <exception>

#include "runtime/observed.h"
#include "runtime/scheduler.h"

namespace hocket::internal {

ChannelCore::ChannelCore(std::size_t capacity, std::source_location made_at) noexcept
    : capacity_(capacity), id_(Scheduler::InRun() ? Scheduler::Current().NewObject() : 0), made_at_(made_at) {}

ChannelAwaiter::~ChannelAwaiter() {
  if (linked()) core_.Dequeue(this);
}

void ChannelAwaiter::Enqueue() noexcept {
  (sends_ ? core_.waiting_senders_ : core_.waiting_receivers_).PushBack(this);
  ++(sends_ ? core_.waiting_to_send_ : core_.waiting_to_receive_);
}

bool ChannelAwaiter::Abort() noexcept {
  core_.NoteChange();
  core_.Dequeue(this);
  return true;
}

Access ChannelAwaiter::declared() const noexcept { return {.object = core_.id_, .kind = AccessKind::kUpdate}; }

void ChannelCore::Dequeue(ChannelAwaiter* waiter) noexcept {
  Waiters::Remove(waiter);
  --(waiter->sends_ ? waiting_to_send_ : waiting_to_receive_);
}

void ChannelCore::Served(ChannelAwaiter* waiter) noexcept {
  Dequeue(waiter);
  Scheduler::Current().Wake(waiter->task());
}

void ChannelCore::NoteChange() const noexcept { Scheduler::TouchIfInRun(id_, AccessKind::kUpdate); }

void ChannelCore::NoteValue(bool sent, const ChannelAwaiter* waiter) const noexcept {
  if (!Scheduler::InRun()) return;
  Scheduler& scheduler = Scheduler::Current();
  Observer* const observer = scheduler.observer();
  if (observer == nullptr || (waiter == nullptr && !scheduler.has_current_task())) return;
  const Quiet quiet;
  const std::uint32_t task = (waiter == nullptr ? scheduler.current_task() : waiter->task())->spawn_number;
  if (sent) {
    observer->OnSend(task, id_);
  } else {
    observer->OnReceive(task, id_);
  }
}

void ChannelCore::Open(bool sends) noexcept {
  NoteChange();
  ++(sends ? senders_ : receivers_);
}

ChannelAwaiter* ChannelCore::Next(const Waiters& waiters, std::size_t count) noexcept {
  ChannelAwaiter* waiter = waiters.front();
  for (std::uint32_t others = Scheduler::Current().DrawWake(count); others > 0; --others) waiter = waiters.Next(waiter);
  return waiter;
}

void ChannelCore::Fail(Waiters& waiters, const void* end, std::exception_ptr error) {
  for (ChannelAwaiter* waiter = waiters.front(); waiter != nullptr;) {
    ChannelAwaiter* const next = waiters.Next(waiter);
    if (end == nullptr || waiter->end_ == end) {
      waiter->SetFailure(Failure::FromException(error));
      Served(waiter);
    }
    waiter = next;
  }
}

void ChannelCore::Close(bool sends, const void* end) {
  const bool last = --(sends ? senders_ : receivers_) == 0;
  if (last && !sends) {
    if (buffered() > 0 && Scheduler::InRun())
      Scheduler::Current().NotePermitsLeft("Channel", buffered(), "value", "buffered and never received", made_at_);
    DropBuffer();
  }
  if (!Scheduler::InRun() || Scheduler::Current().abandoning()) return;
  NoteChange();
  Fail(sends ? waiting_senders_ : waiting_receivers_, end, std::make_exception_ptr(ClosedResourceError()));
  if (!last) return;
  if (sends) {
    Fail(waiting_receivers_, nullptr, std::make_exception_ptr(EndOfChannel()));
  } else {
    Fail(waiting_senders_, nullptr, std::make_exception_ptr(BrokenResourceError()));
  }
}

ChannelStatistics ChannelCore::Statistics() const noexcept {
  NoteChange();
  return {buffered(), senders_, receivers_, waiting_to_send_, waiting_to_receive_};
}

}  // namespace hocket::internal
