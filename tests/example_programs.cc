#include "tests/example_programs.h"

#include <array>
#include <cstdio>
#include <memory>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "examples/connection_pool.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

const std::vector<ExampleProgram>& ExamplePrograms() {
  static const auto* programs = new std::vector<ExampleProgram>{
      {"bank", "BankTest.AuditSeesAllTheMoney", [] { return examples::TransferAndAudit(examples::Transfer); },
       [] { return examples::TransferAndAudit(examples::TransferAtOnce); }},
      {"bounded_queue", "BoundedQueueTest.EverythingThatGoesInComesOut",
       [] { return examples::ProduceAndConsume(examples::Wake::kOne); },
       [] { return examples::ProduceAndConsume(examples::Wake::kAll); }},
      {"connection_pool", "ConnectionPoolTest.SlotsComeBackWhenQueriesTimeOut",
       [] { return examples::QueryWithTimeouts(examples::QueryThenLease); },
       [] { return examples::QueryWithTimeouts(examples::LeaseThenQuery); }},
  };
  return *programs;
}

std::string TraceHashes(const Body& body) {
  const std::unique_ptr<Strategy> walk = MakeRandomWalk(1);
  std::string text;
  for (int i = 0; i < kTraceHashes; ++i) {
    std::array<char, 32> line{};
    std::snprintf(
        line.data(), line.size(), "%016llx\n",
        static_cast<unsigned long long>(RunStrategy(body, *walk, static_cast<std::uint64_t>(i)).trace.Hash()));
    text += line.data();
  }
  return text;
}

}  // namespace hocket::testing
