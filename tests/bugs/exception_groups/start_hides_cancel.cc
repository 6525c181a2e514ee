// A starter waits until its child says that it has started, or has ended; a child that ended without a word is reported
// as an error. If starter and child are cancelled together, the child ends without a word because of that, and a quiet
// cancellation becomes an error. The fix: the starter's own cancellation comes first.
//
// After tractor#464.
#include <stdexcept>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

struct Handshake {
  bool started = false;
  Event settled;  // started or ended
};

class Settle {
 public:
  explicit Settle(Handshake& handshake) : handshake_(handshake) {}
  Settle(const Settle&) = delete;
  Settle& operator=(const Settle&) = delete;
  ~Settle() { handshake_.settled.Set(); }

 private:
  Handshake& handshake_;
};

Task<> Child(Setting& setting, Handshake& handshake) {
  const Settle settle(handshake);
  co_await setting.Pad();
  co_await Checkpoint();
  handshake.started = true;
}

// The child is cancelled with us, so that it need not be left alone here.
Task<> Start(Setting& setting, Nursery& nursery, Handshake& handshake) {
  nursery.StartSoon(TaskName("child"), Child, std::ref(setting), std::ref(handshake));
  co_await Shielded([&]() -> Task<> { co_await handshake.settled.Wait(); });
  if (handshake.started) co_return;
  if (setting.fixed()) co_await CheckpointIfCancelled();
  throw std::runtime_error("the child has ended without having started");
}

Task<> Body(Setting& setting) {
  Handshake handshake;
  CancelScope scope;
  bool error = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 4; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("parent"), [&]() -> Task<> {
      try {
        co_await WithScope(scope, [&]() -> Task<> {
          co_await setting.Pad();
          co_await WithNursery([&](Nursery& children) { return Start(setting, children, handshake); });
        });
      } catch (const ExceptionGroup&) {
        error = true;
      }
    });
    co_return;
  });
  setting.Observe(handshake.started ? "started" : "cancelled");
  Require(!error, "a cancellation is reported as an error");
}

}  // namespace

Program StartHidesCancel() {
  return {.name = "start_hides_cancel",
          .essence = "a child that was cancelled as it started is reported as an error",
          .source = "tractor#464",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
