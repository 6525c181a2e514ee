#include "hocket/testing/draw_input.h"

#include <limits>

namespace hocket::testing {

namespace {

template <class Weights>
std::size_t DrawIndex(const Weights& weights, const char* label) {
  std::uint64_t total = 0;
  for (const std::uint32_t weight : weights) total += weight;
  HOCKET_CHECK(total > 0 && total <= std::numeric_limits<std::uint32_t>::max())
      << "the weights for '" << label << "' must have a sum from 1 to 2^32 - 1";
  std::uint32_t left = Choose(static_cast<std::uint32_t>(total), label);
  std::size_t index = 0;
  for (const std::uint32_t weight : weights) {
    if (left < weight) break;
    left -= weight;
    ++index;
  }
  return index;
}

}  // namespace

std::uint64_t internal::DrawUpTo(std::uint64_t last, const char* label) {
  if (last < std::numeric_limits<std::uint32_t>::max()) return Choose(static_cast<std::uint32_t>(last) + 1, label);
  constexpr std::uint32_t kDigit = std::uint32_t{1} << 16;
  std::uint64_t value = 0;
  bool is_below = false;  // some digit is below that of `last`: the others are free
  for (int shift = 48; shift >= 0; shift -= 16) {
    const std::uint32_t highest = is_below ? kDigit - 1 : static_cast<std::uint32_t>(last >> shift) % kDigit;
    const std::uint32_t digit = Choose(highest + 1, label);
    is_below = is_below || digit < highest;
    value = value << 16 | digit;
  }
  return value;
}

std::size_t DrawWeighted(std::initializer_list<std::uint32_t> weights, const char* label) {
  return DrawIndex(weights, label);
}

std::size_t DrawWeighted(const std::vector<std::uint32_t>& weights, const char* label) {
  return DrawIndex(weights, label);
}

bool DrawChance(std::uint32_t times, std::uint32_t of, const char* label) {
  HOCKET_CHECK(times <= of && of > 0) << "a chance for '" << label << "' is at most 1: " << times << " of " << of;
  // 0 is the simplest, so the false ones come first.
  return times == of || (times > 0 && Choose(of, label) >= of - times);
}

std::string DrawBytes(std::size_t max_size, const char* label) {
  std::string bytes(internal::DrawUpTo(max_size, label), '\0');
  for (char& byte : bytes) byte = static_cast<char>(Choose(256, label));
  return bytes;
}

std::string DrawText(std::size_t max_size, const char* label) {
  std::string text;
  while (text.size() < max_size) {
    const std::uint32_t byte = Choose(256, label);
    if (byte == 0 && !Coin(label)) break;
    text += static_cast<char>(byte);
  }
  return text;
}

}  // namespace hocket::testing
