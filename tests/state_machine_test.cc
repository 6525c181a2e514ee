#include "hocket/testing/state_machine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "harness/expectations.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {
namespace {

// ---- An account: right, and in two ways wrong.

struct AccountModel {
  int balance = 0;
  auto operator<=>(const AccountModel&) const = default;
};

class Account {
 public:
  enum class Kind {
    kRight,
    kRacy,      // takes from what it has seen before
    kTwoSteps,  // takes money in two steps, and keeps what it has taken if it is cancelled between them
  };
  explicit Account(Kind kind) : kind_(kind) {}

  Task<> Deposit(int amount) {
    co_await Checkpoint();
    balance_ += amount;
  }
  Task<bool> Withdraw(int amount) {
    co_await Checkpoint();
    const int before = balance_;
    if (before < amount) co_return false;
    switch (kind_) {
      case Kind::kRight:
        balance_ -= amount;
        break;
      case Kind::kRacy:
        co_await Checkpoint();
        balance_ = before - amount;
        break;
      case Kind::kTwoSteps:
        balance_ -= 1;
        co_await Checkpoint();
        balance_ -= amount - 1;
        break;
    }
    co_return true;
  }
  Task<int> Balance() {
    co_await Checkpoint();
    co_return balance_;
  }
  int balance() const { return balance_; }

 private:
  const Kind kind_;
  int balance_ = 0;
};

class Deposit final : public Command<AccountModel, Account> {
 public:
  explicit Deposit(int amount) : amount_(amount) {}
  void Apply(AccountModel& model) const override { model.balance += amount_; }
  Task<> Run(Account& account) const override { return account.Deposit(amount_); }
  void show(std::ostream& out) const override { out << "Deposit(" << amount_ << ")"; }

 private:
  const int amount_;
};

class Withdraw final : public Command<AccountModel, Account, bool> {
 public:
  explicit Withdraw(int amount) : amount_(amount) {}
  bool Apply(AccountModel& model) const override {
    if (model.balance < amount_) return false;
    model.balance -= amount_;
    return true;
  }
  Task<bool> Run(Account& account) const override { return account.Withdraw(amount_); }
  void show(std::ostream& out) const override { out << "Withdraw(" << amount_ << ")"; }

 private:
  const int amount_;
};

class Balance final : public Command<AccountModel, Account, int> {
 public:
  int Apply(AccountModel& model) const override { return model.balance; }
  Task<int> Run(Account& account) const override { return account.Balance(); }
  void show(std::ostream& out) const override { out << "Balance"; }
};

using AccountCommand = AnyCommand<AccountModel, Account>;
using AccountLists = CommandLists<AccountModel, Account>;

rc::Gen<std::shared_ptr<const AccountCommand>> AnyAccountCommand(const AccountModel&) {
  using Pointer = std::shared_ptr<const AccountCommand>;
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(1, 10), [](int amount) -> Pointer { return std::make_shared<Deposit>(amount); }),
      rc::gen::map(rc::gen::inRange(1, 10), [](int amount) -> Pointer { return std::make_shared<Withdraw>(amount); }),
      rc::gen::just<Pointer>(std::make_shared<Balance>()));
}

// The first of some generated lists under which the account fails, with its failure.
struct Broken {
  AccountLists lists;
  ExecutionFailure failure;
};

std::optional<Broken> FindBroken(Account::Kind kind, const CommandOptions& options,
                                 const CommandChecks<AccountModel, Account>& checks = {}) {
  const rc::Gen<AccountLists> generator = CommandsFor(AccountModel(), AnyAccountCommand, options);
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const AccountLists lists = generator(rc::Random(seed), 10).value();
    HeldExpectations expectations;
    const Exploration exploration = Explore(
        [&]() -> Task<> {
          Account account(kind);
          co_await RunCommands(lists, account, checks);
        },
        {.executions = 30, .expectations = &expectations});
    if (exploration.failure) return Broken{lists, exploration.failure->failure};
  }
  return std::nullopt;
}

constexpr char kNoOrder[] = "commands: no order of the calls explains what they returned\n";

TEST(StateMachine, FindsARace) {
  for (const std::size_t tasks : {2u, 3u}) {
    EXPECT_FALSE(FindBroken(Account::Kind::kRight, {.tasks = tasks}));
    const std::optional<Broken> broken = FindBroken(Account::Kind::kRacy, {.tasks = tasks});
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->failure.message.rfind(kNoOrder, 0), 0u) << broken->failure.message;
  }
}

TEST(StateMachine, RunsCommandsOneAfterTheOtherWithOneTask) {
  EXPECT_FALSE(FindBroken(Account::Kind::kRacy, {.tasks = 1}));
  // What is wrong without any concurrency is found.
  const auto lists = AccountLists{.initial = {.balance = 1}, .steps = {{std::make_shared<Balance>()}}};
  HeldExpectations expectations;
  const Exploration exploration = Explore(
      [&]() -> Task<> {
        Account account(Account::Kind::kRight);
        co_await RunCommands(lists, account);
      },
      {.executions = 1, .expectations = &expectations});
  EXPECT_TRUE(exploration.failure);
}

