// A reader selects between the next frame and a tick. A frame comes in two parts; if the tick wins after the first part
// has been read, that part is dropped with the losing arm, and the next read begins in the middle of a frame. The fix:
// keep the parts of an unfinished frame outside of the arm.
//
// After tokio's documentation of select! and cancel safety; mysticeti#278 is such a bug.
#include <optional>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

constexpr int kHeader = -1;

class FrameReader {
 public:
  FrameReader(Setting& setting, ReceiveChannel<int>& parts) : setting_(setting), parts_(parts) {}

  // The body of the next frame.
  Task<int> Read() {
    if (!setting_.fixed()) has_header_ = false;
    if (!has_header_) {
      const int header = co_await parts_.Receive();
      Require(header == kHeader, "a frame begins in its middle");
      has_header_ = true;
    }
    co_await setting_.Pad();
    const int body = co_await parts_.Receive();
    has_header_ = false;
    co_return body;
  }

 private:
  Setting& setting_;
  ReceiveChannel<int>& parts_;
  bool has_header_ = false;
};

// The next frame, or nothing if the tick came first.
Task<std::optional<int>> FrameOrTick(FrameReader& reader, Event& tick) {
  std::optional<int> frame;
  co_await WithNursery([&](Nursery& arms) -> Task<> {
    CancelScope scope = arms.cancel_scope();
    arms.StartSoon(TaskName("tick"), [&tick, scope]() mutable -> Task<> {
      co_await tick.Wait();
      scope.Cancel();
    });
    frame = co_await reader.Read();
    scope.Cancel();
  });
  co_return frame;
}

Task<> Body(Setting& setting) {
  auto [send, receive] = OpenChannel<int>(0);
  SendChannel<int>& sender = send;
  ReceiveChannel<int>& receiver = receive;
  Event tick;
  FrameReader reader(setting, receiver);
  bool ticked = false;
  int sum = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("peer"), [&]() -> Task<> {
      for (int frame = 1; frame <= 2; ++frame) {
        co_await setting.Pad();
        co_await sender.Send(kHeader);
        co_await setting.Pad();
        co_await sender.Send(frame);
      }
    });
    nursery.StartSoon(TaskName("timer"), [&]() -> Task<> {
      for (int step = 0; step < 9; ++step) co_await Checkpoint();
      tick.Set();
    });
    nursery.StartSoon(TaskName("reader"), [&]() -> Task<> {
      const std::optional<int> frame = co_await FrameOrTick(reader, tick);
      ticked = !frame.has_value();
      sum = frame.value_or(0);
      for (int left = ticked ? 2 : 1; left > 0; --left) sum += co_await reader.Read();
    });
    co_return;
  });
  setting.Observe(ticked ? "ticked" : "read");
  Require(sum == 3, "a frame is lost");
}

}  // namespace

Program SelectHalfFrame() {
  return {.name = "select_half_frame",
          .essence = "the losing arm of a select had read half of a frame",
          .source = "tokio: select! and cancel safety; mysticeti#278",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
