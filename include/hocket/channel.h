// Memory channels: a queue of values between tasks, with two kinds of ends.
//
//     auto [sender, receiver] = OpenChannel<int>(1);
//     nursery.StartSoon(Produce, std::move(sender));
//     while (std::optional<int> value = co_await receiver.ReceiveOrEnd()) Use(*value);
//
// An end belongs to who holds it: it moves, Clone makes another one, and its destructor closes it. When the last sender
// has closed, receivers get what is buffered and then EndOfChannel; when the last receiver has closed, senders get
// BrokenResourceError and what is buffered is dropped. With capacity 0 every send waits for its receive. What cannot
// happen: a value that is lost or doubled because somebody was cancelled: a send or receive either has happened, or is
// cancelled.
//
// Threads: the run's.
#ifndef HOCKET_CHANNEL_H_
#define HOCKET_CHANNEL_H_

#include <cstddef>
#include <deque>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <source_location>
#include <utility>

#include "hocket/errors.h"
#include "hocket/internal/attempt.h"
#include "hocket/internal/list.h"
#include "hocket/task.h"

namespace hocket {

inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

struct ChannelStatistics {
  std::size_t buffered = 0;
  std::size_t senders = 0;  // open ends
  std::size_t receivers = 0;
  std::size_t waiting_to_send = 0;
  std::size_t waiting_to_receive = 0;
};

namespace internal {

struct ChannelTag;
class ChannelCore;

// A task that waits in a channel, and the end it waits at.
class ChannelAwaiter : public AttemptAwaiter, public Hook<ChannelTag> {
 public:
  Access declared() const noexcept final;
  bool Abort() noexcept final;

 protected:
  ChannelAwaiter(ChannelCore& core, const void* end, bool sends) noexcept : core_(core), end_(end), sends_(sends) {}
  ~ChannelAwaiter();  // leaves the line, in runs that are given up
  void Enqueue() noexcept final;

  ChannelCore& core_;

 private:
  friend class ChannelCore;
  const void* end_;
  bool sends_;
};

// What a channel is apart from the type of its values: who waits, how many ends are open.
class ChannelCore {
 public:
  ChannelCore(std::size_t capacity, std::source_location made_at) noexcept;
  virtual ~ChannelCore() = default;

  void Open(bool sends) noexcept;
  // Closes one end: who waits at it gets ClosedResourceError; if it was the last of its kind, who waits at the other
  // kind is told.
  void Close(bool sends, const void* end);

  std::size_t senders() const noexcept { return senders_; }
  std::size_t receivers() const noexcept { return receivers_; }
  ChannelStatistics Statistics() const noexcept;

 protected:
  virtual void DropBuffer() noexcept = 0;
  virtual std::size_t buffered() const noexcept = 0;

  // Who is served next: who came first, or where the run says so a drawn one. None if nobody waits.
  ChannelAwaiter* NextSender() const noexcept { return Next(waiting_senders_, waiting_to_send_); }
  ChannelAwaiter* NextReceiver() const noexcept { return Next(waiting_receivers_, waiting_to_receive_); }
  // For observers: a value goes in, a value comes out. Of who waits, or none: of the current task.
  void NoteSent(const ChannelAwaiter* sender) const noexcept { NoteValue(/*sent=*/true, sender); }
  void NoteReceived(const ChannelAwaiter* receiver) const noexcept { NoteValue(/*sent=*/false, receiver); }
  // Ends the wait of a waiter that has been served.
  void Served(ChannelAwaiter* waiter) noexcept;
  // The step under way uses the channel: even a send that finds no room depends on what others do.
  void NoteChange() const noexcept;

  std::size_t capacity_;

 private:
  friend class ChannelAwaiter;
  using Waiters = List<ChannelAwaiter, ChannelTag>;
  static ChannelAwaiter* Next(const Waiters& waiters, std::size_t count) noexcept;
  void Fail(Waiters& waiters, const void* end, std::exception_ptr error);
  void Dequeue(ChannelAwaiter* waiter) noexcept;
  void NoteValue(bool sent, const ChannelAwaiter* waiter) const noexcept;

