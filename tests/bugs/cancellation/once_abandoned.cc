// The first task to need a value initialises it, the others wait for that. If the first one is cancelled in the middle,
// the value is for ever "being initialised", and the others wait for ever. The fix: who gives up hands the work to the
// next one.
//
// After tokio's OnceCell::get_or_init, which has to do this.
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Once {
 public:
  explicit Once(Setting& setting) : setting_(setting) {}

  Task<int> Get() {
    while (state_ == State::kRunning) co_await waiters_.Park();
    if (state_ == State::kEmpty) {
      state_ = State::kRunning;
      const Abandon abandon(*this);
      co_await setting_.Pad();
      co_await Checkpoint();
      value_ = 1;
      state_ = State::kDone;
      waiters_.Unpark(ParkingLot::kAll);
    }
    co_return value_;
  }

 private:
  enum class State { kEmpty, kRunning, kDone };

  class Abandon {
   public:
    explicit Abandon(Once& once) : once_(once) {}
    Abandon(const Abandon&) = delete;
    Abandon& operator=(const Abandon&) = delete;
    ~Abandon() {
      if (once_.state_ == State::kDone || !once_.setting_.fixed()) return;
      once_.state_ = State::kEmpty;
      once_.waiters_.Unpark(ParkingLot::kAll);
    }

   private:
    Once& once_;
  };

  Setting& setting_;
  State state_ = State::kEmpty;
  int value_ = 0;
  ParkingLot waiters_;
};

Task<> Body(Setting& setting) {
  Once once(setting);
  CancelScope scope;
  int got = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 3; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("cancelled"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await setting.Pad();
        const int value = co_await once.Get();
        got += value;
      });
    });
    nursery.StartSoon(TaskName("other"), [&]() -> Task<> {
      co_await setting.Pad();
      const int value = co_await once.Get();
      got += value;
    });
    co_return;
  });
  setting.Observe("got " + std::to_string(got));
}

}  // namespace

Program OnceAbandoned() {
  return {.name = "once_abandoned",
          .essence = "a value stays half-initialised for ever because the first task was cancelled",
          .source = "tokio: OnceCell::get_or_init",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
