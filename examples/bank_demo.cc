// The README's example. It fails, as it should: `tools/demo` runs it.
#include <gtest/gtest.h>

#include <functional>

#include "hocket/hocket.h"
#include "hocket/testing/test.h"

namespace {

struct Account {
  int balance;
};

hocket::Task<> Transfer(Account& from, Account& to, int amount) {
  from.balance -= amount;
  co_await hocket::Checkpoint();  // any other task may run here
  to.balance += amount;
}

hocket::Task<> Audit(const Account& a, const Account& b, int total) {
  const int first = a.balance;
  co_await hocket::Checkpoint();
  EXPECT_EQ(first + b.balance, total);
}

HOCKET_TEST(Bank, AuditSeesAllTheMoney) {  // an ordinary run passes; 2 of its 6 schedules fail
  Account a{100};
  Account b{100};
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    nursery.StartSoon(Transfer, std::ref(a), std::ref(b), 10);
    nursery.StartSoon(Audit, std::cref(a), std::cref(b), 200);
    co_return;
  });
}

}  // namespace