  Waiters waiting_senders_;
  Waiters waiting_receivers_;
  std::size_t waiting_to_send_ = 0;
  std::size_t waiting_to_receive_ = 0;
  std::size_t senders_ = 0;
  std::size_t receivers_ = 0;
  ObjectId id_;
  std::source_location made_at_;
};

template <class T>
class SendAwaiter;
template <class T>
class ReceiveAwaiter;

template <class T>
class ChannelState final : public ChannelCore {
 public:
  using ChannelCore::ChannelCore;

  // False if there is no room. Throws BrokenResourceError.
  bool TrySend(T& value) {
    NoteChange();
    if (receivers() == 0) throw BrokenResourceError();
    if (auto* receiver = static_cast<ReceiveAwaiter<T>*>(NextReceiver())) {
      receiver->value_.emplace(std::move(value));
      NoteSent(nullptr);
      NoteReceived(receiver);
      Served(receiver);
    } else if (buffer_.size() < capacity_) {
      buffer_.push_back(std::move(value));
      NoteSent(nullptr);
    } else {
      return false;
    }
    return true;
  }

  // False if there is nothing. Throws EndOfChannel.
  bool TryReceive(std::optional<T>& value) {
    NoteChange();
    if (auto* sender = static_cast<SendAwaiter<T>*>(NextSender())) {
      buffer_.push_back(std::move(sender->value_));
      NoteSent(sender);
      Served(sender);
    }
    if (buffer_.empty()) {
      if (senders() == 0) throw EndOfChannel();
      return false;
    }
    value.emplace(std::move(buffer_.front()));
    buffer_.pop_front();
    NoteReceived(nullptr);
    return true;
  }

 private:
  void DropBuffer() noexcept override { buffer_.clear(); }
  std::size_t buffered() const noexcept override { return buffer_.size(); }

  std::deque<T> buffer_;
};

template <class T>
class SendAwaiter final : public ChannelAwaiter {
 public:
  SendAwaiter(std::shared_ptr<ChannelState<T>> state, const void* end, bool closed, T value)
      : ChannelAwaiter(*state, end, true), state_(std::move(state)), value_(std::move(value)), closed_(closed) {}
  const char* operation() const noexcept override { return "Channel.Send"; }

 private:
  friend class ChannelState<T>;
  Attempted Attempt() override {
    try {
      if (closed_) throw ClosedResourceError();
      return state_->TrySend(value_) ? Attempted::kDone : Attempted::kMustWait;
    } catch (...) {
      this->SetFailure(Failure::FromCurrentException());
      return Attempted::kFailed;
    }
  }
  std::shared_ptr<ChannelState<T>> state_;
  T value_;
  bool closed_;
};

template <class T>
class ReceiveAwaiter final : public ChannelAwaiter {
 public:
  ReceiveAwaiter(std::shared_ptr<ChannelState<T>> state, const void* end, bool closed)
      : ChannelAwaiter(*state, end, false), state_(std::move(state)), closed_(closed) {}
  const char* operation() const noexcept override { return "Channel.Receive"; }
  T await_resume() {
    AttemptAwaiter::await_resume();
    return std::move(*value_);
  }

 private:
  friend class ChannelState<T>;
  Attempted Attempt() override {
    try {
      if (closed_) throw ClosedResourceError();
      return state_->TryReceive(value_) ? Attempted::kDone : Attempted::kMustWait;
    } catch (...) {
      this->SetFailure(Failure::FromCurrentException());
      return Attempted::kFailed;
    }
  }
  std::shared_ptr<ChannelState<T>> state_;
  std::optional<T> value_;
  bool closed_;
};

// What both kinds of ends are.
template <class T, bool kSends>
class ChannelEnd {
 public:
  ChannelEnd(ChannelEnd&& other) noexcept : state_(other.state_), key_(std::move(other.key_)) {}
  ChannelEnd& operator=(ChannelEnd&& other) {
    if (this == &other) return *this;
    Close();
    state_ = other.state_;
    key_ = std::move(other.key_);
    return *this;
  }
  ~ChannelEnd() { Close(); }

