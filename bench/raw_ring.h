// The least that coroutines on a ring of ready ones can cost: what hocket is measured against.
//
// No cancellation, no exceptions, no identities, no checks, no thread-local state: everybody is handed the ring. Two
// rings: first in, first out through links in the frames; and a set from which a seeded picker draws, which writes each
// choice down.
#ifndef HOCKET_BENCH_RAW_RING_H_
#define HOCKET_BENCH_RAW_RING_H_

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "hocket/internal/frame.h"

namespace bench::raw {

// Where frames come from: hocket's pool of blocks, or the heap.
struct Pooled {
  static void* Allocate(std::size_t size) { return hocket::internal::AllocateBlock(size); }
  static void Free(void* block, std::size_t size) noexcept { hocket::internal::FreeBlock(block, size); }
};
struct Heap {
  static void* Allocate(std::size_t size) { return ::operator new(size); }
  static void Free(void* block, std::size_t size) noexcept { ::operator delete(block, size); }
};

// A suspended coroutine in a list; lives in its frame.
struct Node {
  std::coroutine_handle<> handle;
  Node* next = nullptr;
};

class Queue {
 public:
  void Push(Node* node) {
    node->next = nullptr;
    *tail_ = node;
    tail_ = &node->next;
  }
  Node* Pop() {
    Node* const node = head_;
    if (node != nullptr && (head_ = node->next) == nullptr) tail_ = &head_;
    return node;
  }

 private:
  Node* head_ = nullptr;
  Node** tail_ = &head_;
};

class Fifo {
 public:
  void Push(Node* node) { ready_.Push(node); }
  bool Step() {
    Node* const node = ready_.Pop();
    if (node == nullptr) return false;
    node->handle.resume();
    return true;
  }

 private:
  Queue ready_;
};

class Picker {
 public:
  virtual ~Picker() = default;
  virtual std::uint32_t Pick(std::uint32_t n) = 0;
};

class RandomPicker final : public Picker {
 public:
  void Seed(std::uint64_t seed) { state_ = seed; }
  std::uint32_t Pick(std::uint32_t n) override;

 private:
  std::uint64_t state_ = 0;  // of splitmix64
};

class Picked {
 public:
  explicit Picked(Picker& picker) : picker_(picker) {}
  void Push(Node* node) { ready_.push_back(node); }
  bool Step() {
    if (ready_.empty()) return false;
    std::uint32_t choice = 0;
    if (ready_.size() > 1) {
      choice = picker_.Pick(static_cast<std::uint32_t>(ready_.size()));
      record_.push_back(choice);
    }
    Node* const node = ready_[choice];
    ready_[choice] = ready_.back();
    ready_.pop_back();
    node->handle.resume();
    return true;
  }
  void ForgetRecord() { record_.clear(); }

 private:
  Picker& picker_;
  std::vector<Node*> ready_;
  std::vector<std::uint32_t> record_;
};

// A ring and its virtual clock.
template <class Ready>
class Ring : public Ready {
 public:
  using Ready::Ready;

  void Run() {
    while (this->Step() || ExpireTimers()) {
    }
  }
  std::uint64_t now() const { return now_; }
  void WakeAt(std::uint64_t when, Node* node) {
    timers_.push_back({when, order_++, node});
    std::push_heap(timers_.begin(), timers_.end(), Later);
  }

 private:
  struct Timer {
    std::uint64_t when;
    std::uint64_t order;
    Node* node;
  };
  static bool Later(const Timer& a, const Timer& b) { return a.when != b.when ? a.when > b.when : a.order > b.order; }

  bool ExpireTimers() {
    if (timers_.empty()) return false;
    now_ = timers_.front().when;
    while (!timers_.empty() && timers_.front().when == now_) {
      this->Push(timers_.front().node);
      std::pop_heap(timers_.begin(), timers_.end(), Later);
      timers_.pop_back();
    }
    return true;
  }

  std::vector<Timer> timers_;
  std::uint64_t now_ = 0;
  std::uint64_t order_ = 0;
};

using FifoRing = Ring<Fifo>;
using PickRing = Ring<Picked>;

// ---------------------------------------------------------------- tasks

template <class Memory>
struct PromiseBase {
  static void* operator new(std::size_t size) { return Memory::Allocate(size); }
  static void operator delete(void* block, std::size_t size) noexcept { Memory::Free(block, size); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }
};

// A coroutine that is awaited, and gives an int.
template <class Memory = Pooled>
class [[nodiscard]] Task {
 public:
  struct promise_type : PromiseBase<Memory> {
    struct Final {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
        return handle.promise().parent;
      }
      void await_resume() const noexcept {}
    };
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    Final final_suspend() const noexcept { return {}; }
    void return_value(int result_in) { result = result_in; }

