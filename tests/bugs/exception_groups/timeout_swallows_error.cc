// A home-made timeout runs its body, and says "too late" if its scope was cancelled in the end. An error that is on its
// way out while the scope is cancelled, because cleanup takes its time, is taken for a cancellation and dropped. The
// fix: only a cancellation is swallowed.
//
// After Trio's move_on_after, which has to keep the two apart.
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

using std::chrono_literals::operator""ms;

class ServerError : public std::runtime_error {
 public:
  ServerError() : std::runtime_error("500") {}
};

Task<> Request(Setting& setting, bool& failed) {
  co_await Finally(
      [&]() -> Task<> {
        co_await Checkpoint();
        failed = true;
        throw ServerError();
      },
      [&]() -> Task<> {
        co_await Shielded([&]() -> Task<> {
          co_await setting.Pad();
          co_await Checkpoint();
        });
      });
}

// True if it was too late.
Task<bool> RequestWithTimeout(Setting& setting, bool& failed) {
  CancelScope scope({.timeout = 5ms});
  Outcome<> outcome;
  co_await WithScope(scope, [&]() -> Task<> { outcome = co_await Capture(Request(setting, failed)); });
  if (setting.fixed() ? outcome.is_cancelled() : scope.cancel_called()) co_return true;
  co_await Resolve(std::move(outcome));
  co_return false;
}

Task<> Body(Setting& setting) {
  bool failed = false;
  bool reported = false;
  bool too_late = false;
  co_await setting.Pad();
  try {
    too_late = co_await RequestWithTimeout(setting, failed);
  } catch (const ServerError&) {
    reported = true;
  }
  setting.Observe(too_late ? "too late" : "in time");
  Require(failed == reported, "an error is lost");
}

}  // namespace

Program TimeoutSwallowsError() {
  return {.name = "timeout_swallows_error",
          .essence = "an error that is on its way out when time is over is taken for the timeout",
          .source = "Trio: move_on_after",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
