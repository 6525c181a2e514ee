// Closing a channel waits until all its permits are back. A sender that reserves several permits at once and is
// cancelled puts them back without a word to the one who closes, who therefore waits for ever. It takes a sender that
// was given its last permit and is cancelled before it runs. The fix: whoever puts a permit back tells.
//
// After tokio#8260.
#include <deque>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Permits {
 public:
  Permits(int count, bool fixed) : count_(count), free_(count), fixed_(fixed) {}

  Task<> Reserve(int wanted) {
    Waiter waiter(*this, wanted);
    waiters_.push_back(&waiter);
    Grant();
    if (waiter.held < wanted) co_await waiter.granted.Wait();
    co_await Checkpoint();  // a cancellation that came after the wake-up arrives here
    waiter.held = 0;        // the caller's, from now on
  }

  void Return(int permits) {
    free_ += permits;
    Grant();
    if (free_ == count_) idle_.Unpark(ParkingLot::kAll);
  }

  Task<> Close() {
    while (free_ < count_) co_await idle_.Park();
  }

 private:
  struct Waiter {
    Waiter(Permits& permits_in, int wanted_in) : permits(permits_in), wanted(wanted_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      std::erase(permits.waiters_, this);
      if (held == 0) return;
      if (permits.fixed_) {
        permits.Return(held);
      } else {
        permits.free_ += held;
        permits.Grant();
      }
    }

    Permits& permits;
    const int wanted;
    int held = 0;
    Event granted;
  };

  // Gives what is free to those who wait, in their order.
  void Grant() {
    while (free_ > 0 && !waiters_.empty()) {
      Waiter* const waiter = waiters_.front();
      --free_;
      if (++waiter->held < waiter->wanted) continue;
      waiters_.pop_front();
      waiter->granted.Set();
    }
  }

  const int count_;
  int free_;
  const bool fixed_;
  std::deque<Waiter*> waiters_;
  ParkingLot idle_;
};

class Reservation {
 public:
  Reservation(Permits& permits, int count) : permits_(permits), count_(count) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { permits_.Return(count_); }

 private:
  Permits& permits_;
  const int count_;
};

Task<> Send(Setting& setting, Permits& permits, int count) {
  co_await setting.Pad();
  co_await permits.Reserve(count);
  const Reservation reservation(permits, count);
  co_await setting.Pad();
  co_await Checkpoint();
}

Task<> Body(Setting& setting) {
  Permits permits(2, setting.fixed());
  CancelScope scope;
  bool sent = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("single"), Send, std::ref(setting), std::ref(permits), 1);
    nursery.StartSoon(TaskName("many"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await Send(setting, permits, 2);
        sent = true;
      });
    });
    nursery.StartSoon(TaskName("closer"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      co_await permits.Close();
    });
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 5; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    co_return;
  });
  setting.Observe(sent ? "sent" : "cancelled");
}

}  // namespace

Program ReserveManyNoWake() {
  return {.name = "reserve_many_no_wake",
          .essence = "a cancelled reservation puts its permits back without waking who waits for them",
          .source = "tokio#8260",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
