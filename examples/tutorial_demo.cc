// The tests of docs/tutorial.md that find the bug. They fail, as they should.
#include <gtest/gtest.h>

#include "examples/ticket_office.h"
#include "hocket/hocket.h"
#include "hocket/testing/test.h"

namespace examples {
namespace {

TEST(TicketOffice, SellsOneTicketInAnOrdinaryRun) {
  TicketOffice office(1);
  const hocket::RunOutcome outcome = hocket::Run([&]() -> hocket::Task<> { co_await office.Sell(); });
  EXPECT_TRUE(outcome.completed());
  EXPECT_EQ(office.left(), 0);
}

HOCKET_TEST(TicketOffice, SellsNoTicketTwice) {
  TicketOffice office(1);
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

}  // namespace
}  // namespace examples
