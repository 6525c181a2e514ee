// philo3, philo6: philosophers at a round table take the fork on their left and then the one on their right. If all of
// them have taken the left one, all wait for ever. The fix: the last one begins on the right, so that the forks have an
// order.
#include <array>
#include <utility>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

Task<> Dine(Setting& setting, Lock& first, Lock& second) {
  co_await setting.Pad();
  co_await first.Acquire();
  const LockGuard first_guard(first);
  co_await setting.Pad();
  co_await second.Acquire();
  const LockGuard second_guard(second);
}

template <std::size_t kSeats>
Task<> Body(Setting& setting) {
  std::array<Lock, kSeats> forks;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (std::size_t seat = 0; seat < kSeats; ++seat) {
      Lock* first = &forks[seat];
      Lock* second = &forks[(seat + 1) % kSeats];
      if (setting.fixed() && seat + 1 == kSeats) std::swap(first, second);
      nursery.StartSoon(TaskName("dine"), Dine, std::ref(setting), std::ref(*first), std::ref(*second));
    }
    co_return;
  });
  setting.Observe("all");
}

template <std::size_t kSeats>
Program Philosophers(const char* name) {
  return {.name = name,
          .essence = "each holds its left fork and waits for its right one",
          .source = "Dijkstra's dining philosophers; SCTBench, din_phil",
          .body = Body<kSeats>,
          .fifo_shows = true,
          .study = true};
}

}  // namespace

Program Philo3() { return Philosophers<3>("philo3"); }
Program Philo6() { return Philosophers<6>("philo6"); }

}  // namespace hocket::bugs
