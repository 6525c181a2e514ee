// TestOptions: how one test is explored, said at the test.
//
//     HOCKET_TEST(Queue, KeepsItsOrder, {.executions = 50, .strategy = "pct:5"}) { ... }
//
// What is not set is as for every other test. The environment and flags (test.h) win over what is set here, so that one
// test can be looked at in another way without being edited.
#ifndef HOCKET_TESTING_OPTIONS_H_
#define HOCKET_TESTING_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "hocket/run.h"
#include "hocket/testing/detectors.h"

namespace hocket::testing {

// A value without shared state. Bad values (a strategy that is none, no execution at all) fail the test.
struct TestOptions {
  std::optional<std::uint64_t> executions;       // HOCKET_EXECUTIONS
  std::optional<std::string> strategy;           // HOCKET_STRATEGY, spelt as for ParseStrategy (strategy.h)
  std::optional<std::uint64_t> seed;             // HOCKET_SEED
  std::optional<std::uint64_t> steps;            // HOCKET_STEPS: of one execution
  std::optional<std::chrono::nanoseconds> time;  // HOCKET_TIME: of all executions
  std::optional<unsigned> jobs;                  // HOCKET_JOBS
  std::optional<bool> isolate;                   // HOCKET_ISOLATE: a process for each execution
  // What may happen in an execution, and what is looked for: these belong to the test, and have no variable.
  TimePasses time_passes = TimePasses::kAnytime;
  WakeOrder wake_order = WakeOrder::kFirst;
  bool faults = true;
  bool cancellations = true;
  DetectorOptions detectors;
};

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_OPTIONS_H_
