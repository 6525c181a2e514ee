#include <gtest/gtest.h>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "examples/store.h"
#include "examples/ticket_office.h"
#include "hocket/hocket.h"
#include "hocket/testing/cancellation.h"
#include "hocket/testing/test.h"

namespace examples {
namespace {

HOCKET_TEST(BankTest, AuditSeesAllTheMoney) { co_await TransferAndAudit(TransferAtOnce); }

HOCKET_TEST(BoundedQueueTest, EverythingThatGoesInComesOut) { co_await ProduceAndConsume(Wake::kAll); }

HOCKET_TEST(ConnectionPoolTest, SlotsComeBackWhenQueriesTimeOut) { co_await QueryWithTimeouts(LeaseThenQuery); }

HOCKET_TEST(TicketOfficeTest, SellsNoTicketTwice) {
  CarefulTicketOffice office(1);
  int sold = 0;
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    for (int customer = 0; customer < 2; ++customer) {
      nursery.StartSoon([&]() -> hocket::Task<> {
        const bool has_ticket = co_await office.Sell();
        if (has_ticket) ++sold;
      });
    }
    co_return;
  });
  EXPECT_EQ(sold, 1);
}

HOCKET_TEST(TicketOfficeTest, LosesNoTicketWhereverACustomerIsCancelled) {
  CarefulTicketOffice office(1);
  bool has_ticket = false;
  co_await hocket::testing::HoldsWhereverCancelled([&]() -> hocket::Task<> { has_ticket = co_await office.Sell(); },
                                                   [&] { EXPECT_EQ(office.left(), has_ticket ? 0 : 1); });
}

HOCKET_TEST(StoreTest, IsLinearizable) { co_await PutAtOnce<Store>(); }

}  // namespace
}  // namespace examples
