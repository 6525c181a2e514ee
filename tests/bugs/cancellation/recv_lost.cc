// A mailbox hands an item over to the receiver that waits longest and wakes it. If that receiver is cancelled after the
// hand-over and before it runs, it is no longer in the line, so its cleanup thinks that there is nothing to do, and the
// item is gone. The fix: a receiver that unwinds with an item in its hands puts it back.
//
// After python/asyncio#256 (Queue.get loses items when cancelled), anyio#146 and kotlinx.coroutines#1813.
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Mailbox {
 public:
  explicit Mailbox(bool fixed) : fixed_(fixed) {}

  Access WillChange() const noexcept { return state_.Will(AccessKind::kUpdate); }

  void Put(int item) {
    state_.Update();
    if (waiters_.empty()) {
      items_.push_back(item);
      return;
    }
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->item = item;
    waiter->served.Set();
  }

  Task<int> Take() {
    state_.Update();
    if (!items_.empty()) {
      const int item = items_.front();
      items_.pop_front();
      co_return item;
    }
    Waiter waiter(*this);
    waiters_.push_back(&waiter);
    co_await waiter.served.Wait();
    co_await Checkpoint(WillChange());  // a cancellation that came after the wake-up arrives here
    state_.Update();
    co_return *std::exchange(waiter.item, std::nullopt);
  }

  std::size_t size() const { return items_.size(); }

 private:
  struct Waiter {
    explicit Waiter(Mailbox& mailbox_in) : mailbox(mailbox_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      mailbox.state_.Update();
      std::erase(mailbox.waiters_, this);
      if (item && mailbox.fixed_) mailbox.Put(*item);
    }

    Mailbox& mailbox;
    Event served;
    std::optional<int> item;
  };

  const bool fixed_;
  SharedObject state_;
  std::deque<int> items_;
  std::deque<Waiter*> waiters_;
};

Task<> Body(Setting& setting) {
  Mailbox mailbox(setting.fixed());
  CancelScope scope;
  std::size_t received = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 4; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("receiver"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        for (int item = 0; item < 2; ++item) {
          co_await setting.Pad();
          co_await mailbox.Take();
          ++received;
        }
      });
    });
    nursery.StartSoon(TaskName("sender"), [&]() -> Task<> {
      for (int item = 0; item < 2; ++item) {
        co_await setting.Pad();
        co_await Checkpoint(mailbox.WillChange());
        mailbox.Put(item);
      }
    });
    co_return;
  });
  setting.Observe("received " + std::to_string(received));
  setting.Observe("left " + std::to_string(mailbox.size()));
  Require(received + mailbox.size() == 2, "an item is lost");
}

}  // namespace

Program RecvLost() {
  return {.name = "recv_lost",
          .essence = "an item that was handed to a receiver is lost if that one is cancelled before it runs",
          .source = "python/asyncio#256, anyio#146, kotlinx.coroutines#1813",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
