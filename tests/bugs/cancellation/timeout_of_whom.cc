// A session has a timeout, and each query in it has a shorter one. Both report by the same exception; the handler of
// the session takes that of a query for its own and closes a session that has time left. It takes a slow query. The
// fix: the query's timeout is handled where the query is, and the next server is asked.
//
// After the TimeoutError of nested asyncio.timeout blocks, and Go's context.DeadlineExceeded, which say no more than
// that.
#include <chrono>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

using std::chrono_literals::operator""ms;

constexpr Duration kQueryTimeout = 5ms;
constexpr Duration kSessionTimeout = 20ms;

Task<> Query(Event& answer) { co_await answer.Wait(); }

Task<> QueryWithTimeout(Event& answer) {
  co_await FailAfter(kQueryTimeout, [&] { return Query(answer); });
}

Task<> QueryTwoServers(Setting& setting, Event& first, Event& second) {
  if (!setting.fixed()) {
    co_await QueryWithTimeout(first);
    co_return;
  }
  Outcome<> outcome = co_await Capture(QueryWithTimeout(first));
  if (outcome.has_error()) {
    co_await Query(second);
  } else {
    co_await Resolve(std::move(outcome));
  }
}

Task<> Body(Setting& setting) {
  Event first;
  Event second;
  bool answered = false;
  bool closed_early = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("session"), [&]() -> Task<> {
      const Time deadline = Now() + kSessionTimeout;
      try {
        co_await FailAfter(kSessionTimeout, [&]() -> Task<> {
          co_await setting.Pad();
          co_await QueryTwoServers(setting, first, second);
          answered = true;
        });
      } catch (const TooSlowError&) {
        closed_early = Now() < deadline;
      }
    });
    nursery.StartSoon(TaskName("first server"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      first.Set();
    });
    nursery.StartSoon(TaskName("second server"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      second.Set();
    });
    co_return;
  });
  setting.Observe(answered ? "answered" : "closed");
  Require(!closed_early, "the session is closed before its time");
}

}  // namespace

Program TimeoutOfWhom() {
  return {.name = "timeout_of_whom",
          .essence = "an outer timeout's handler takes the timeout of an inner one for its own",
          .source = "nested asyncio.timeout, Go's context.DeadlineExceeded",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
