// boundq_2p2c, boundq_3p3c2: a bounded queue whose producers and consumers wait in one line, of which each change wakes
// one. If what a consumer has done wakes another consumer, whom it does not help, that one goes back to sleep, and the
// producer for whom there is room now never wakes. The fix: wake all.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct Queue {
  explicit Queue(int capacity_in) : capacity(capacity_in) {}
  const int capacity;
  ParkingLot changed;
  int size = 0;
  int taken = 0;
};

void Notify(const Setting& setting, Queue& queue) { queue.changed.Unpark(setting.fixed() ? ParkingLot::kAll : 1); }

Task<> Produce(Setting& setting, Queue& queue, int items) {
  for (int item = 0; item < items; ++item) {
    co_await setting.Pad();
    co_await Checkpoint();
    while (queue.size == queue.capacity) co_await queue.changed.Park();
    ++queue.size;
    Notify(setting, queue);
  }
}

Task<> Consume(Setting& setting, Queue& queue, int items) {
  for (int item = 0; item < items; ++item) {
    co_await setting.Pad();
    co_await Checkpoint();
    while (queue.size == 0) co_await queue.changed.Park();
    --queue.size;
    ++queue.taken;
    Notify(setting, queue);
  }
}

template <int kPairs, int kCapacity, int kItems>
Task<> Body(Setting& setting) {
  Queue queue(kCapacity);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int pair = 0; pair < kPairs; ++pair) {
      nursery.StartSoon(TaskName("produce"), Produce, std::ref(setting), std::ref(queue), kItems);
      nursery.StartSoon(TaskName("consume"), Consume, std::ref(setting), std::ref(queue), kItems);
    }
    co_return;
  });
  setting.Observe(std::to_string(queue.taken));
}

constexpr char kEssence[] = "two kinds of waiters stand in one line, of which one is woken";
constexpr char kSource[] = "Coyote's BoundedBuffer";

}  // namespace

Program Boundq2p2c() {
  return {.name = "boundq_2p2c", .essence = kEssence, .source = kSource, .body = Body<2, 1, 1>, .study = true};
}

Program Boundq3p3c2() {
  return {.name = "boundq_3p3c2", .essence = kEssence, .source = kSource, .body = Body<3, 2, 3>, .study = true};
}

}  // namespace hocket::bugs
