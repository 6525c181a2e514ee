// moby28462: who stops a container's monitor holds the container's lock while the stop is sent, and the monitor looks
// after the container, under that lock, before it receives. If the lock is taken to stop before the monitor has had
// it, both wait. The fix: send after the lock has been released.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct Container {
  Lock lock;
  int probes = 0;
  bool running = true;
};

Task<> Monitor(Setting& setting, Container& container, ReceiveChannel<int> stop) {
  co_await setting.Pad();
  co_await container.lock.Acquire();
  ++container.probes;
  container.lock.Release();
  co_await setting.Pad();
  co_await stop.Receive();
}

Task<> Stop(Setting& setting, Container& container, SendChannel<int> stop) {
  co_await setting.Pad();
  co_await container.lock.Acquire();
  std::optional<LockGuard> guard(container.lock);
  container.running = false;
  if (setting.fixed()) guard.reset();
  co_await setting.Pad();
  co_await stop.Send(0);
}

Task<> Body(Setting& setting) {
  Container container;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [send, receive] = OpenChannel<int>(0);
    nursery.StartSoon(TaskName("monitor"), Monitor, std::ref(setting), std::ref(container), std::move(receive));
    nursery.StartSoon(TaskName("stop"), Stop, std::ref(setting), std::ref(container), std::move(send));
    co_return;
  });
  setting.Observe(std::to_string(container.probes));
}

}  // namespace

Program Moby28462() {
  return {.name = "moby28462",
          .essence = "a stop is sent under the lock that its receiver wants first",
          .source = "github.com/moby/moby/pull/28462; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
