// A server counts the requests in flight, and shuts down when there are none. The count goes down after the request, in
// the code that a cancelled request does not come to: the shutdown waits for ever. The fix: whoever counted up counts
// down in a destructor.
//
// After graceful shutdowns that wait for a gauge of requests; the reason why such gauges hand out guards.
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Gauge {
 public:
  void Up() { ++in_flight_; }
  void Down() {
    if (--in_flight_ == 0) idle_.Unpark(ParkingLot::kAll);
  }
  Task<> AwaitIdle() {
    while (in_flight_ > 0) co_await idle_.Park();
  }

 private:
  int in_flight_ = 0;
  ParkingLot idle_;
};

class InFlight {
 public:
  explicit InFlight(Gauge& gauge) : gauge_(gauge) { gauge_.Up(); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { gauge_.Down(); }

 private:
  Gauge& gauge_;
};

Task<> Answer(Setting& setting, int& answered) {
  co_await setting.Pad();
  co_await Checkpoint();
  ++answered;
}

Task<> Handle(Setting& setting, Gauge& gauge, int& answered) {
  co_await setting.Pad();
  if (setting.fixed()) {
    const InFlight in_flight(gauge);
    co_await Answer(setting, answered);
  } else {
    gauge.Up();
    co_await Answer(setting, answered);
    gauge.Down();
  }
}

Task<> Body(Setting& setting) {
  Gauge gauge;
  CancelScope scope;
  int answered = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("client hangs up"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 2; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("request"),
                      [&]() -> Task<> { co_await WithScope(scope, [&] { return Handle(setting, gauge, answered); }); });
    nursery.StartSoon(TaskName("request"), Handle, std::ref(setting), std::ref(gauge), std::ref(answered));
    nursery.StartSoon(TaskName("shutdown"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      co_await gauge.AwaitIdle();
    });
    co_return;
  });
  setting.Observe("answered " + std::to_string(answered));
}

}  // namespace

Program InFlightLeak() {
  return {.name = "in_flight_leak",
          .essence = "a request that is cancelled is counted as in flight for ever",
          .source = "graceful shutdowns",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
