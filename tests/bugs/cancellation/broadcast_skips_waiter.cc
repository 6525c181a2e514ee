// A broadcast walks along its list of receivers and gives way after each. A receiver that has been cancelled and
// reached by the walk takes itself out of the list as it unwinds; what stands behind moves up by one, and the walk
// steps over a receiver, who waits for ever. The fix: always take the first one out.
//
// After tokio#2135, where a receiver that is dropped unlinks itself from the list of waiters.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Broadcast {
 public:
  explicit Broadcast(Setting& setting) : setting_(setting) {}

  Task<> Receive() {
    if (sent_) co_return;
    const auto waiter = std::make_shared<Event>();
    waiters_.push_back(waiter);
    Leave leave(*this, waiter);
    co_await waiter->Wait();
    leave.Served();
  }

  Task<> Send() {
    sent_ = true;
    if (setting_.fixed()) {
      while (!waiters_.empty()) {
        waiters_.front()->Set();
        waiters_.erase(waiters_.begin());
        co_await GiveWay();
      }
      co_return;
    }
    for (std::size_t i = 0; i < waiters_.size(); ++i) {
      waiters_[i]->Set();
      co_await GiveWay();
    }
    waiters_.clear();
  }

 private:
  class Leave {
   public:
    Leave(Broadcast& broadcast, std::shared_ptr<Event> waiter) : broadcast_(broadcast), waiter_(std::move(waiter)) {}
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;
    ~Leave() {
      if (!served_) std::erase(broadcast_.waiters_, waiter_);
    }
    void Served() { served_ = true; }

   private:
    Broadcast& broadcast_;
    const std::shared_ptr<Event> waiter_;
    bool served_ = false;
  };

  Task<> GiveWay() {
    co_await setting_.Pad();
    co_await Checkpoint();
  }

  Setting& setting_;
  bool sent_ = false;
  std::vector<std::shared_ptr<Event>> waiters_;
};

Task<> Body(Setting& setting) {
  Broadcast broadcast(setting);
  CancelScope scope;
  int received = 0;
  const auto receive = [&]() -> Task<> {
    co_await setting.Pad();
    co_await broadcast.Receive();
    ++received;
  };
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("cancelled"), [&]() -> Task<> { co_await WithScope(scope, receive); });
    nursery.StartSoon(TaskName("receiver"), receive);
    nursery.StartSoon(TaskName("receiver"), receive);
    nursery.StartSoon(TaskName("sender"), [&]() -> Task<> {
      for (int step = 0; step < 3; ++step) {
        co_await setting.Pad();
        co_await Checkpoint();
      }
      co_await broadcast.Send();
    });
    co_return;
  });
  setting.Observe("received " + std::to_string(received));
}

}  // namespace

Program BroadcastSkipsWaiter() {
  return {.name = "broadcast_skips_waiter",
          .essence = "a receiver that is cancelled during a broadcast makes the walk step over another one",
          .source = "tokio#2135",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
