// The judge of histories against all orders of their calls.
#include "hocket/draw.h"
#include "hocket/testing/linearizability.h"
#include "hocket/testing/test.h"
#include "tests/queue_histories.h"

namespace hocket::testing {
namespace {

HOCKET_TEST(Histories, AreJudgedAsAllOrdersOfTheirCallsSay, {.executions = 500, .strategy = "random"}) {
  History<QueueSpec> history;
  const std::vector<Noted> calls = DrawCalls([](std::uint32_t n) { return Choose(n, "call"); }, history);
  CheckAgainstOracle(calls, history);
  co_return;
}

}  // namespace
}  // namespace hocket::testing
