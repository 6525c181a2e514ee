#include "hocket/testing/state_machine.h"

#include <gtest/gtest.h>

#include "hocket/hocket.h"

namespace hocket::testing {
namespace {

struct AccountModel {
  int balance = 0;
  auto operator<=>(const AccountModel&) const = default;
};

class Account {
 public:
  Task<> Deposit(int amount) {
    co_await Checkpoint();
    balance_ += amount;
  }
  Task<bool> Withdraw(int amount) {
    co_await Checkpoint();
    if (balance_ < amount) co_return false;
    balance_ -= amount;
    co_return true;
  }
  int balance() const { return balance_; }

 private:
  int balance_ = 0;
};

class Deposit : public Command<AccountModel, Account> {
 public:
  void Apply(AccountModel& model) const override { model.balance += amount_; }
  Task<> Run(Account& account) const override { return account.Deposit(amount_); }
  void show(std::ostream& out) const override { out << "Deposit(" << amount_ << ")"; }

 private:
  const int amount_ = *rc::gen::inRange(1, 10);
};

class Withdraw : public Command<AccountModel, Account, bool> {
 public:
  bool Apply(AccountModel& model) const override {
    if (model.balance < amount_) return false;
    model.balance -= amount_;
    return true;
  }
  Task<bool> Run(Account& account) const override { return account.Withdraw(amount_); }
  void show(std::ostream& out) const override { out << "Withdraw(" << amount_ << ")"; }

 private:
  const int amount_ = *rc::gen::inRange(1, 10);
};

HOCKET_PROPERTY_FROM(Account, IsLinearizable,
                     (CommandsFor(AccountModel(), rc::state::gen::execOneOfWithArgs<Deposit, Withdraw>())),
                     CommandLists<AccountModel, Account> commands) {
  Account account;
  co_await RunCommands(commands, account);
}

}  // namespace
}  // namespace hocket::testing
