// A bounded queue for producers and consumers, made from events.
#ifndef HOCKET_EXAMPLES_BOUNDED_QUEUE_H_
#define HOCKET_EXAMPLES_BOUNDED_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <deque>

#include "hocket/hocket.h"

namespace examples {

// Whom a change of the queue wakes. Producers and consumers wait in one line, so waking one may wake somebody whom the
// change does not help: that one goes back to sleep, and the wake-up is lost.
enum class Wake { kOne, kAll };

class BoundedQueue {
 public:
  BoundedQueue(std::size_t capacity, Wake wake) : capacity_(capacity), wake_(wake) {}

  hocket::Task<> Push(int item) {
    co_await hocket::Checkpoint();
    while (items_.size() == capacity_) co_await Changed();
    items_.push_back(item);
    NotifyWaiters();
  }

  hocket::Task<int> Pop() {
    co_await hocket::Checkpoint();
    while (items_.empty()) co_await Changed();
    const int item = items_.front();
    items_.pop_front();
    NotifyWaiters();
    co_return item;
  }

 private:
  hocket::Task<> Changed() {
    hocket::Event changed;
    waiters_.push_back(&changed);
    co_await changed.Wait();
  }

  void NotifyWaiters() {
    for (std::size_t n = wake_ == Wake::kAll ? waiters_.size() : std::min<std::size_t>(1, waiters_.size()); n > 0;
         --n) {
      waiters_.front()->Set();
      waiters_.pop_front();
    }
  }

  std::size_t capacity_;
  Wake wake_;
  std::deque<int> items_;
  std::deque<hocket::Event*> waiters_;
};

inline hocket::Task<> Produce(BoundedQueue& queue, int items) {
  for (int i = 0; i < items; ++i) co_await queue.Push(i);
}

inline hocket::Task<> Consume(BoundedQueue& queue, int items) {
  for (int i = 0; i < items; ++i) co_await queue.Pop();
}

// Two producers and two consumers on a queue with one place: everything that goes in comes out.
inline hocket::Task<> ProduceAndConsume(Wake wake) {
  BoundedQueue queue(1, wake);
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon(hocket::TaskName("producer"), Produce, std::ref(queue), 2);
      nursery.StartSoon(hocket::TaskName("consumer"), Consume, std::ref(queue), 2);
    }
    co_return;
  });
}

}  // namespace examples

#endif  // HOCKET_EXAMPLES_BOUNDED_QUEUE_H_
