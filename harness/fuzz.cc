#include "harness/fuzz.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "harness/bytes.h"
#include "harness/execution.h"
#include "harness/expectations.h"
#include "harness/report/failure_report.h"
#include "hocket/check.h"
#include "hocket/testing/explore.h"

// libFuzzer, AFL++'s driver and Centipede's runner all define it.
extern "C" __attribute__((weak)) int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                                         int (*callback)(const std::uint8_t* data, std::size_t size));

namespace hocket::testing {

namespace {

// One input after another. Lives as long as the process: engines leave by exit().
class FuzzTarget {
 public:
  FuzzTarget(const Body& body, const ExploreOptions& options)
      : body_(body), options_(options), execution_(body_, options_) {
    options_.expectations = &expectations_;
  }

  void RunOne(const std::uint8_t* data, std::size_t size) {
    strategy_.SetInput(data, size);
    const std::optional<ExecutionFailure>& failure = execution_.Run(strategy_).failure;
    if (!failure || failure->identity.kind == kSkipped) return;
    ReportAndDie(std::string(reinterpret_cast<const char*>(data), size));
  }

 private:
  // Explores the one execution that the bytes stand for, which shrinks it.
  [[noreturn]] void ReportAndDie(const std::string& bytes) {
    options_.executions = 1;
    options_.first_execution = 0;
    options_.shards = 1;
    options_.shard = 0;
    options_.strategy = [&bytes](std::uint64_t) {
      auto strategy = std::make_unique<BytesStrategy>();
      strategy->SetInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      return strategy;
    };
    const Exploration exploration = Explore(body_, options_);
    if (exploration.failure) {
      const FoundFailure& found = *exploration.failure;
      if (!found.failure.file.empty())
        std::fprintf(stderr, "%s:%d: Failure\n", found.failure.file.c_str(), found.failure.line);
      std::fprintf(stderr, "%s", FailureReport(found, exploration, options_).c_str());
      const FailureIdentity& identity = found.failure.identity;
      // libFuzzer compares this token while it minimises, so that it does not slide to another failure.
      std::fprintf(stderr, "DEDUP_TOKEN: %s:%s:%08x\n", options_.test.c_str(), identity.kind.c_str(),
                   static_cast<unsigned>(identity.id));
    } else {
      std::fprintf(stderr, "%s\n", exploration.Statement().c_str());
    }
    std::fflush(stderr);
    std::abort();
  }

  Body body_;
  HeldExpectations expectations_;
  ExploreOptions options_;
  Execution execution_;
  BytesStrategy strategy_;
};

FuzzTarget* target = nullptr;

struct FuzzRequest {
  std::string test;
  int argc;
  char** argv;
  int status = EXIT_FAILURE;
};
FuzzRequest* request = nullptr;

int RunOneInput(const std::uint8_t* data, std::size_t size) {
  target->RunOne(data, size);
  return 0;
}

}  // namespace

void SetFuzzedTest(const std::string& test, int argc, char** argv) { request = new FuzzRequest{test, argc, argv}; }

bool IsFuzzed(const std::string& test) { return request != nullptr && request->test == test; }

int FuzzStatus() { return request == nullptr ? EXIT_FAILURE : request->status; }

bool FuzzEngineLinked() { return LLVMFuzzerRunDriver != nullptr; }

void RunFuzzer(const Body& body, const ExploreOptions& options) {
  HOCKET_CHECK(FuzzEngineLinked()) << "no fuzzing engine is linked: build with --config=libfuzzer";
  HOCKET_CHECK(request != nullptr) << "which test is fuzzed is said before it runs";
  target = new FuzzTarget(body, options);
  request->status = LLVMFuzzerRunDriver(&request->argc, &request->argv, &RunOneInput);
}

}  // namespace hocket::testing
