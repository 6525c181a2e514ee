#include "harness/decisions.h"

#include <array>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

namespace {

constexpr std::size_t kWords = 3;

absl::Status BadWord(const char* which, const std::string& word, std::size_t place) {
  return absl::InvalidArgumentError("input, " + std::string(which) + ", character " + std::to_string(place + 1) +
                                    ": expected runs such as 0x5.2, found '" + word + "'");
}

std::optional<std::uint32_t> TakeNumber(const std::string& word, std::size_t& place) {
  std::uint64_t number = 0;
  const std::size_t begin = place;
  for (; place < word.size() && word[place] >= '0' && word[place] <= '9'; ++place) {
    number = number * 10 + static_cast<std::uint64_t>(word[place] - '0');
    if (number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  }
  return place == begin ? std::nullopt : std::optional(static_cast<std::uint32_t>(number));
}

absl::StatusOr<std::vector<std::uint32_t>> ReadRuns(const char* which, const std::string& word) {
  std::vector<std::uint32_t> numbers;
  if (word == "-") return numbers;
  for (std::size_t place = 0;; ++place) {
    const std::optional<std::uint32_t> number = TakeNumber(word, place);
    std::optional<std::uint32_t> times = 1;
    if (number && place < word.size() && word[place] == 'x') times = TakeNumber(word, ++place);
    if (!number || !times || *times == 0 || *times > kMaxDecisions - numbers.size() ||
        (place < word.size() && word[place] != '.'))
      return BadWord(which, word, place);
    numbers.insert(numbers.end(), *times, *number);
    if (place == word.size()) return numbers;
  }
}

// Decimal digits, from the right.
struct Digits {
  explicit Digits(std::uint64_t number) noexcept {
    do {
      text[--begin] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
  }
  const char* data() const noexcept { return text.data() + begin; }
  std::size_t size() const noexcept { return text.size() - begin; }

  std::array<char, 20> text{};
  std::size_t begin = text.size();
};

}  // namespace

absl::StatusOr<std::optional<Decisions>> TakeDecisions(std::vector<std::string>& input) {
  if (input.size() < kWords || input[input.size() - kWords] != kDecisions) return std::optional<Decisions>();
  absl::StatusOr<std::vector<std::uint32_t>> picks = ReadRuns("picks", input[input.size() - 2]);
  if (!picks.ok()) return picks.status();
  absl::StatusOr<std::vector<std::uint32_t>> draws = ReadRuns("draws", input[input.size() - 1]);
  if (!draws.ok()) return draws.status();
  input.resize(input.size() - kWords);
  return std::optional<Decisions>({*std::move(picks), *std::move(draws)});
}

void FormatRuns(const std::uint32_t* numbers, std::size_t count,
                void (*put)(void* to, const char* text, std::size_t size), void* to) noexcept {
  if (count == 0) put(to, "-", 1);
  for (std::size_t i = 0; i < count;) {
    const std::size_t begin = i;
    while (i < count && numbers[i] == numbers[begin]) ++i;
    if (begin > 0) put(to, ".", 1);
    const Digits number(numbers[begin]);
    put(to, number.data(), number.size());
    if (i - begin == 1) continue;
    put(to, "x", 1);
    const Digits times(i - begin);
    put(to, times.data(), times.size());
  }
}

}  // namespace hocket::testing