    std::coroutine_handle<> parent;
    int result = 0;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) noexcept {
    handle_.promise().parent = parent;
    return handle_;
  }
  int await_resume() const noexcept { return handle_.promise().result; }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Counts the coroutines that run in it.
template <class Ready>
class Nursery;

// A coroutine that runs on its own, and frees itself at its end.
template <class Ready, class Memory = Pooled>
struct Spawned {
  struct promise_type : PromiseBase<Memory> {
    Spawned get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() {
      if (nursery != nullptr) nursery->ChildEnded();
    }
    Nursery<Ready>* nursery = nullptr;
    Node node;
  };
  std::coroutine_handle<promise_type> handle;

  // Makes it ready.
  void Start(Ring<Ready>& ring, Nursery<Ready>* nursery = nullptr) {
    promise_type& promise = handle.promise();
    promise.nursery = nursery;
    promise.node.handle = handle;
    ring.Push(&promise.node);
  }
};

template <class Ready>
class Nursery {
 public:
  explicit Nursery(Ring<Ready>& ring) : ring_(ring) {}
  template <class Memory>
  void Start(Spawned<Ready, Memory> task) {
    ++children_;
    task.Start(ring_, this);
  }
  void ChildEnded() {
    if (--children_ == 0 && waiter_.handle) ring_.Push(&waiter_);
  }
  auto Join() {
    struct Awaiter {
      Nursery& nursery;
      bool await_ready() const noexcept { return nursery.children_ == 0; }
      void await_suspend(std::coroutine_handle<> handle) noexcept { nursery.waiter_.handle = handle; }
      void await_resume() const noexcept { nursery.waiter_.handle = nullptr; }
    };
    return Awaiter{*this};
  }

 private:
  Ring<Ready>& ring_;
  std::size_t children_ = 0;
  Node waiter_;
};

// ---------------------------------------------------------------- operations

template <class Ready>
auto Yield(Ring<Ready>& ring) {
  struct Awaiter : Node {
    explicit Awaiter(Ring<Ready>& ring_in) : ring(ring_in) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle_in) noexcept {
      handle = handle_in;
      ring.Push(this);
    }
    void await_resume() const noexcept {}
    Ring<Ready>& ring;
  };
  return Awaiter(ring);
}

template <class Ready>
auto Sleep(Ring<Ready>& ring, std::uint64_t duration) {
  struct Awaiter : Node {
    Awaiter(Ring<Ready>& ring_in, std::uint64_t when_in) : ring(ring_in), when(when_in) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle_in) noexcept {
      handle = handle_in;
      ring.WakeAt(when, this);
    }
    void await_resume() const noexcept {}
    Ring<Ready>& ring;
    std::uint64_t when;
  };
  return Awaiter(ring, ring.now() + duration);
}

template <class Ready>
class Event {
 public:
  void Set(Ring<Ready>& ring) {
    set_ = true;
    while (Node* waiter = waiters_.Pop()) ring.Push(waiter);
  }
  auto Wait() {
    struct Awaiter : Node {
      explicit Awaiter(Event& event_in) : event(event_in) {}
      bool await_ready() const noexcept { return event.set_; }
      void await_suspend(std::coroutine_handle<> handle_in) noexcept {
        handle = handle_in;
        event.waiters_.Push(this);
      }
      void await_resume() const noexcept {}
      Event& event;
    };
    return Awaiter(*this);
  }

 private:
  Queue waiters_;
  bool set_ = false;
};

// Holds one value, and one who waits for it.
template <class Ready>
class Slot {
 public:
  void Send(Ring<Ready>& ring, int value) {
    value_ = value;
    full_ = true;
    if (Node* waiter = waiters_.Pop()) ring.Push(waiter);
  }
  auto Receive() {
    struct Awaiter : Node {
      explicit Awaiter(Slot& slot_in) : slot(slot_in) {}
      bool await_ready() const noexcept { return slot.full_; }
      void await_suspend(std::coroutine_handle<> handle_in) noexcept {
        handle = handle_in;
        slot.waiters_.Push(this);
      }
      int await_resume() const noexcept {
        slot.full_ = false;
        return slot.value_;
      }
      Slot& slot;
    };
    return Awaiter(*this);
  }

 private:
  Queue waiters_;
  int value_ = 0;
  bool full_ = false;
};

}  // namespace bench::raw

#endif  // HOCKET_BENCH_RAW_RING_H_
