// Properties that hold, fail, discard and tag: property_process_test runs them.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/property.h"
#include "hocket/testing/state_machine.h"

namespace hocket::testing {
namespace {

// Runs both at once.
Task<> AtOnce(std::function<Task<>()> a, std::function<Task<>()> b) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon([&] { return a(); });
    nursery.StartSoon([&] { return b(); });
    co_return;
  });
}

// Whether the first of two tasks comes to its second step before the other one has begun: as the schedule says.
Task<> Race(bool& first_wins) {
  bool other = false;
  co_await AtOnce(
      [&]() -> Task<> {
        co_await Checkpoint();
        first_wins = !other;
      },
      [&]() -> Task<> {
        co_await Checkpoint();
        other = true;
      });
}

// ---- Results of RapidCheck's, out of tasks.

HOCKET_PROPERTY_FROM(Words, AssertInATask, (rc::gen::inRange(0, 1000)), int n) {
  bool first_wins = false;
  co_await Race(first_wins);
  co_await AtOnce(
      [&]() -> Task<> {
        co_await Checkpoint();
        RC_ASSERT((first_wins || n < 17));
      },
      []() -> Task<> { co_await Checkpoint(); });
}

HOCKET_PROPERTY_FROM(Words, ExpectInATask, (rc::gen::inRange(0, 1000)), int n) {
  co_await AtOnce(
      [n]() -> Task<> {
        co_await Checkpoint();
        EXPECT_LT(n, 17);
      },
      []() -> Task<> { co_await Checkpoint(); });
}

HOCKET_PROPERTY(Words, FailureWinsOverDiscard, int) {
  co_await AtOnce(
      []() -> Task<> {
        RC_FAIL("this");
        co_return;
      },
      []() -> Task<> {
        RC_DISCARD("that");
        co_return;
      });
}

HOCKET_PROPERTY(Words, ErrorWinsOverDiscard, int) {
  co_await AtOnce(
      []() -> Task<> {
        throw std::runtime_error("this");
        co_return;
      },
      []() -> Task<> {
        RC_DISCARD("that");
        co_return;
      });
}

HOCKET_PROPERTY(Words, ExpectationWinsOverDiscard, int) {
  EXPECT_TRUE(false);
  RC_DISCARD("that");
  co_return;
}

HOCKET_PROPERTY(Words, SucceedsEarly, int) {
  co_await AtOnce(
      []() -> Task<> {
        RC_SUCCEED("enough");
        co_return;
      },
      []() -> Task<> { co_await SleepForever(); });
}

HOCKET_PROPERTY(Words, DrawsInside, int) {
  const int drawn = *rc::gen::inRange(0, 10);
  EXPECT_GE(drawn, 0);
  co_return;
}

HOCKET_PROPERTY_FROM(Words, Logs, (rc::gen::inRange(0, 1000)), int n) {
  RC_LOG() << "n is " << n << std::endl;
  RC_ASSERT(n < 17);
  co_return;
}

// ---- Discards.

int kept = 0;

HOCKET_PROPERTY_FROM(Discards, Half, (rc::gen::inRange(0, 1000)), int n) {
  co_await AtOnce(
      [n]() -> Task<> {
        RC_PRE(n % 2 == 0);
        co_return;
      },
      []() -> Task<> { co_await Checkpoint(); });
  EXPECT_EQ(n % 2, 0);
  ++kept;
}
TEST(Discards, HalfKept) { std::printf("kept %d executions\n", kept); }

HOCKET_PROPERTY(Discards, All, int) {
  RC_PRE(false);
  co_return;
}

HOCKET_PROPERTY_FROM(Discards, NothingToMake, (rc::gen::suchThat<int>([](int) { return false; })), int) { co_return; }

// Under some schedules: such an input counts, and its other executions are looked at.
HOCKET_PROPERTY(Discards, BySchedule, int) {
  bool first_wins = false;
  co_await Race(first_wins);
  RC_PRE(first_wins);
}

// ---- Tags.

HOCKET_PROPERTY_FROM(Tags, OfInputs, (rc::gen::element(0, 1)), int n) {
  co_await AtOnce(
      [n]() -> Task<> {
        co_await Checkpoint();
        RC_CLASSIFY(n == 1, "one");
      },
      []() -> Task<> {
        co_await Checkpoint();
        RC_TAG("always");
      });
}

HOCKET_PROPERTY(Tags, OfSchedules, int) {
  bool first_wins = false;
  co_await Race(first_wins);
  RC_CLASSIFY(first_wins);
}

HOCKET_PROPERTY_FROM(Sizes, AreBounded, (rc::gen::withSize([](int size) { return rc::gen::just(size); })), int size) {
  RC_TAG(size);
  co_return;
}

// ---- State machines.

struct AccountModel {
  int balance = 0;
  auto operator<=>(const AccountModel&) const = default;
};

// Looks at the balance, and takes from it later.
class RacyAccount {
 public:
  Task<> Deposit(int amount) {
    balance_ += amount;
    co_await Checkpoint();
  }
  Task<bool> Withdraw(int amount) {
    const int before = balance_;
    if (before < amount) co_return false;
    co_await Checkpoint();
    balance_ = before - amount;
    co_return true;
  }
  Task<int> Balance() {
    co_await Checkpoint();
    co_return balance_;
  }
  int balance() const { return balance_; }

 private:
  int balance_ = 0;
};

class Deposit final : public Command<AccountModel, RacyAccount> {
 public:
  void Apply(AccountModel& model) const override { model.balance += amount_; }
  Task<> Run(RacyAccount& account) const override { return account.Deposit(amount_); }
  void show(std::ostream& out) const override { out << "Deposit(" << amount_ << ")"; }

 private:
  const int amount_ = *rc::gen::inRange(1, 10);
};

class Withdraw final : public Command<AccountModel, RacyAccount, bool> {
 public:
  bool Apply(AccountModel& model) const override {
    if (model.balance < amount_) return false;
    model.balance -= amount_;
    return true;
  }
  Task<bool> Run(RacyAccount& account) const override { return account.Withdraw(amount_); }
  void show(std::ostream& out) const override { out << "Withdraw(" << amount_ << ")"; }

 private:
  const int amount_ = *rc::gen::inRange(1, 10);
};

class Balance final : public Command<AccountModel, RacyAccount, int> {
 public:
  int Apply(AccountModel& model) const override { return model.balance; }
  Task<int> Run(RacyAccount& account) const override { return account.Balance(); }
  void show(std::ostream& out) const override { out << "Balance"; }
};

HOCKET_PROPERTY_FROM(Account, IsLinearizable,
                     (CommandsFor(AccountModel(), rc::state::gen::execOneOfWithArgs<Deposit, Withdraw, Balance>())),
                     CommandLists<AccountModel, RacyAccount> commands) {
  RacyAccount account;
  co_await RunCommands(commands, account);
}

}  // namespace
}  // namespace hocket::testing