  // Never a checkpoint. The second time it does nothing.
  void Close() {
    if (closed()) return;
    const std::unique_ptr<char> key = std::move(key_);
    state_->Close(kSends, key.get());
  }
  bool closed() const noexcept { return key_ == nullptr; }
  ChannelStatistics Statistics() const noexcept { return state_->Statistics(); }

 protected:
  explicit ChannelEnd(std::shared_ptr<ChannelState<T>> state)
      : state_(std::move(state)), key_(std::make_unique<char>()) {
    state_->Open(kSends);
  }
  void RequireOpen() const {
    if (closed()) throw ClosedResourceError();
  }

  std::shared_ptr<ChannelState<T>> state_;
  std::unique_ptr<char> key_;  // its address is the end's identity, wherever the end moves; gone when closed
};

}  // namespace internal

template <class T>
class SendChannel;
template <class T>
class ReceiveChannel;

// A channel for values of a movable type, with room for `capacity` of them.
template <class T>
std::pair<SendChannel<T>, ReceiveChannel<T>> OpenChannel(
    std::size_t capacity, std::source_location made_at = std::source_location::current()) {
  auto state = std::make_shared<internal::ChannelState<T>>(capacity, made_at);
  return {SendChannel<T>(state), ReceiveChannel<T>(state)};
}

template <class T>
class SendChannel : public internal::ChannelEnd<T, true> {
 public:
  // Waits for room, and gives the value away. A checkpoint. Throws ClosedResourceError, BrokenResourceError.
  [[nodiscard]] internal::SendAwaiter<T> Send(T value) {
    return internal::SendAwaiter<T>(this->state_, this->key_.get(), this->closed(), std::move(value));
  }
  // The same without waiting: throws WouldBlock instead.
  void SendNow(T value) {
    this->RequireOpen();
    if (!this->state_->TrySend(value)) throw WouldBlock();
  }
  // Another end for the same channel. Throws ClosedResourceError.
  SendChannel Clone() const {
    this->RequireOpen();
    return SendChannel(this->state_);
  }

 private:
  friend std::pair<SendChannel<T>, ReceiveChannel<T>> OpenChannel<T>(std::size_t capacity,
                                                                     std::source_location made_at);
  using internal::ChannelEnd<T, true>::ChannelEnd;
};

template <class T>
class ReceiveChannel : public internal::ChannelEnd<T, false> {
 public:
  // Waits for a value. A checkpoint. Throws ClosedResourceError, EndOfChannel.
  [[nodiscard]] internal::ReceiveAwaiter<T> Receive() {
    return internal::ReceiveAwaiter<T>(this->state_, this->key_.get(), this->closed());
  }
  // The same with the end of the channel as nothing.
  [[nodiscard]] Task<std::optional<T>> ReceiveOrEnd() {
    try {
      co_return co_await Receive();
    } catch (const EndOfChannel&) {
      co_return std::nullopt;
    }
  }
  // Without waiting: throws WouldBlock instead.
  T ReceiveNow() {
    this->RequireOpen();
    std::optional<T> value;
    if (!this->state_->TryReceive(value)) throw WouldBlock();
    return std::move(*value);
  }
  // Another end for the same channel. Throws ClosedResourceError.
  ReceiveChannel Clone() const {
    this->RequireOpen();
    return ReceiveChannel(this->state_);
  }

 private:
  friend std::pair<SendChannel<T>, ReceiveChannel<T>> OpenChannel<T>(std::size_t capacity,
                                                                     std::source_location made_at);
  using internal::ChannelEnd<T, false>::ChannelEnd;
};

}  // namespace hocket

#endif  // HOCKET_CHANNEL_H_
