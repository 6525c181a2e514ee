#include "harness/detectors/identity.h"

#include <algorithm>

#include "harness/position_tracker.h"

namespace hocket::testing {

std::uint32_t IdentityOf(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return static_cast<std::uint32_t>(HashOperation(text) >> 32);
}

}  // namespace hocket::testing
