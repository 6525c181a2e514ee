// A program that stops in the debugger in the middle of a run, with a task in each state that a task tree shows.
#include <chrono>
#include <csignal>
#include <functional>

#include "hocket/hocket.h"

namespace {

using namespace hocket;
using std::chrono_literals::operator""s;

Task<> Forever() { co_await SleepForever(); }

Task<> Hold(Lock& lock) {
  co_await lock.Acquire();
  co_await Shielded([]() -> Task<> { co_await MoveOnAfter(5s, Forever); });
  lock.Release();
}

Task<> Want(Lock& lock) {
  co_await lock.Acquire();
  lock.Release();
}

Task<> Receive(ReceiveChannel<int>& receiver) { co_await receiver.Receive(); }

Task<> Stop() {
  co_await Sleep(2s);
  std::raise(SIGTRAP);
}

// Makes the run keep paths.
class Silent final : public Instrument {};

}  // namespace

int main() {
  Silent silent;
  Instruments instruments;
  instruments.Add(silent);
  const RunOutcome outcome = Run(
      []() -> Task<> {
        Lock lock;
        Event never;
        auto [sender, receiver] = OpenChannel<int>(0);
        StartSystemTask(TaskName("system"), Forever);
        co_await MoveOnAfter(9s, [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon(TaskName("holder"), Hold, std::ref(lock));
            nursery.StartSoon(TaskName("first"), Want, std::ref(lock));
            nursery.StartSoon(TaskName("second"), Want, std::ref(lock));
            nursery.StartSoon(TaskName("receiver"), Receive, std::ref(receiver));
            nursery.StartSoon(TaskName("event"), [&]() -> Task<> { co_await never.Wait(); });
            nursery.StartSoon(TaskName("parked"),
                              []() -> Task<> { co_await Park("Meeting.Wait", [] { return Abort::kSucceeded; }); });
            nursery.StartSoon(TaskName("inner"), []() -> Task<> {
              co_await WithNursery([](Nursery& nursery) -> Task<> {
                nursery.StartSoon(TaskName("child"), Forever);
                co_await Forever();
              });
            });
            nursery.StartSoon(TaskName("stop"), Stop);
            nursery.StartSoon(TaskName("ready"), []() -> Task<> { co_await Sleep(2s); });
            co_return;
          });
        });
      },
      {.clock = ClockKind::kVirtual, .observer = &instruments});
  return outcome.completed() ? 0 : 1;
}
