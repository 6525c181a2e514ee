// Numbers in environment variables.
#ifndef HOCKET_HARNESS_NUMBER_H_
#define HOCKET_HARNESS_NUMBER_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"

namespace hocket::testing {

// Reads the decimal number in the variable `name` into `number`, which stays as it is if there is no such variable. An
// error says what is wrong at which character.
absl::Status ReadNumber(const char* name, std::uint64_t min, std::uint64_t& number,
                        std::uint64_t max = std::numeric_limits<std::uint64_t>::max());

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_NUMBER_H_
