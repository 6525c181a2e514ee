// One execution: the step from which search, shrinking and replay are made.
#ifndef HOCKET_HARNESS_EXECUTION_H_
#define HOCKET_HARNESS_EXECUTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "hocket/run.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// What an execution decided and how it ended: enough to run it again exactly, cheap enough to keep for each.
struct Record {
  std::vector<AlternativeId> picks;
  std::vector<std::uint32_t> draws;
  std::uint64_t hash = 0;  // of both
  std::uint64_t steps = 0;
  std::optional<ExecutionFailure> failure;
};

// Runs executions of one body.
class Execution {
 public:
  Execution(const Body& body, const ExploreOptions& options) : body_(body), options_(options) {}

  // Runs the body under `chooser`. The record is valid until the next call.
  const Record& Run(Chooser& chooser, Observer* observer = nullptr);

 private:
  const Body& body_;
  const ExploreOptions& options_;
  Runner runner_;
  Record record_;
};

// The failure that an outcome is, if it is one.
std::optional<ExecutionFailure> FailureOf(const RunOutcome& outcome);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_EXECUTION_H_
