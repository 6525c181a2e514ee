// etcd7443: a balancer notifies of addresses that have come up while it holds its lock, through a channel with one
// place. Close wants the lock before it receives what has been sent. If two addresses come up before it, the second
// notification waits for room that only Close could make. The fix: notify after the lock has been released.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct Balancer {
  Lock lock;
  bool closed = false;
  int drained = 0;
};

Task<> Up(Setting& setting, Balancer& balancer, SendChannel<int> notify) {
  co_await setting.Pad();
  co_await balancer.lock.Acquire();
  std::optional<LockGuard> guard(balancer.lock);
  if (balancer.closed) co_return;
  if (setting.fixed()) guard.reset();
  co_await setting.Pad();
  co_await notify.Send(1);
}

Task<> Close(Setting& setting, Balancer& balancer, ReceiveChannel<int> notifications) {
  co_await setting.Pad();
  co_await balancer.lock.Acquire();
  balancer.closed = true;
  balancer.lock.Release();
  for (;;) {
    co_await setting.Pad();
    const std::optional<int> notification = co_await notifications.ReceiveOrEnd();
    if (!notification) co_return;
    ++balancer.drained;
  }
}

Task<> Body(Setting& setting) {
  Balancer balancer;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [notify, notifications] = OpenChannel<int>(1);
    nursery.StartSoon(TaskName("close"), Close, std::ref(setting), std::ref(balancer), std::move(notifications));
    for (int address = 0; address < 2; ++address) {
      nursery.StartSoon(TaskName("up"), Up, std::ref(setting), std::ref(balancer), notify.Clone());
    }
    co_return;
  });
  setting.Observe(std::to_string(balancer.drained));
}

}  // namespace

Program Etcd7443() {
  return {.name = "etcd7443",
          .essence = "a send waits under the lock that its receiver wants first",
          .source = "github.com/etcd-io/etcd/pull/7443; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
