#include "harness/detectors/livelock.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "harness/detectors/identity.h"

namespace hocket::testing {

namespace {

// A circle must have been gone round so often, and may have so many steps, to be printed step by step.
constexpr std::size_t kRounds = 3;
constexpr std::size_t kMaxCycle = 24;
constexpr std::size_t kMaxListed = 24;

std::string TextOf(const Place& place) {
  std::string text = place.path + " goes on from " + place.operation;
  if (place.where.line() != 0)
    text += std::string(" at ") + place.where.file_name() + ":" + std::to_string(place.where.line());
  return text;
}

std::string Times(std::size_t count) { return std::to_string(count) + (count == 1 ? " time" : " times"); }

// Tasks that have turns without doing anything, while others do something: what they wait for does not come.
std::string StarvedLines(const std::vector<Place>& places, const std::vector<std::size_t>& counts) {
  std::vector<TaskId> working;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (counts[i] > 0 && places[i].works) working.push_back(places[i].task);
  }
  std::string text;
  if (working.empty()) return text;
  std::vector<TaskId> told = working;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (counts[i] == 0 || std::find(told.begin(), told.end(), places[i].task) != told.end()) continue;
    told.push_back(places[i].task);
    text += "\n  starved: " + places[i].path + " has its turns, and does nothing but look and give way";
  }
  return text;
}

}  // namespace

std::size_t ShortestPeriod(const std::vector<std::uint32_t>& sequence) {
  // border[i]: the length of the longest proper prefix of the first i + 1 elements that is also their suffix.
  std::vector<std::size_t> border(sequence.size(), 0);
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    std::size_t length = border[i - 1];
    while (length > 0 && sequence[i] != sequence[length]) length = border[length - 1];
    border[i] = sequence[i] == sequence[length] ? length + 1 : 0;
  }
  return sequence.size() - border.back();
}

std::optional<ExecutionFailure> FindLivelock(const FairTurns& turns, const RunOutcome& outcome) {
  const std::size_t half = turns.turns.size() / 2;
  if (half == 0) return std::nullopt;
  const auto middle = turns.turns.begin() + static_cast<std::ptrdiff_t>(half);
  const std::uint32_t known = *std::max_element(turns.turns.begin(), middle);
  const std::vector<std::uint32_t> tail(middle, turns.turns.end());
  if (*std::max_element(tail.begin(), tail.end()) > known) return std::nullopt;

  std::vector<std::size_t> counts(turns.places.size(), 0);
  for (const std::uint32_t place : tail) ++counts[place];
  std::vector<std::string> operations;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) operations.push_back(turns.places[i].operation);
  }

  ExecutionFailure failure;
  failure.identity = {"livelock", IdentityOf(operations)};
  std::string& text = failure.message;
  text = "livelock: " + std::to_string(outcome.steps) + " steps were taken, and the last " +
         std::to_string(turns.turns.size() + turns.jumps) + " of them went in circles although everybody had turns";
  const std::size_t period = ShortestPeriod(tail);
  if (period <= kMaxCycle && period * kRounds <= tail.size()) {
    // From the place on that came up first.
    const auto first = std::min_element(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(period));
    text += "\n  the cycle, " + Times(tail.size() / period) + ":";
    for (std::size_t i = 0; i < period; ++i)
      text += "\n    " + TextOf(turns.places[*(first + static_cast<std::ptrdiff_t>(i))]);
  } else {
    text += "\n  again and again:";
    std::size_t listed = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0 || ++listed > kMaxListed) continue;
      text += "\n    " + TextOf(turns.places[i]) + ", " + Times(counts[i]);
    }
    if (listed > kMaxListed) text += "\n    and " + std::to_string(listed - kMaxListed) + " more places";
  }
  if (turns.jumps > 0) text += "\n  time passes meanwhile, " + Times(turns.jumps);
  text += StarvedLines(turns.places, counts);
  // The tasks that had not ended.
  const std::string all = outcome.ToString();
  text += all.substr(std::min(all.find('\n'), all.size()));
  return failure;
}

}  // namespace hocket::testing
