// deadlock2: two tasks take two locks, one of them in the other order. If each has its first lock before either wants
// its second one, both wait for ever. The fix: one order for all.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

Task<> TakeBoth(Setting& setting, Lock& first, Lock& second) {
  co_await setting.Pad();
  co_await first.Acquire();
  const LockGuard first_guard(first);
  co_await setting.Pad();
  co_await second.Acquire();
  const LockGuard second_guard(second);
}

Task<> Body(Setting& setting) {
  Lock a;
  Lock b;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TakeBoth, std::ref(setting), std::ref(a), std::ref(b));
    if (setting.fixed()) {
      nursery.StartSoon(TakeBoth, std::ref(setting), std::ref(a), std::ref(b));
    } else {
      nursery.StartSoon(TakeBoth, std::ref(setting), std::ref(b), std::ref(a));
    }
    co_return;
  });
  setting.Observe("both");
}

}  // namespace

Program Deadlock2() {
  return {.name = "deadlock2",
          .essence = "two locks are taken in two orders",
          .source = "SCTBench, deadlock01",
          .body = Body,
          .fifo_shows = true,
          .study = true};
}

}  // namespace hocket::bugs
