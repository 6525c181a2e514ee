// kubernetes5316: a request is handled by a task of its own, whose result is waited for with a timeout. When the time
// is over nobody receives any more, and the task waits for ever to send. The fix: a channel with room for the result.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

using namespace std::chrono_literals;

Task<> Handle(Setting& setting, SendChannel<int>& result) {
  co_await setting.Pad();
  co_await Checkpoint();
  co_await setting.Pad();
  co_await result.Send(1);
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(setting.fixed() ? 1 : 0);
  int result = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("handle"), Handle, std::ref(setting), std::ref(send));
    co_await MoveOnAfter(1s, [&](CancelScope&) -> Task<> {
      co_await setting.Pad();
      result = co_await receive.Receive();
    });
  });
  setting.Observe(std::to_string(result));
}

}  // namespace

Program Kubernetes5316() {
  return {.name = "kubernetes5316",
          .essence = "a timeout leaves the sender of the result waiting",
          .source = "github.com/kubernetes/kubernetes/pull/5316; GoBench",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
