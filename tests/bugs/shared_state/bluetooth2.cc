// bluetooth2: a driver counts the requests that are under way, so that who stops it knows when the last one has ended.
// A request that looks whether the driver stops before it is counted can be overtaken by the whole stop, and then
// works on a driver that is gone. The fix: count first, then look.
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

struct Driver {
  Shared<bool> stopping;
  Shared<int> pending{1};  // the driver itself counts as one
  Shared<bool> idle;
  Shared<bool> stopped;
};

Task<> Release(Setting& setting, Driver& driver) {
  co_await setting.Pad();
  co_await Checkpoint(driver.pending.Will(AccessKind::kUpdate));
  driver.pending -= 1;
  if (driver.pending == 0) driver.idle = true;
}

Task<> Retain(Setting& setting, Driver& driver) {
  co_await setting.Pad();
  co_await Checkpoint(driver.pending.Will(AccessKind::kUpdate));
  driver.pending += 1;
}

Task<bool> Stops(Setting& setting, Driver& driver) {
  co_await setting.Pad();
  co_await Checkpoint(driver.stopping.Will(AccessKind::kRead));
  co_return driver.stopping;
}

Task<> Work(Setting& setting, Driver& driver) {
  if (setting.fixed()) {
    co_await Retain(setting, driver);
    const bool stops = co_await Stops(setting, driver);
    if (stops) {
      co_await Release(setting, driver);
      co_return;
    }
  } else {
    const bool stops = co_await Stops(setting, driver);
    if (stops) co_return;
    co_await Retain(setting, driver);
  }
  co_await setting.Pad();
  co_await Checkpoint(driver.stopped.Will(AccessKind::kRead));
  Require(!driver.stopped, "a request works on a driver that has stopped");
  co_await Release(setting, driver);
}

Task<> Stop(Setting& setting, Driver& driver) {
  co_await setting.Pad();
  co_await Checkpoint(driver.stopping.Will(AccessKind::kWrite));
  driver.stopping = true;
  co_await Release(setting, driver);
  co_await setting.Pad();
  co_await Checkpoint(driver.idle.Will(AccessKind::kRead));
  if (!driver.idle) co_return;
  co_await setting.Pad();
  co_await Checkpoint(driver.stopped.Will(AccessKind::kWrite));
  driver.stopped = true;
}

Task<> Body(Setting& setting) {
  Driver driver;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int request = 0; request < 2; ++request) {
      nursery.StartSoon(TaskName("work"), Work, std::ref(setting), std::ref(driver));
    }
    nursery.StartSoon(TaskName("stop"), Stop, std::ref(setting), std::ref(driver));
    co_return;
  });
  setting.Observe(std::to_string(driver.pending.Get()));
  setting.Observe(driver.stopped ? "stopped" : "runs");
}

}  // namespace

Program Bluetooth2() {
  return {.name = "bluetooth2",
          .essence = "a request looks for the stop before it is counted",
          .source = "Qadeer and Wu, KISS (PLDI 2004); SCTBench, bluetooth_driver",
          .body = Body,
          .declares = true,
          .study = true};
}

}  // namespace hocket::bugs
