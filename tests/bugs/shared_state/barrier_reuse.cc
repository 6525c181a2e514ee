// barrier_reuse: a barrier for two that is used twice and closed again by the last one to leave it. If the one who
// opened it comes back before the other one has left, it walks through a second time, and the other one then waits for
// a partner who is gone. The fix: who opens it leaves a new one behind.
#include <memory>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kParties = 2;

struct Barrier {
  int inside = 0;
  std::shared_ptr<Event> open = std::make_shared<Event>();
};

Task<> Meet(Setting& setting, Barrier& barrier) {
  co_await setting.Pad();
  co_await Checkpoint();
  const std::shared_ptr<Event> open = barrier.open;
  if (++barrier.inside < kParties) {
    co_await open->Wait();
  } else {
    open->Set();
    if (setting.fixed()) {
      barrier.inside = 0;
      barrier.open = std::make_shared<Event>();
    }
  }
  if (!setting.fixed() && --barrier.inside == 0) barrier.open = std::make_shared<Event>();
}

Task<> MeetTwice(Setting& setting, Barrier& barrier) {
  for (int round = 0; round < 2; ++round) co_await Meet(setting, barrier);
}

Task<> Body(Setting& setting) {
  Barrier barrier;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int party = 0; party < kParties; ++party) {
      nursery.StartSoon(TaskName("meet"), MeetTwice, std::ref(setting), std::ref(barrier));
    }
    co_return;
  });
  setting.Observe("met");
}

}  // namespace

Program BarrierReuse() {
  return {.name = "barrier_reuse",
          .essence = "a barrier is entered again before everybody has left it",
          .source = "Downey, The Little Book of Semaphores, 3.7",
          .body = Body};
}

}  // namespace hocket::bugs
