// A message is written in two parts, under a lock that keeps other writers out. A writer that is cancelled between its
// parts has released the lock in good order and leaves half a message; the next message is read as its rest. The fix:
// once begun, a message is written to its end.
//
// After tokio's documentation of AsyncWriteExt::write_all, which is not cancel safe.
#include <cstddef>
#include <string>
#include <vector>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

struct Part {
  int message;
  bool last;
};

class Stream {
 public:
  explicit Stream(Setting& setting) : setting_(setting) {}

  Task<> Write(int message) {
    co_await lock_.Acquire();
    const LockGuard guard(lock_);
    if (setting_.fixed()) {
      co_await Shielded([&] { return WriteParts(message); });
    } else {
      co_await WriteParts(message);
    }
  }

  const std::vector<Part>& parts() const { return parts_; }

 private:
  Task<> WriteParts(int message) {
    parts_.push_back({message, false});
    co_await setting_.Pad();
    co_await Checkpoint();  // until the buffer has room
    parts_.push_back({message, true});
  }

  Setting& setting_;
  Lock lock_;
  std::vector<Part> parts_;
};

// Whether the parts are whole messages.
bool IsWhole(const std::vector<Part>& parts) {
  if (parts.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    if (parts[i].last || !parts[i + 1].last || parts[i].message != parts[i + 1].message) return false;
  }
  return true;
}

Task<> Body(Setting& setting) {
  Stream stream(setting);
  CancelScope scope;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 3; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("cancelled"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await setting.Pad();
        co_await stream.Write(1);
      });
    });
    nursery.StartSoon(TaskName("writer"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await stream.Write(2);
    });
    co_return;
  });
  setting.Observe("parts " + std::to_string(stream.parts().size()));
  Require(IsWhole(stream.parts()), "a message is torn");
}

}  // namespace

Program WriteTorn() {
  return {.name = "write_torn",
          .essence = "a writer that is cancelled leaves half a message in the stream",
          .source = "tokio: AsyncWriteExt::write_all and cancel safety",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
