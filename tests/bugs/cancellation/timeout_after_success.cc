// A payment has a timeout, and is tried again if it timed out. It asks the scope whether it was cancelled; that says
// yes also if time was over after the payment had gone through, while the receipt was printed: the customer pays twice.
// The fix: ask whether the scope has stopped the payment, not whether it wanted to.
//
// After anyio#591 (a scope whose deadline passes before it is left reports a timeout).
#include <chrono>
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

using std::chrono_literals::operator""ms;

Task<> Pay(Setting& setting, int& payments) {
  co_await Checkpoint();
  ++payments;
  co_await Shielded([&]() -> Task<> {  // the receipt
    co_await setting.Pad();
    co_await Checkpoint();
  });
}

Task<> Body(Setting& setting) {
  int payments = 0;
  co_await setting.Pad();
  CancelScope scope({.timeout = 5ms});
  co_await WithScope(scope, [&] { return Pay(setting, payments); });
  const bool retried = setting.fixed() ? scope.cancelled_caught() : scope.cancel_called();
  if (retried) co_await Pay(setting, payments);
  setting.Observe(retried ? "retried" : "once");
  setting.Observe("payments " + std::to_string(payments));
  Require(payments == 1, "the customer has not paid once");
}

}  // namespace

Program TimeoutAfterSuccess() {
  return {.name = "timeout_after_success",
          .essence = "a timeout that came after the work was done is taken for a failure",
          .source = "anyio#591",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
