#include "harness/fuzz_target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "harness/report/failure_report.h"

namespace hocket::testing {

namespace {

// Nobody sees what a target of afl-fuzz prints, and a crash that takes time counts as a hang.
bool NobodyListens() { return std::getenv("__AFL_SHM_ID") != nullptr; }

}  // namespace

FuzzTarget::FuzzTarget(const Body& body, const ExploreOptions& options, std::vector<FailureIdentity> known)
    : body_(body), options_(options), known_(std::move(known)), execution_(body_, options_) {
  options_.expectations = &expectations_;
  coverage_.Follow(strategy_);
}

void FuzzTarget::RunOne(const std::uint8_t* data, std::size_t size) {
  strategy_.SetInput(data, size);
  const std::optional<ExecutionFailure>& failure = execution_.Run(coverage_).failure;
  if (failure && failure->identity.kind != kSkipped && !IsKnown(failure->identity)) ReportAndDie(data, size);
}

bool FuzzTarget::IsKnown(const FailureIdentity& identity) const {
  return std::find(known_.begin(), known_.end(), identity) != known_.end();
}

// Explores the one execution that the bytes stand for, which shrinks it.
void FuzzTarget::ReportAndDie(const std::uint8_t* data, std::size_t size) {
  if (NobodyListens()) std::abort();
  options_.executions = 1;
  options_.first_execution = 0;
  options_.shards = 1;
  options_.shard = 0;
  options_.strategy = [data, size](std::uint64_t) {
    auto strategy = std::make_unique<BytesStrategy>();
    strategy->SetInput(data, size);
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

}  // namespace hocket::testing
