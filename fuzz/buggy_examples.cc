// The examples with their bugs, as one binary that is a test and, with an engine linked, a fuzzer of each of its tests:
//     bazel run --config=libfuzzer //fuzz:buggy_examples -- --hocket_fuzz=Bank.AuditSeesAllTheMoney -- -runs=100000
#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "hocket/testing/test.h"

namespace examples {
namespace {

HOCKET_TEST(Bank, AuditSeesAllTheMoney) { co_await TransferAndAudit(Transfer); }

HOCKET_TEST(BoundedQueue, EverythingThatGoesInComesOut) { co_await ProduceAndConsume(Wake::kOne); }

HOCKET_TEST(ConnectionPool, SlotsComeBackWhenQueriesTimeOut) { co_await QueryWithTimeouts(QueryThenLease); }

// A fixture and its parameter reach each input of the fuzzer.
class BankWith : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { money_ = GetParam(); }
  int money_ = 0;
};

HOCKET_TEST_P(BankWith, MoneyIsAudited) {
  EXPECT_EQ(money_, GetParam());
  if (money_ > 0) co_await TransferAndAudit(Transfer);
}

INSTANTIATE_TEST_SUITE_P(Some, BankWith, testing::Values(0, 100));

}  // namespace
}  // namespace examples
