#include <gtest/gtest.h>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "examples/store.h"
#include "hocket/hocket.h"
#include "hocket/testing/test.h"

namespace examples {
namespace {

HOCKET_TEST(BankTest, AuditSeesAllTheMoney) { co_await TransferAndAudit(TransferAtOnce); }

HOCKET_TEST(BoundedQueueTest, EverythingThatGoesInComesOut) { co_await ProduceAndConsume(Wake::kAll); }

HOCKET_TEST(ConnectionPoolTest, SlotsComeBackWhenQueriesTimeOut) { co_await QueryWithTimeouts(LeaseThenQuery); }

HOCKET_TEST(StoreTest, IsLinearizable) { co_await PutAtOnce<Store>(); }

}  // namespace
}  // namespace examples
