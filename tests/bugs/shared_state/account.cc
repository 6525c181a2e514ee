// account: a deposit and a withdrawal read the balance in one critical section and write it in the next one, so that
// one of them can overwrite the other. That shows only to an auditor who comes when both are done. The fix: one
// critical section.
#include <optional>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kBefore = 100;
constexpr int kDeposit = 30;
constexpr int kWithdrawal = 50;

struct State {
  Lock lock;
  Shared<int> balance{kBefore};
  int done = 0;   // under the lock
  int seen = -1;  // what the auditor saw; -1: it came too early
};

Task<> Book(Setting& setting, State& state, int amount) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  std::optional<LockGuard> guard(state.lock);
  co_await setting.Pad();
  co_await Checkpoint(state.balance.Will(AccessKind::kRead));
  const int before = state.balance;
  if (!setting.fixed()) {
    guard.reset();
    co_await setting.Pad();
    co_await Checkpoint();
    co_await state.lock.Acquire();
    guard.emplace(state.lock);
  }
  co_await setting.Pad();
  co_await Checkpoint(state.balance.Will(AccessKind::kWrite));
  state.balance = before + amount;
  ++state.done;
}

Task<> Audit(Setting& setting, State& state) {
  co_await setting.Pad();
  co_await state.lock.Acquire();
  const LockGuard guard(state.lock);
  if (state.done < 2) co_return;
  co_await setting.Pad();
  co_await Checkpoint(state.balance.Will(AccessKind::kRead));
  state.seen = state.balance;
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("deposit"), Book, std::ref(setting), std::ref(state), kDeposit);
    nursery.StartSoon(TaskName("withdraw"), Book, std::ref(setting), std::ref(state), -kWithdrawal);
    nursery.StartSoon(TaskName("audit"), Audit, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.seen));
  Require(state.seen == -1 || state.seen == kBefore + kDeposit - kWithdrawal, "a booking was overwritten");
}

}  // namespace

Program Account() {
  return {.name = "account",
          .essence = "a balance is read in one critical section and written in the next one",
          .source = "SCTBench, account",
          .body = Body,
          .declares = true,
          .study = true};
}

}  // namespace hocket::bugs
