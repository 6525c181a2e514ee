// Generators: a task that makes values one after another, in step with whoever asks for them.
//
//     co_await WithGenerator<int>(
//         [](Yield<int>& yield) -> Task<> {
//           for (int i = 0; i < 3; ++i) co_await yield(i);
//         },
//         [](Generated<int>& values) -> Task<> {
//           while (std::optional<int> value = co_await values.Next()) Use(*value);
//         });
//
// The producer runs as a task of its own, up to its next yield whenever a value has been asked for and not before, so
// it is never ahead of its consumer by more than the value that the consumer has. When the consumer's body ends, the
// producer is cancelled where it stands, and WithGenerator returns when it has unwound.
//
// What cannot happen: a producer that outlives WithGenerator; a failure that is lost. The failure of one of the two
// leaves as it is, after the other one has been cancelled; if both fail, they leave as a group.
//
// Threads: the run's.
#ifndef HOCKET_GENERATOR_H_
#define HOCKET_GENERATOR_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "hocket/capture.h"
#include "hocket/channel.h"
#include "hocket/nursery.h"
#include "hocket/semaphore.h"
#include "hocket/task.h"

namespace hocket {

namespace internal {

// How many values the producer may make.
class Demand {
 public:
  // Somebody waits for a value, for as long as it lives.
  class Asking {
   public:
    explicit Asking(Demand& demand) : demand_(demand) {
      if (++demand_.asking_ > demand_.granted_) {
        ++demand_.granted_;
        demand_.permits_.Release();
      }
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking() { --demand_.asking_; }
    // A value has come; one that comes too late, because the task was cancelled, goes to the next one who asks.
    void Served() noexcept { --demand_.granted_; }

   private:
    Demand& demand_;
  };

  // Waits until one more may be made.
  [[nodiscard]] SemaphoreAwaiter Take() noexcept { return permits_.Acquire(); }

 private:
  Semaphore permits_{0};
  std::size_t asking_ = 0;
  std::size_t granted_ = 0;  // permits given whose values have not come
};

}  // namespace internal

// The producer's end.
template <class T>
class Yield {
 public:
  Yield(SendChannel<T>& sender, internal::Demand& demand) noexcept : sender_(sender), demand_(demand) {}

  // Hands a value over, and waits until the next one is asked for. A checkpoint.
  Task<> operator()(T value) {
    co_await sender_.Send(std::move(value));
    co_await demand_.Take();
  }

 private:
  SendChannel<T>& sender_;
  internal::Demand& demand_;
};

// The consumer's end. Several tasks may ask at once; each value goes to one of them, in the order of asking.
template <class T>
class Generated {
 public:
  Generated(ReceiveChannel<T> receiver, internal::Demand& demand) noexcept
      : receiver_(std::move(receiver)), demand_(demand) {}

  // Asks for a value, and waits for it; none if the producer has ended. A checkpoint.
  Task<std::optional<T>> Next() {
    internal::Demand::Asking asking(demand_);
    std::optional<T> value = co_await receiver_.ReceiveOrEnd();
    if (value) asking.Served();
    co_return value;
  }

 private:
  ReceiveChannel<T> receiver_;
  internal::Demand& demand_;
};

namespace internal {

template <class T, class Producer>
Task<> Produce(Producer& producer, SendChannel<T>& sender, Demand& demand) {
  co_await demand.Take();
  Yield<T> yield(sender, demand);
  co_await producer(yield);
  sender.Close();  // a producer that fails has not come to its end: its consumer is cancelled
}

}  // namespace internal

// `producer`: a callable `(Yield<T>&) -> Task<>`; `consumer`: `(Generated<T>&) -> Task<>`.
template <class T, class Producer, class Consumer>
Task<> WithGenerator(Producer producer, Consumer consumer) {
  std::pair<SendChannel<T>, ReceiveChannel<T>> ends = OpenChannel<T>(0);
  internal::Demand demand;
  Generated<T> values(std::move(ends.second), demand);
  const auto body = [&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(internal::Produce<T, Producer>, std::ref(producer), std::ref(ends.first), std::ref(demand));
    co_await consumer(values);
    nursery.cancel_scope().Cancel();
  };
  const Outcome<> outcome = co_await Capture(WithNursery(body));
  co_await internal::LeaveAwaiter(internal::Unwrapped(outcome.failure()));
}

}  // namespace hocket

#endif  // HOCKET_GENERATOR_H_
