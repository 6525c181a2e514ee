// Two queries run on one connection; whoever gathers their results goes on at the first error, and closes the
// connection. The other query still runs, and uses it. It takes the one to fail before the other is through. The fix:
// on an error, cancel the rest and wait until it has gone.
//
// After cpython#75633 (bpo-31452, asyncio.gather does not cancel tasks if one fails).
#include <stdexcept>
#include <string>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

class QueryError : public std::runtime_error {
 public:
  QueryError() : std::runtime_error("no such table") {}
};

struct Connection {
  bool open = true;
};

// The queries under way, and how they went.
struct Gathering {
  CancelScope rest;
  int running = 0;
  bool failed = false;
  ParkingLot changed;
};

class Running {
 public:
  explicit Running(Gathering& gathering) : gathering_(gathering) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    --gathering_.running;
    gathering_.changed.Unpark(ParkingLot::kAll);
  }

 private:
  Gathering& gathering_;
};

Task<> FailingQuery(Setting& setting, Gathering& gathering) {
  const Running running(gathering);
  for (int step = 0; step < 4; ++step) {
    co_await setting.Pad();
    co_await Checkpoint();
  }
  gathering.failed = true;
}

Task<> LongQuery(Setting& setting, Gathering& gathering, const Connection& connection, int& rows) {
  const Running running(gathering);
  co_await WithScope(gathering.rest, [&]() -> Task<> {
    for (int row = 0; row < 2; ++row) {
      co_await setting.Pad();
      co_await Checkpoint();
      Require(connection.open, "a query uses a closed connection");
      ++rows;
    }
  });
}

Task<> Gather(Setting& setting, Gathering& gathering) {
  while (gathering.running > 0) {
    if (gathering.failed) {
      if (!setting.fixed()) break;
      gathering.rest.Cancel();
    }
    co_await gathering.changed.Park();
  }
  if (gathering.failed) throw QueryError();
}

Task<> Body(Setting& setting) {
  Connection connection;
  Gathering gathering;
  int rows = 0;
  bool reported = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    gathering.running = 2;
    nursery.StartSoon(TaskName("failing"), FailingQuery, std::ref(setting), std::ref(gathering));
    nursery.StartSoon(TaskName("long"), LongQuery, std::ref(setting), std::ref(gathering), std::cref(connection),
                      std::ref(rows));
    try {
      co_await Gather(setting, gathering);
    } catch (const QueryError&) {
      reported = true;
    }
    connection.open = false;
  });
  setting.Observe("rows " + std::to_string(rows));
  Require(reported, "the error is lost");
}

}  // namespace

Program GatherLeavesRunning() {
  return {.name = "gather_leaves_running",
          .essence = "whoever gathers results goes on at the first error, while the rest still runs",
          .source = "cpython#75633",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
