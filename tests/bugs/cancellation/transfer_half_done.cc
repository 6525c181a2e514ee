// Money moves between two accounts under a lock, so nobody sees it on its way; but between debit and credit an entry is
// written to a log, which is a cancel point. A transfer that is cancelled there has taken the money and releases the
// lock. The fix: no cancel point while the invariant does not hold; log first.
//
// After Oxide's notes on cancel safety (RFD 400): a future that is dropped while it holds a mutex.
#include <string>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

struct Accounts {
  Lock lock;
  int from = 100;
  int to = 0;
};

Task<> WriteLog(Setting& setting) {
  co_await setting.Pad();
  co_await Checkpoint();
}

Task<> Transfer(Setting& setting, Accounts& accounts) {
  co_await setting.Pad();
  co_await accounts.lock.Acquire();
  const LockGuard guard(accounts.lock);
  if (setting.fixed()) co_await WriteLog(setting);
  accounts.from -= 10;
  if (!setting.fixed()) co_await WriteLog(setting);
  accounts.to += 10;
}

Task<> Body(Setting& setting) {
  Accounts accounts;
  CancelScope scope;
  int seen = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 3; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("transfer"),
                      [&]() -> Task<> { co_await WithScope(scope, [&] { return Transfer(setting, accounts); }); });
    nursery.StartSoon(TaskName("audit"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await accounts.lock.Acquire();
      const LockGuard guard(accounts.lock);
      seen = accounts.to;
      Require(accounts.from + accounts.to == 100, "the audit misses money");
    });
    co_return;
  });
  setting.Observe("seen " + std::to_string(seen));
  setting.Observe("to " + std::to_string(accounts.to));
  Require(accounts.from + accounts.to == 100, "money is lost");
}

}  // namespace

Program TransferHalfDone() {
  return {.name = "transfer_half_done",
          .essence = "a task is cancelled in its critical section, between the two halves of a change",
          .source = "Oxide RFD 400",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
