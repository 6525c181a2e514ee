// A test as a fuzzing engine sees it: a function of bytes that returns, or dies.
#ifndef HOCKET_HARNESS_FUZZ_TARGET_H_
#define HOCKET_HARNESS_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/bytes.h"
#include "harness/execution.h"
#include "harness/expectations.h"
#include "harness/interleaving_coverage.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// Runs one input after another, each in an execution of its own.
//
// What cannot happen: an input that returns although its execution has failed, unless the failure is a known one. An
// execution that asks for its test to be skipped has not failed.
//
// Lifetime: as long as the process, for engines leave by exit() while it is in use.
class FuzzTarget {
 public:
  // `known`: failures that everybody knows of, so that fuzzing goes on past them.
  FuzzTarget(const Body& body, const ExploreOptions& options, std::vector<FailureIdentity> known);

  // Runs the execution that the bytes stand for (docs/fuzz_format.md). If it fails, its report goes to standard error
  // with a line `DEDUP_TOKEN: ` that names the failure, and the process aborts: what every engine takes for a crash.
  void RunOne(const std::uint8_t* data, std::size_t size);

 private:
  bool IsKnown(const FailureIdentity& identity) const;
  [[noreturn]] void ReportAndDie(const std::uint8_t* data, std::size_t size);

  Body body_;
  HeldExpectations expectations_;
  ExploreOptions options_;
  const std::vector<FailureIdentity> known_;
  Execution execution_;
  BytesStrategy strategy_;
  InterleavingCoverage coverage_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_FUZZ_TARGET_H_
