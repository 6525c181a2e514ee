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

}  // namespace
}  // namespace examples
