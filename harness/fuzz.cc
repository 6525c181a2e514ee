#include "harness/fuzz.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "harness/bytes.h"
#include "harness/execution.h"
#include "harness/expectations.h"
#include "harness/report/failure_report.h"
#include "harness/settings.h"
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
  FuzzTarget(const std::string& test, TestBody body, const Settings& settings)
      : body_(body), execution_(body_, options_) {
    options_.test = test;
    options_.steps_per_execution = settings.steps;
    options_.expectations = &expectations_;
  }

  void RunOne(const std::uint8_t* data, std::size_t size) {
    strategy_.SetInput(data, size);
    if (!execution_.Run(strategy_).failure) return;
    ReportAndDie(std::string(reinterpret_cast<const char*>(data), size));
  }

 private:
  // Explores the one execution that the bytes stand for, which shrinks it.
  [[noreturn]] void ReportAndDie(const std::string& bytes) {
    options_.executions = 1;
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

int RunOneInput(const std::uint8_t* data, std::size_t size) {
  target->RunOne(data, size);
  return 0;
}

}  // namespace

bool FuzzEngineLinked() { return LLVMFuzzerRunDriver != nullptr; }

int RunFuzzer(const std::string& test, TestBody body, int argc, char** argv) {
  HOCKET_CHECK(FuzzEngineLinked()) << "no fuzzing engine is linked: build with --config=libfuzzer";
  const absl::StatusOr<Settings> settings = ReadSettings();
  HOCKET_CHECK(settings.ok()) << MessageOf(settings.status());
  target = new FuzzTarget(test, body, *settings);
  return LLVMFuzzerRunDriver(&argc, &argv, &RunOneInput);
}

}  // namespace hocket::testing
