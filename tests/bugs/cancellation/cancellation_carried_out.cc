// A fetch that can be cancelled is captured inside its scope, so that the caller may look at how it ended, and resolved
// outside. A cancellation that is carried out of its scope so is caught by nobody: it unwinds the whole task, and the
// fallback that the caller has prepared does not run. The fix: resolve inside the scope, and ask the scope.
//
// After trio#342 (who catches or raises a Cancelled himself does not know whose it is).
#include <optional>
#include <string>
#include <utility>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

Task<int> Fetch(Setting& setting) {
  co_await setting.Pad();
  co_await Checkpoint();
  co_return 1;
}

Task<std::optional<int>> TryFetch(Setting& setting, CancelScope scope) {
  if (setting.fixed()) co_return co_await WithScope(scope, [&] { return Fetch(setting); });
  std::optional<Outcome<int>> outcome;
  co_await WithScope(scope, [&]() -> Task<> { outcome = co_await Capture(Fetch(setting)); });
  co_return co_await Resolve(std::move(*outcome));
}

Task<> Body(Setting& setting) {
  CancelScope scope;
  int fetched = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 3; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("caller"), [&]() -> Task<> {
      const std::optional<int> value = co_await TryFetch(setting, scope);
      fetched = value.value_or(2);
    });
    co_return;
  });
  setting.Observe("fetched " + std::to_string(fetched));
  Require(fetched != 0, "the caller has neither a value nor the fallback");
}

}  // namespace

Program CancellationCarriedOut() {
  return {.name = "cancellation_carried_out",
          .essence = "a captured cancellation is resolved outside of the scope that would have caught it",
          .source = "trio#342",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
