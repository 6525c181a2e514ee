// grpc1353: a balancer sends addresses that have come up while it holds its lock, and the watcher takes the same lock
// for each address before it receives the next one. If the second address comes up before the watcher has the lock
// for the first one, both wait. The fix: send after the lock has been released.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kAddresses = 2;

struct Balancer {
  Lock lock;
  int up = 0;
  int watched = 0;
};

Task<> Up(Setting& setting, Balancer& balancer, SendChannel<int> addresses) {
  for (int address = 0; address < kAddresses; ++address) {
    co_await setting.Pad();
    co_await Checkpoint();
    co_await balancer.lock.Acquire();
    std::optional<LockGuard> guard(balancer.lock);
    ++balancer.up;
    if (setting.fixed()) guard.reset();
    co_await setting.Pad();
    co_await addresses.Send(address);
  }
}

Task<> Watch(Setting& setting, Balancer& balancer, ReceiveChannel<int> addresses) {
  for (int address = 0; address < kAddresses; ++address) {
    co_await setting.Pad();
    co_await addresses.Receive();
    co_await setting.Pad();
    co_await balancer.lock.Acquire();
    const LockGuard guard(balancer.lock);
    ++balancer.watched;
  }
}

Task<> Body(Setting& setting) {
  Balancer balancer;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [send, receive] = OpenChannel<int>(0);
    nursery.StartSoon(TaskName("watch"), Watch, std::ref(setting), std::ref(balancer), std::move(receive));
    nursery.StartSoon(TaskName("up"), Up, std::ref(setting), std::ref(balancer), std::move(send));
    co_return;
  });
  setting.Observe(std::to_string(balancer.watched));
}

}  // namespace

Program Grpc1353() {
  return {.name = "grpc1353",
          .essence = "a send waits under the lock that its receiver takes between two receives",
          .source = "github.com/grpc/grpc-go/pull/1353; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