TEST(StateMachine, CutsCommandsOffByTimeoutsAndCancellations) {
  const CommandOptions timeouts{.timeouts = true, .interrupted = Interrupted::kNever};
  const CommandOptions cancellations{.cancellations = true, .interrupted = Interrupted::kNever};
  // A withdrawal that takes effect in one step after its only checkpoint is cancelled as a whole or not at all.
  EXPECT_FALSE(FindBroken(Account::Kind::kRight, timeouts));
  EXPECT_FALSE(FindBroken(Account::Kind::kRight, cancellations));
  const CommandOptions alone_with_timeouts{.tasks = 1, .timeouts = true};
  const CommandOptions alone_with_cancellations{.tasks = 1, .cancellations = true};
  EXPECT_FALSE(FindBroken(Account::Kind::kTwoSteps, {.tasks = 1}));
  for (const CommandOptions& options : {alone_with_timeouts, alone_with_cancellations}) {
    const std::optional<Broken> broken = FindBroken(Account::Kind::kTwoSteps, options);
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->failure.message.rfind(kNoOrder, 0), 0u) << broken->failure.message;
  }
}

TEST(StateMachine, ChecksAnInvariantAfterEachCommand) {
  CommandChecks<AccountModel, Account> checks;
  int calls = 0;
  checks.invariant = [&](const Account& account) {
    ++calls;
    EXPECT_GE(account.balance(), 0);
  };
  EXPECT_FALSE(FindBroken(Account::Kind::kRight, {}, checks));
  EXPECT_GT(calls, 0);
  checks.invariant = [](const Account& account) { EXPECT_LT(account.balance(), 5); };
  const std::optional<Broken> broken = FindBroken(Account::Kind::kRight, {}, checks);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->failure.message.rfind("Expected: (account.balance()) < (5)", 0), 0u) << broken->failure.message;
}

// Commands that give nothing show a lost update only to whoever looks at the end.
TEST(StateMachine, RunsFinalCommandsAfterTheOthers) {
  const AccountLists lists{
      .steps = {{std::make_shared<Deposit>(9)}, {std::make_shared<Withdraw>(1), 0}, {std::make_shared<Deposit>(2), 1}}};
  const auto fails = [&](const CommandChecks<AccountModel, Account>& checks) {
    HeldExpectations expectations;
    return Explore(
               [&]() -> Task<> {
                 Account account(Account::Kind::kRacy);
                 co_await RunCommands(lists, account, checks);
               },
               {.expectations = &expectations})
        .failure.has_value();
  };
  EXPECT_FALSE(fails({}));
  CommandChecks<AccountModel, Account> checks;
  checks.finally.push_back(std::make_shared<Balance>());
  EXPECT_TRUE(fails(checks));
}

// ---- Generation.

// May only be generated, and take effect, while there is money.
class TakeAll final : public Command<AccountModel, Account, bool> {
 public:
  void checkPreconditions(const AccountModel& model) const override { RC_PRE(model.balance > 0); }
  bool Apply(AccountModel& model) const override {
    model.balance = 0;
    return true;
  }
  Task<bool> Run(Account& account) const override { return account.Withdraw(account.balance()); }
  void show(std::ostream& out) const override { out << "TakeAll"; }
};

rc::Gen<std::shared_ptr<const AccountCommand>> DepositOrTakeAll(const AccountModel&) {
  using Pointer = std::shared_ptr<const AccountCommand>;
  return rc::gen::element<Pointer>(std::make_shared<Deposit>(3), std::make_shared<TakeAll>());
}

// Whether the commands are valid one after the other.
bool IsValid(const AccountLists& lists) {
  AccountModel model = lists.initial;
  for (const auto& step : lists.steps) {
    if (!rc::state::isValidCommand(*step.command, model)) return false;
    step.command->apply(model);
  }
  return true;
}

TEST(StateMachine, GeneratesAndShrinksValidListsForAllTasks) {
  const rc::Gen<AccountLists> generator =
      CommandsFor(AccountModel(), DepositOrTakeAll, {.tasks = 3, .timeouts = true, .cancellations = true});
  std::vector<int> of_task(3);
  std::vector<int> of_ending(3);
  int shrinks = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const rc::Shrinkable<AccountLists> shrinkable = generator(rc::Random(seed), 20);
    const AccountLists lists = shrinkable.value();
    EXPECT_TRUE(IsValid(lists));
    for (const auto& step : lists.steps) {
      ++of_task[step.task];
      ++of_ending[static_cast<std::size_t>(step.ending)];
    }
    rc::Seq<rc::Shrinkable<AccountLists>> smaller = shrinkable.shrinks();
    for (int i = 0; i < 100; ++i) {
      const auto next = smaller.next();
      if (!next) break;
      EXPECT_TRUE(IsValid(next->value()));
      ++shrinks;
    }
  }
  for (const int count : of_task) EXPECT_GT(count, 0);
  for (const int count : of_ending) EXPECT_GT(count, 0);
  EXPECT_GT(shrinks, 0);
}

TEST(StateMachine, ShowsCommandsByTask) {
  const AccountLists lists{.steps = {{std::make_shared<Deposit>(3), 0},
                                     {std::make_shared<TakeAll>(), 1, CommandEnding::kTimeout},
                                     {std::make_shared<Deposit>(4), 0, CommandEnding::kCancelled}}};
  EXPECT_EQ(rc::toString(lists), "task 0: Deposit(3), Deposit(4) (may be cancelled) | task 1: TakeAll (may time out)");
}

// ---- As a property.

HOCKET_PROPERTY_FROM(RightAccount, IsLinearizable,
                     (rc::gen::resize(20, CommandsFor(AccountModel(), AnyAccountCommand,
                                                      {.timeouts = true, .cancellations = true}))),
                     CommandLists<AccountModel, Account> commands) {
  Account account(Account::Kind::kRight);
  co_await RunCommands(commands, account);
}

}  // namespace
}  // namespace hocket::testing
