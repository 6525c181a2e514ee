#include "harness/report/counts.h"

#include <algorithm>

namespace hocket::testing {

std::string Thousands(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
  return text;
}

std::string Count(std::uint64_t n, const std::string& noun) { return Thousands(n) + " " + noun + (n == 1 ? "" : "s"); }

std::string Percent(double share) {
  if (!(share > 0)) return "0 %";
  if (share >= 1) return "100 %";
  return std::to_string(std::clamp(static_cast<int>(share * 100 + 0.5), 1, 99)) + " %";
}

}  // namespace hocket::testing
