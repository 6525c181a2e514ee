// Summary: what all explorations of a process have done, as a table and as JSON.
//
//     hocket: explored 2 tests in 1.3 s
//       test           strategy  executions  distinct     steps  per second    time  result
//       Bank.Audit     default            7         4        31      12,301   0.0 s  fails: expect 5f3a9c01
//       Queue.IsFifo   default        1,000       620   104,223     803,212   1.3 s  no violation
//
// docs/debugging.md has the members of the JSON.
//
// Test: tests/summary_test.cc.
#ifndef HOCKET_HARNESS_REPORT_SUMMARY_H_
#define HOCKET_HARNESS_REPORT_SUMMARY_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "harness/settings.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

struct SummaryRow {
  std::string test;
  Exploration exploration;
  std::uint64_t seed = 1;
  std::string strategy;  // as it was asked for
  unsigned jobs = 1;
  std::chrono::nanoseconds time{};  // of the whole test, shrinking and stored schedules included
};

// Empty if there are no rows.
std::string SummaryTable(const std::vector<SummaryRow>& rows);
std::string SummaryJson(const std::vector<SummaryRow>& rows);

// Adds a row to the summary of this process. If the settings name a file, writes the JSON of all rows up to now, so
// that the file says something even if the process dies later; an error if it cannot be written. The table is printed
// when the last test has ended, unless the settings want quiet.
absl::Status AddToSummary(SummaryRow row, const Settings& settings);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_SUMMARY_H_
