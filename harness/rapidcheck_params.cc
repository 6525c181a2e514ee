#include "harness/rapidcheck_params.h"

#include <cstdlib>
#include <limits>

#include "absl/status/status.h"

namespace hocket::testing {

namespace {

constexpr char kKeys[] =
    "seed, max_success, max_size, max_discard_ratio, noshrink, verbose_progress, verbose_shrinking or reproduce";
// What RapidCheck itself can hold.
constexpr std::uint64_t kMaxInt = std::numeric_limits<int>::max();
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

absl::Status Bad(std::size_t place, const std::string& expected, const std::string& found) {
  return absl::InvalidArgumentError("RC_PARAMS, character " + std::to_string(place + 1) + ": expected " + expected +
                                    ", found " + (found.empty() ? "nothing" : "'" + found + "'"));
}

// A word up to a space or `end`, or one in quotes, in which a backslash makes any character an ordinary one.
absl::StatusOr<std::string> TakeWord(const std::string& text, std::size_t& place, char end) {
  std::string word;
  if (place < text.size() && (text[place] == '"' || text[place] == '\'')) {
    const char quote = text[place++];
    for (; place < text.size() && text[place] != quote; ++place) {
      if (text[place] == '\\' && place + 1 < text.size()) ++place;
      word += text[place];
    }
    if (place == text.size()) return Bad(place, std::string("a closing ") + quote, "");
    ++place;
    return word;
  }
  for (; place < text.size() && !IsSpace(text[place]) && text[place] != end; ++place) word += text[place];
  return word;
}

absl::StatusOr<std::uint64_t> NumberIn(const std::string& word, std::size_t place, std::uint64_t max) {
  std::uint64_t number = 0;
  bool is_number = !word.empty();
  for (const char c : word) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    is_number = is_number && c >= '0' && c <= '9' && number <= (kMax - digit) / 10;
    if (!is_number) break;
    number = number * 10 + digit;
  }
  if (!is_number || number > max) return Bad(place, "a number from 0 to " + std::to_string(max), word);
  return number;
}

// Where the value of a key goes, and the largest that it may be.
absl::Status Take(const std::string& key, const std::string& value, std::size_t key_place, std::size_t value_place,
                  RapidCheckParams& params) {
  if (key == "reproduce") return absl::OkStatus();
  const bool is_number = key == "max_success" || key == "max_size" || key == "max_discard_ratio";
  const bool is_switch = key == "noshrink" || key == "verbose_progress" || key == "verbose_shrinking";
  if (key != "seed" && !is_number && !is_switch) return Bad(key_place, kKeys, key);
  const absl::StatusOr<std::uint64_t> number = NumberIn(value, value_place, is_switch ? 1 : is_number ? kMaxInt : kMax);
  if (!number.ok()) return number.status();
  if (key == "seed") params.seed = *number;
  if (key == "max_success") params.max_success = *number;
  if (key == "max_size") params.max_size = *number;
  if (key == "max_discard_ratio") params.max_discard_ratio = *number;
  if (key == "noshrink") params.noshrink = *number == 1;
  if (key == "verbose_progress") params.verbose_progress = *number == 1;
  if (key == "verbose_shrinking") params.verbose_shrinking = *number == 1;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RapidCheckParams> ParseRapidCheckParams(const std::string& text) {
  RapidCheckParams params;
  for (std::size_t place = 0;;) {
    while (place < text.size() && IsSpace(text[place])) ++place;
    if (place == text.size()) return params;
    const std::size_t key_place = place;
    const absl::StatusOr<std::string> key = TakeWord(text, place, '=');
    if (!key.ok()) return key.status();
    // Without a value, that is missing right behind the key.
    std::size_t value_place = place;
    std::string value;
    std::size_t next = place;
    while (next < text.size() && IsSpace(text[next])) ++next;
    if (next < text.size() && text[next] == '=') {
      place = next + 1;
      while (place < text.size() && IsSpace(text[place])) ++place;
      value_place = place;
      absl::StatusOr<std::string> word = TakeWord(text, place, '\0');
      if (!word.ok()) return word.status();
      value = *std::move(word);
    }
    if (absl::Status status = Take(*key, value, key_place, value_place, params); !status.ok()) return status;
  }
}

absl::StatusOr<RapidCheckParams> ReadRapidCheckParams() {
  const char* text = std::getenv("RC_PARAMS");
  return ParseRapidCheckParams(text == nullptr ? "" : text);
}

}  // namespace hocket::testing
