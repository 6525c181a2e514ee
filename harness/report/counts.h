// Numbers in sentences.
#ifndef HOCKET_HARNESS_REPORT_COUNTS_H_
#define HOCKET_HARNESS_REPORT_COUNTS_H_

#include <cstdint>
#include <string>

namespace hocket::testing {

// "1,234,567".
std::string Thousands(std::uint64_t n);

// "1 execution", "1,234 executions".
std::string Count(std::uint64_t n, const std::string& noun);

// A share from 0 to 1 in percent: "41 %". Less than all is at most 99, more than nothing at least 1.
std::string Percent(double share);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_COUNTS_H_
