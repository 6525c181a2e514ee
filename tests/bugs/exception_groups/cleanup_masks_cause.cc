// A job fails, and its cleanup says good-bye to a peer. If the peer has gone meanwhile, the cleanup fails too, and its
// failure takes the place of the first: the cause is lost. The fix: what the cleanup fails with does not count where
// the job has failed.
//
// After PEP 3134: before it, an exception in a `finally` block hid the one before it.
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

class DiskFull : public std::runtime_error {
 public:
  DiskFull() : std::runtime_error("disk full") {}
};

Task<> Work(Setting& setting) {
  co_await setting.Pad();
  co_await Checkpoint();
  throw DiskFull();
}

Task<> SayGoodBye(Setting& setting, SendChannel<int>& peer) {
  co_await Shielded([&]() -> Task<> {
    co_await setting.Pad();
    co_await Checkpoint();
  });
  peer.SendNow(0);
}

Task<> Job(Setting& setting, SendChannel<int>& peer) {
  if (!setting.fixed()) {
    co_await Finally([&] { return Work(setting); }, [&] { return SayGoodBye(setting, peer); });
    co_return;
  }
  Outcome<> outcome = co_await Capture(Work(setting));
  Outcome<> cleanup = co_await Capture(SayGoodBye(setting, peer));
  co_await Resolve(std::move(outcome));
  co_await Resolve(std::move(cleanup));
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(kUnbounded);
  SendChannel<int>& sender = send;
  ReceiveChannel<int>& receiver = receive;
  bool cause_seen = false;
  try {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("job"), Job, std::ref(setting), std::ref(sender));
      nursery.StartSoon(TaskName("peer"), [&]() -> Task<> {
        co_await Shielded([&]() -> Task<> {
          co_await setting.Pad();
          for (int step = 0; step < 3; ++step) co_await Checkpoint();
        });
        receiver.Close();
      });
      co_return;
    });
  } catch (const ExceptionGroup& group) {
    for (const Failure& member : group.members()) {
      setting.Observe(member.ToString());
      if (member.As<DiskFull>() != nullptr) cause_seen = true;
    }
  }
  Require(cause_seen, "the cause is lost");
}

}  // namespace

Program CleanupMasksCause() {
  return {.name = "cleanup_masks_cause",
          .essence = "a failure of the cleanup takes the place of the failure that it cleans up after",
          .source = "PEP 3134",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
