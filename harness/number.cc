#include "harness/number.h"

#include <cstddef>
#include <cstdlib>
#include <string>

namespace hocket::testing {

absl::Status ReadNumber(const char* name, std::uint64_t min, std::uint64_t& number, std::uint64_t max) {
  const char* text = std::getenv(name);
  if (text == nullptr) return absl::OkStatus();
  std::uint64_t value = 0;
  std::size_t i = 0;
  for (; text[i] >= '0' && text[i] <= '9'; ++i) {
    const auto digit = static_cast<std::uint64_t>(text[i] - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) break;
    value = value * 10 + digit;
  }
  const bool is_number = i > 0 && text[i] == '\0';
  if (!is_number || value < min || value > max) {
    return absl::InvalidArgumentError(std::string(name) + ", character " + std::to_string(is_number ? 1 : i + 1) +
                                      ": expected a number from " + std::to_string(min) + " to " + std::to_string(max) +
                                      ", found '" + text + "'");
  }
  number = value;
  return absl::OkStatus();
}

}  // namespace hocket::testing
