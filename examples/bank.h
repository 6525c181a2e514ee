// A transfer between two accounts, and an audit that may run in the middle of it.
#ifndef HOCKET_EXAMPLES_BANK_H_
#define HOCKET_EXAMPLES_BANK_H_

#include <stdexcept>

#include "hocket/hocket.h"

namespace examples {

struct Account {
  int balance;
};

// Wrong: between debit and credit any other task may run, and sees money missing.
inline hocket::Task<> Transfer(Account& from, Account& to, int amount) {
  from.balance -= amount;
  co_await hocket::Checkpoint();  // say, a write to a log
  to.balance += amount;
}

// Right: both accounts change in one step.
inline hocket::Task<> TransferAtOnce(Account& from, Account& to, int amount) {
  from.balance -= amount;
  to.balance += amount;
  co_await hocket::Checkpoint();
}

// Reads one account after the other, in one step.
inline hocket::Task<> Audit(const Account& a, const Account& b, int& total) {
  co_await hocket::Checkpoint();
  total = a.balance + b.balance;
}

// One transfer and one audit at the same time. An audit that misses money is an error.
template <class TransferFunction>
hocket::Task<> TransferAndAudit(TransferFunction transfer) {
  Account a{100};
  Account b{100};
  int total = 0;
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    nursery.StartSoon(transfer, std::ref(a), std::ref(b), 10);
    nursery.StartSoon(Audit, std::cref(a), std::cref(b), std::ref(total));
    co_return;
  });
  if (total != 200) throw std::logic_error("the audit misses money");
}

}  // namespace examples

#endif  // HOCKET_EXAMPLES_BANK_H_
