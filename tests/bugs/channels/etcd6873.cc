// etcd6873: Stop holds the lock while it waits for the loop to end, and the loop takes the lock for each update. If
// Stop gets the lock while an update is between the channel and the lock, both wait. The fix: wait without the lock.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct Broadcasts {
  Lock lock;
  Event loop_ended;
  bool stopped = false;
  int updates = 0;
};

Task<> Loop(Setting& setting, Broadcasts& broadcasts, ReceiveChannel<int> updates) {
  for (;;) {
    co_await setting.Pad();
    const std::optional<int> update = co_await updates.ReceiveOrEnd();
    if (!update) break;
    co_await setting.Pad();
    co_await broadcasts.lock.Acquire();
    ++broadcasts.updates;
    broadcasts.lock.Release();
  }
  broadcasts.loop_ended.Set();
}

Task<> UpdateAndStop(Setting& setting, Broadcasts& broadcasts, SendChannel<int> updates) {
  co_await setting.Pad();
  co_await updates.Send(0);
  co_await setting.Pad();
  co_await Checkpoint();
  co_await broadcasts.lock.Acquire();
  std::optional<LockGuard> guard(broadcasts.lock);
  broadcasts.stopped = true;
  updates.Close();
  if (setting.fixed()) guard.reset();
  co_await setting.Pad();
  co_await broadcasts.loop_ended.Wait();
}

Task<> Body(Setting& setting) {
  Broadcasts broadcasts;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [send, receive] = OpenChannel<int>(1);
    nursery.StartSoon(TaskName("loop"), Loop, std::ref(setting), std::ref(broadcasts), std::move(receive));
    nursery.StartSoon(TaskName("stop"), UpdateAndStop, std::ref(setting), std::ref(broadcasts), std::move(send));
    co_return;
  });
  setting.Observe(std::to_string(broadcasts.updates));
}

}  // namespace

Program Etcd6873() {
  return {.name = "etcd6873",
          .essence = "a loop is waited for under the lock that it takes",
          .source = "github.com/etcd-io/etcd/pull/6873; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
